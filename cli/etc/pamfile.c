/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A file of /etc/pam.d, line by line.
 *
 * Relies on: blanks separate words, a word in brackets may contain blanks, # begins a comment
 * anywhere, a backslash at the end of a line joins it with the next (pam.conf(5)). Syntax that is
 * allowed but rare (joined lines, an escaped bracket) is called odd; such a file is then not
 * edited.
 */

#include "pamfile.h"

#include "base/base.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define PAMFILE_JUMP_MAX 1000

static const char *const pamfile_types[] = {
        [PAMFILE_AUTH] = "auth",
        [PAMFILE_ACCOUNT] = "account",
        [PAMFILE_PASSWORD] = "password",
        [PAMFILE_SESSION] = "session",
};

static bool pamfile_is_blank(char c) {
        return c == ' ' || c == '\t';
}

/**
 * pamfile_text_is() - compare a word, whatever the case of its letters
 * @text:       the word
 * @word:       the other one
 *
 * Return: true if they are the same.
 */
bool pamfile_text_is(const struct pamfile_text *text, const char *word) {
        return text->size == strlen(word) && !strncasecmp(text->text, word, text->size);
}

/**
 * pamfile_word() - take the next word off a text
 * @text:       the text, of one line; what is behind the word stays
 * @ret_word:   the word
 *
 * Return: false if there is none, or a bracket that does not end.
 */
bool pamfile_word(struct pamfile_text *text, struct pamfile_text *ret_word) {
        size_t n = 0;

        while (text->size && pamfile_is_blank(*text->text))
                text->text++, text->size--;
        if (!text->size)
                return false;
        if (*text->text == '[') {
                while (n < text->size && text->text[n] != ']')
                        n++;
                if (n++ == text->size)
                        return false;
        } else {
                while (n < text->size && !pamfile_is_blank(text->text[n]))
                        n++;
        }
        *ret_word = (struct pamfile_text){ text->text, n };
        text->text += n;
        text->size -= n;
        return true;
}

static bool pamfile_type_of(struct pamfile_text word, enum pamfile_type *ret_type) {
        /* -session: no message where the module is missing */
        if (word.size && *word.text == '-')
                word.text++, word.size--;
        for (size_t i = 0; i < sizeof(pamfile_types) / sizeof(*pamfile_types); i++) {
                if (!pamfile_text_is(&word, pamfile_types[i]))
                        continue;
                *ret_type = (enum pamfile_type)i;
                return true;
        }
        return false;
}

/* What a rule is made of. False: it is none. */
static bool pamfile_read_rule(struct pamfile_text rest, struct pamfile_line *line) {
        struct pamfile_text word, extra;

        if (!pamfile_word(&rest, &word))
                return false;
        if (pamfile_text_is(&word, "@include")) {
                line->kind = PAMFILE_INCLUDE;
                return pamfile_word(&rest, &line->module) && !pamfile_word(&rest, &extra);
        }
        line->kind = PAMFILE_RULE;
        if (!pamfile_type_of(word, &line->type) || !pamfile_word(&rest, &line->control) ||
            !pamfile_word(&rest, &line->module) || *line->module.text == '[')
                return false;
        while (rest.size && pamfile_is_blank(*rest.text))
                rest.text++, rest.size--;
        line->arguments = rest;
        return true;
}

/* Return: whether the next line belongs to it. */
static bool pamfile_read_line(struct pamfile_line *line, bool joined) {
        struct pamfile_text rest = line->whole;
        const char *comment;
        bool odd = joined, goes_on;

        if (rest.size && rest.text[rest.size - 1] == '\n')
                rest.size--;
        for (size_t i = 0; i < rest.size; i++)
                odd = odd || (iscntrl((unsigned char)rest.text[i]) && rest.text[i] != '\t');
        comment = memchr(rest.text, '#', rest.size);
        if (comment)
                rest.size = (size_t)(comment - rest.text);
        while (rest.size && pamfile_is_blank(rest.text[rest.size - 1]))
                rest.size--;
        goes_on = rest.size && rest.text[rest.size - 1] == '\\';

        if (odd || memchr(rest.text, '\\', rest.size))
                line->kind = PAMFILE_ODD;
        else if (!rest.size)
                line->kind = comment ? PAMFILE_COMMENT : PAMFILE_BLANK;
        else if (!pamfile_read_rule(rest, line))
                line->kind = PAMFILE_ODD;
        return goes_on;
}

static size_t pamfile_count(const char *data, size_t size) {
        size_t n = size && data[size - 1] != '\n';

        for (size_t i = 0; i < size; i++)
                n += data[i] == '\n';
        return n;
}

/**
 * pamfile_parse() - take a file apart
 * @data:       its bytes, which must stay
 * @size:       how many
 * @ret_file:   the lines, all of them; to be given to pamfile_free()
 *
 * Return: 0, PAMFILE_E_INVALID, or -ENOMEM.
 */
int pamfile_parse(const char *data, size_t size, struct pamfile **ret_file) {
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;
        bool joined = false;
        size_t n;

        if (size > PAMFILE_SIZE_MAX || (size && memchr(data, '\0', size)))
                return PAMFILE_E_INVALID;
        n = pamfile_count(data, size);
        file = calloc(1, sizeof(*file));
        if (!file)
                return -ENOMEM;
        file->lines = calloc(n ? n : 1, sizeof(*file->lines));
        if (!file->lines)
                return -ENOMEM;

        for (; file->n < n; file->n++) {
                struct pamfile_line *line = &file->lines[file->n];
                const char *end = memchr(data, '\n', size);

                line->whole = (struct pamfile_text){ data, end ? (size_t)(end - data) + 1 : size };
                data += line->whole.size;
                size -= line->whole.size;
                joined = pamfile_read_line(line, joined);
        }
        *ret_file = pointer_steal(&file);
        return 0;
}

/**
 * pamfile_free() - free the lines
 * @file:       the lines, or NULL
 *
 * Return: NULL.
 */
struct pamfile *pamfile_free(struct pamfile *file) {
        if (file)
                free(file->lines);
        free(file);
        return NULL;
}

/**
 * pamfile_is_module() - tell whether a line is a rule with that module
 * @line:       the line
 * @name:       the module's name, without a path
 *
 * Return: true if it is.
 */
bool pamfile_is_module(const struct pamfile_line *line, const char *name) {
        size_t size = strlen(name);

        return line->kind == PAMFILE_RULE && line->module.size >= size &&
               !memcmp(line->module.text + line->module.size - size, name, size) &&
               (line->module.size == size ||
                line->module.text[line->module.size - size - 1] == '/');
}

/**
 * pamfile_is_session() - tell whether a line is a rule for sessions
 * @line:       the line
 *
 * Return: true if it is, also if it includes others.
 */
bool pamfile_is_session(const struct pamfile_line *line) {
        return line->kind == PAMFILE_RULE && line->type == PAMFILE_SESSION;
}

/**
 * pamfile_includes() - tell whether a line stands for another file
 * @line:       the line
 *
 * Return: true if it does; the other file is its module then.
 */
bool pamfile_includes(const struct pamfile_line *line) {
        return line->kind == PAMFILE_INCLUDE ||
               (line->kind == PAMFILE_RULE && (pamfile_text_is(&line->control, "include") ||
                                               pamfile_text_is(&line->control, "substack")));
}

/**
 * pamfile_has_argument() - tell whether a rule gives its module an argument
 * @line:       the line
 * @argument:   the argument
 *
 * Return: true if it does.
 */
bool pamfile_has_argument(const struct pamfile_line *line, const char *argument) {
        struct pamfile_text rest = line->arguments, word;

        while (line->kind == PAMFILE_RULE && pamfile_word(&rest, &word))
                if (word.size == strlen(argument) && !memcmp(word.text, argument, word.size))
                        return true;
        return false;
}

/**
 * pamfile_mentions() - tell whether a name stands anywhere in a line
 * @line:       the line, a comment, too
 * @name:       the name
 *
 * Return: true if it does.
 */
bool pamfile_mentions(const struct pamfile_line *line, const char *name) {
        return memmem(line->whole.text, line->whole.size, name, strlen(name));
}

/**
 * pamfile_jump() - tell how many of the rules below a rule may pass over
 * @line:       the line
 *
 * Return: the most; 0 if it never does.
 */
size_t pamfile_jump(const struct pamfile_line *line) {
        const char *end = line->control.text + line->control.size;
        size_t most = 0;

        if (line->kind != PAMFILE_RULE || *line->control.text != '[')
                return 0;
        for (const char *c = line->control.text; c < end; c++) {
                const char *digits = c + 1;
                uint64_t number = PAMFILE_JUMP_MAX;
                size_t n = 0;

                while (digits + n < end && isdigit((unsigned char)digits[n]))
                        n++;
                if (*c != '=' || !n)
                        continue;
                (void)number_parse(digits, n, 10, PAMFILE_JUMP_MAX, &number);
                if (number > most)
                        most = (size_t)number;
        }
        return most;
}

/**
 * pamfile_may_end() - tell whether the rules below a rule may not be reached though all is well
 * @line:       the line
 *
 * Return: true if so.
 */
bool pamfile_may_end(const struct pamfile_line *line) {
        return line->kind == PAMFILE_RULE &&
               (pamfile_text_is(&line->control, "sufficient") ||
                memmem(line->control.text, line->control.size, "success=done", 12) ||
                memmem(line->control.text, line->control.size, "default=done", 12));
}
