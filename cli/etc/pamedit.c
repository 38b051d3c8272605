/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A file of /etc/pam.d with one line more, or one less.
 *
 * Owns: the place of the line: below the line that starts the systemd session, or, without such a
 * line, below the last rule or include for sessions.
 * Relies on: pamfile.h. The result is parsed once more and compared before it is returned.
 */

#include "pamedit.h"

#include <errno.h>
#include <string.h>

/* What hinders any change. Our rule's place is handed out, file->n if there is none. */
static enum pamedit_reason pamedit_look(const struct pamfile *file, size_t *ret_ours) {
        enum pamedit_reason reason = PAMEDIT_DONE;
        size_t ours = file->n;

        for (size_t i = 0; i < file->n && !reason; i++) {
                const struct pamfile_line *line = &file->lines[i];

                if (line->kind == PAMFILE_ODD)
                        reason = PAMEDIT_ODD;
                else if (pamfile_is_module(line, PAMFILE_MODULE) && ours < file->n)
                        reason = PAMEDIT_SEVERAL;
                if (reason || pamfile_is_module(line, PAMFILE_MODULE))
                        ours = i;
        }
        *ret_ours = ours;
        return reason;
}

static size_t pamedit_find_comment(const struct pamfile *file) {
        for (size_t i = 0; i < file->n; i++)
                if (file->lines[i].kind == PAMFILE_COMMENT &&
                    pamfile_mentions(&file->lines[i], PAMFILE_MODULE))
                        return i;
        return file->n;
}

/* Behind which line: file->n if there is none. */
static size_t pamedit_place(const struct pamfile *file, pamedit_weigh weigh, void *context) {
        size_t place = file->n;
        int best = 0;

        for (size_t i = 0; i < file->n; i++) {
                const struct pamfile_line *line = &file->lines[i];
                int weight = 0;

                if (pamfile_includes(line) || pamfile_is_session(line))
                        weight = weigh(context, line);
                if (!weight || weight < best)
                        continue;
                best = weight;
                place = i;
        }
        return place;
}

/* A rule above the place that counts its way over it. An include may have no rules at all. */
static size_t pamedit_find_jump(const struct pamfile *file, size_t place) {
        for (size_t i = 0; i <= place; i++) {
                size_t between = 0;

                if (!pamfile_is_session(&file->lines[i]))
                        continue;
                for (size_t k = i + 1; k <= place; k++)
                        between += pamfile_is_session(&file->lines[k]) &&
                                   !pamfile_includes(&file->lines[k]);
                if (pamfile_jump(&file->lines[i]) > between)
                        return i;
        }
        return file->n;
}

/* All lines of one are in the other, which has our rule besides. */
static bool pamedit_differ_by_ours(const struct pamfile *without, const struct pamfile *with,
                                   size_t ours) {
        if (with->n != without->n + 1 || ours >= with->n ||
            !pamfile_is_module(&with->lines[ours], PAMFILE_MODULE))
                return false;
        for (size_t i = 0; i < without->n; i++) {
                struct pamfile_text a = without->lines[i].whole;
                struct pamfile_text b = with->lines[i + (i >= ours)].whole;

                /* the last line of a file may have no newline */
                a.size -= a.text[a.size - 1] == '\n';
                b.size -= b.text[b.size - 1] == '\n';
                if (a.size != b.size || memcmp(a.text, b.text, a.size) != 0)
                        return false;
        }
        return true;
}

static int pamedit_check(const struct pamfile *before, const struct pamedit *edit, bool added) {
        _cleanup_(pamfile_freep) struct pamfile *after = NULL;
        int r = pamfile_parse(edit->data, edit->size, &after);

        if (r)
                return r < 0 ? r : PAMEDIT_WRONG;
        if (added ? pamedit_differ_by_ours(before, after, edit->number - 1)
                  : pamedit_differ_by_ours(after, before, edit->number - 1))
                return PAMEDIT_DONE;
        return PAMEDIT_WRONG;
}

static int pamedit_hand_out(const struct pamfile *before, struct pamedit *edit, bool added,
                            struct pamedit *ret_edit) {
        int r = pamedit_check(before, edit, added);

        if (r) {
                free(edit->data);
                edit->data = NULL;
                edit->size = 0;
        }
        if (r < 0)
                return r;
        edit->reason = r;
        *ret_edit = *edit;
        return 0;
}

/**
 * pamedit_clear() - free what an edit has
 * @edit:       the edit
 */
void pamedit_clear(struct pamedit *edit) {
        free(edit->data);
        free(edit->base);
        *edit = (struct pamedit){ .size = 0 };
}

/* Put a rule where it belongs. A comment that is the very rule is only found. */
static int pamedit_put(const char *data, size_t size, const char *rule, pamedit_weigh weigh,
                       void *context, struct pamedit *ret_edit) {
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;
        struct pamedit edit = { .size = size + strlen(rule) + 1 };
        size_t place, before;
        char *end;
        int r;

        r = pamfile_parse(data, size, &file);
        if (r < 0)
                return r;
        if (r) {
                *ret_edit = (struct pamedit){ .reason = PAMEDIT_INVALID };
                return 0;
        }
        edit.reason = pamedit_look(file, &place);
        if (!edit.reason && place < file->n)
                edit.reason = PAMEDIT_NOTHING;
        if (!edit.reason && (place = pamedit_find_comment(file)) < file->n)
                edit.reason = PAMEDIT_COMMENTED;
        if (!edit.reason && (place = pamedit_place(file, weigh, context)) == file->n)
                edit.reason = PAMEDIT_NO_PLACE;
        if (!edit.reason && (before = pamedit_find_jump(file, place)) < file->n) {
                edit.reason = PAMEDIT_JUMP;
                place = before;
        }
        if (edit.reason) {
                *ret_edit = (struct pamedit){ .reason = edit.reason, .number = place + 1 };
                return 0;
        }

        before = (size_t)(file->lines[place].whole.text - data) + file->lines[place].whole.size;
        edit.number = place + 2;
        edit.data = malloc(edit.size);
        if (!edit.data)
                return -ENOMEM;
        /* behind a last line without a newline, ours has none either */
        end = mempcpy(edit.data, data, before);
        if (data[before - 1] != '\n')
                *end++ = '\n';
        end = mempcpy(end, rule, strlen(rule));
        if (data[before - 1] == '\n')
                *end++ = '\n';
        (void)memcpy(end, data + before, size - before);
        return pamedit_hand_out(file, &edit, true, ret_edit);
}

/* The one line that a text is, if that is a rule with our module. */
static bool pamedit_one(const char *text, size_t size, struct pamfile_line *ret_line) {
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;

        if (pamfile_parse(text, size, &file) || file->n != 1 ||
            !pamfile_is_session(&file->lines[0]) ||
            !pamfile_is_module(&file->lines[0], PAMFILE_MODULE))
                return false;
        *ret_line = file->lines[0];
        return true;
}

/* Whether all arguments of a rule are another's, too, or say only how the module works. */
static bool pamedit_has_all(const struct pamfile_line *has, const struct pamfile_line *line,
                            bool others) {
        static const char *const known[] = { "debug", "strict", "open_timeout=" };
        struct pamfile_text rest = line->arguments, word;

        while (pamfile_word(&rest, &word)) {
                _cleanup_(freep) char *argument = strndup(word.text, word.size);
                bool good = argument && pamfile_has_argument(has, argument);

                for (size_t i = 0; !good && argument && others && i < 3; i++)
                        good = !strncmp(argument, known[i], strlen(known[i]));
                if (!good)
                        return false;
        }
        return true;
}

/* The rule that a comment is, as it stands there: the one that is to come, however many blanks are
 * between its words, perhaps with more arguments. Return: NULL if it is another one. */
static char *pamedit_uncomment(const struct pamfile_text *comment, const char *rule) {
        const char *at = comment->text, *end = at + comment->size;
        struct pamfile_line was, wanted;

        while (at < end && strchr("# \t", *at))
                at++;
        while (end > at && strchr(" \t\r\n", end[-1]))
                end--;
        if (!pamedit_one(at, (size_t)(end - at), &was) ||
            !pamedit_one(rule, strlen(rule), &wanted) || was.module.size != wanted.module.size ||
            memcmp(was.module.text, wanted.module.text, was.module.size) != 0 ||
            !(pamfile_text_is(&was.control, "optional") ||
              pamfile_text_is(&was.control, "required")) ||
            !pamedit_has_all(&was, &wanted, false) || !pamedit_has_all(&wanted, &was, true))
                return NULL;
        return strndup(at, (size_t)(end - at));
}

/* The file without a line. */
static int pamedit_drop(const char *data, size_t size, size_t number, struct pamedit *ret_edit) {
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;
        int r = pamfile_parse(data, size, &file);
        size_t from, to;

        if (r)
                return r < 0 ? r : -EINVAL;
        from = (size_t)(file->lines[number - 1].whole.text - data);
        to = from + file->lines[number - 1].whole.size;
        ret_edit->comment = number;
        ret_edit->base_size = size - (to - from);
        ret_edit->base = malloc(ret_edit->base_size ? ret_edit->base_size : 1);
        if (!ret_edit->base)
                return -ENOMEM;
        (void)memcpy(mempcpy(ret_edit->base, data, from), data + to, size - to);
        return 0;
}

/* The rule that a line of a file was before it became a comment, or NULL. */
static char *pamedit_was_rule(const char *data, size_t size, size_t number, const char *rule) {
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;

        return pamfile_parse(data, size, &file)
                       ? NULL
                       : pamedit_uncomment(&file->lines[number - 1].whole, rule);
}

/**
 * pamedit_add() - put a rule where it belongs
 * @data:       the file's bytes
 * @size:       how many
 * @rule:       the rule, without a newline
 * @weigh:      asked about rules for sessions and includes
 * @context:    handed to it
 * @ret_edit:   what came of it; to be given to pamedit_clear()
 *
 * A comment that is the rule, because somebody has switched it off by hand, goes; if it has more
 * arguments that the module knows, or "required", the rule gets them.
 *
 * Return: 0, whatever came of it, or -ENOMEM.
 */
int pamedit_add(const char *data, size_t size, const char *rule, pamedit_weigh weigh, void *context,
                struct pamedit *ret_edit) {
        _cleanup_(freep) char *was = NULL;
        struct pamedit without = { .size = 0 };
        int r = pamedit_put(data, size, rule, weigh, context, ret_edit);

        if (r < 0 || ret_edit->reason != PAMEDIT_COMMENTED)
                return r;
        was = pamedit_was_rule(data, size, ret_edit->number, rule);
        if (!was)
                return 0;
        r = pamedit_drop(data, size, ret_edit->number, &without);
        if (!r)
                r = pamedit_put(without.base, without.base_size, was, weigh, context, ret_edit);
        if (r < 0 || ret_edit->reason) {
                /* of the file as it is */
                if (!r && ret_edit->number >= without.comment)
                        ret_edit->number++;
                pamedit_clear(&without);
                return r;
        }
        ret_edit->base = without.base;
        ret_edit->base_size = without.base_size;
        ret_edit->comment = without.comment;
        return 0;
}

/**
 * pamedit_remove() - take our rule away
 * @data:       the file's bytes
 * @size:       how many
 * @ret_edit:   what came of it; to be given to pamedit_clear()
 *
 * Return: 0, whatever came of it, or -ENOMEM.
 */
int pamedit_remove(const char *data, size_t size, struct pamedit *ret_edit) {
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;
        struct pamedit edit = { .size = 0 };
        size_t place, from, to;
        int r;

        r = pamfile_parse(data, size, &file);
        if (r < 0)
                return r;
        if (r) {
                *ret_edit = (struct pamedit){ .reason = PAMEDIT_INVALID };
                return 0;
        }
        edit.reason = pamedit_look(file, &place);
        if (!edit.reason && place == file->n)
                edit.reason = PAMEDIT_NOTHING;
        if (edit.reason) {
                *ret_edit = (struct pamedit){ .reason = edit.reason, .number = place + 1 };
                return 0;
        }

        from = (size_t)(file->lines[place].whole.text - data);
        to = from + file->lines[place].whole.size;
        /* pamedit_add() ended the line above for it */
        if (data[to - 1] != '\n' && from)
                from--;
        edit.number = place + 1;
        edit.size = size - (to - from);
        edit.data = malloc(edit.size ? edit.size : 1);
        if (!edit.data)
                return -ENOMEM;
        (void)memcpy(mempcpy(edit.data, data, from), data + to, size - to);
        return pamedit_hand_out(file, &edit, false, ret_edit);
}

/**
 * pamedit_reason() - say why a file was left alone
 * @edit:       what came of an edit
 *
 * Return: the words; they stand behind "line N: " where there is such a line.
 */
const char *pamedit_reason(const struct pamedit *edit) {
        static const char *const reasons[] = {
                [PAMEDIT_DONE] = "it is changed",
                [PAMEDIT_NOTHING] = "there is nothing to do",
                [PAMEDIT_INVALID] = "it is not a text file, or it is too large",
                [PAMEDIT_ODD] = "pam_traffic does not understand this line",
                [PAMEDIT_SEVERAL] = "this is a second line with " PAMFILE_MODULE,
                [PAMEDIT_COMMENTED] = "this line with " PAMFILE_MODULE " is a comment",
                [PAMEDIT_NO_PLACE] = "it has no lines for sessions",
                [PAMEDIT_JUMP] = "this line jumps over a number of the lines below it",
                [PAMEDIT_WRONG] = "the changed file would not be as expected",
        };

        return reasons[edit->reason];
}
