/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The line of pam_traffic in the file of a PAM service.
 *
 * Owns: the words about a file that is not changed; the copy of the old file, which is in the
 * state folder because a file in /etc/pam.d would be a service; and that a file with unexpected
 * content is put back. Two runs at the same time take turns, by a lock in the state folder;
 * everybody who may read the PAM file could hold a lock on that. The second run finds that the file
 * has changed since it read it.
 */

#include "pamline.h"

#include "base/base.h"
#include "cli/shared/fail.h"
#include "config.h"
#include "pamstack.h"
#include "store/store.h"

#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#define PAMLINE_CONTEXT 3

/* How long to wait for another run. */
#define PAMLINE_PATIENCE (10 * CLOCK_SECOND)
#define PAMLINE_SHOWN_MAX 512

/**
 * pamline_service_valid() - tell whether a word may be a service's name
 * @service:    the word
 *
 * Return: true if it may.
 */
bool pamline_service_valid(const char *service) {
        size_t n = 0;

        for (; service[n]; n++)
                if (!isalnum((unsigned char)service[n]) && !strchr("_-.", service[n]))
                        return false;
        return n && n <= 64 && *service != '.';
}

/* By its name alone, a module is looked for where PAM has its own. */
static const char *pamline_module(void) {
        char copy[] = PATH_MODULE, neighbour[sizeof(copy) + 16];

        (void)snprintf(neighbour, sizeof(neighbour), "%s/pam_unix.so", dirname(copy));
        return access(neighbour, F_OK) < 0 ? PATH_MODULE : PAMFILE_MODULE;
}

static void pamline_make_rule(struct pamline *line, const char *config) {
        bool usual = !strcmp(line->service, PAMLINE_SERVICE);

        (void)snprintf(line->rule, sizeof(line->rule), "session    optional     %s%s%s%s%s",
                       pamline_module(), usual ? "" : " service=", usual ? "" : line->service,
                       config ? " conf=" : "", config ? config : "");
}

static int pamline_refuse(struct pamline *line, const char *reason) {
        char where[32] = "";

        if (line->edit.reason && line->edit.reason != PAMEDIT_NO_PLACE &&
            line->edit.reason != PAMEDIT_INVALID)
                (void)snprintf(where, sizeof(where), "line %zu: ", line->edit.number);
        if (line->edit.reason == PAMEDIT_COMMENTED)
                (void)snprintf(line->refusal, sizeof(line->refusal),
                               "%s was not changed: %s%s, and has other words than the line that "
                               "is to come; delete it, and run enable again",
                               line->path, where, reason);
        else if (line->add)
                (void)snprintf(line->refusal, sizeof(line->refusal),
                               "%s was not changed: %s%s; put the line of pam_traffic in by hand, "
                               "below the session lines that it includes: %s",
                               line->path, where, reason, line->rule);
        else
                (void)snprintf(line->refusal, sizeof(line->refusal),
                               "%s was not changed: %s%s; remove the line with " PAMFILE_MODULE
                               " by hand",
                               line->path, where, reason);
        return -EPERM;
}

static int pamline_refuse_open(struct pamline *line, int error) {
        char vendor[PAMLINE_PATH_MAX];

        (void)snprintf(vendor, sizeof(vendor), "/usr/lib/pam.d/%s", line->service);
        if (error != -ENOENT || access(vendor, F_OK) < 0)
                return pamline_refuse(line, error > 0 ? "it is too large" : strerror(-error));
        (void)snprintf(line->refusal, sizeof(line->refusal), "there is no %s; first copy %s there",
                       line->path, vendor);
        return -ENOENT;
}

static int pamline_look(struct pamline *line) {
        const char *reason = NULL;
        int r;

        r = etcfile_open(line->path, PAMFILE_SIZE_MAX, &line->file, &reason);
        if (r)
                return pamline_refuse_open(line, r);
        if (reason)
                return pamline_refuse(line, reason);

        r = line->add ? pamedit_add(line->file.data, line->file.size, line->rule, pamstack_weigh,
                                    NULL, &line->edit)
                      : pamedit_remove(line->file.data, line->file.size, &line->edit);
        if (r < 0)
                return pamline_refuse(line, strerror(-r));
        if (line->edit.reason && line->edit.reason != PAMEDIT_NOTHING)
                return pamline_refuse(line, pamedit_reason(&line->edit));
        return 0;
}

/* The first rule of ours, wherever it stands: others may include its file, too. */
static bool pamline_find(const struct pamline *line, struct pamstack_rule *ret_rule) {
        _cleanup_(pamstack_freep) struct pamstack *stack = NULL;

        if (pamstack_read(line->service, &stack) < 0)
                return false;
        for (size_t i = 0; i < stack->n; i++) {
                if (!stack->rules[i].ours)
                        continue;
                *ret_rule = stack->rules[i];
                return true;
        }
        return false;
}

/* What is there needs no change, even where enable would not make one. */
static int pamline_add_to(struct pamline *line, int r, const struct pamstack_rule *ours) {
        if (!r && line->edit.reason == PAMEDIT_NOTHING)
                return 0;
        pamedit_clear(&line->edit);
        line->edit.reason = PAMEDIT_NOTHING;
        line->edit.number = ours->number;
        (void)snprintf(line->path, sizeof(line->path), "%s", ours->file);
        return 0;
}

/**
 * pamline_plan() - see what is to be done, and do nothing
 * @service:    the service, a valid name
 * @config:     the configuration that the line is to name, or NULL
 * @add:        whether the line is to come, or to go
 * @line:       the plan, PAMLINE_INIT before; to be given to pamline_clear() in any case
 *
 * Return: 0, or a negative errno: the plan's refusal says why, and what to do.
 */
int pamline_plan(const char *service, const char *config, bool add, struct pamline *line) {
        struct pamstack_rule ours;
        int r;

        line->add = add;
        line->service = service;
        (void)snprintf(line->path, sizeof(line->path), PAMSTACK_FOLDER "/%s", service);
        pamline_make_rule(line, config);
        r = pamline_look(line);
        if (line->edit.reason == PAMEDIT_SEVERAL || !pamline_find(line, &ours))
                return r;
        if (add)
                return pamline_add_to(line, r, &ours);
        if (r || line->edit.reason != PAMEDIT_NOTHING || !strcmp(ours.file, line->path))
                return r;
        (void)snprintf(line->refusal, sizeof(line->refusal),
                       "the line is not in %s, but in %s, line %zu, which other services may use, "
                       "too; remove it by hand",
                       line->path, ours.file, ours.number);
        return -EPERM;
}

/**
 * pamline_clear() - forget a plan
 * @line:       the plan
 */
void pamline_clear(struct pamline *line) {
        etcfile_close(&line->file);
        pamedit_clear(&line->edit);
}

static void pamline_diff_line(char sign, const struct pamfile_line *line) {
        char text[PAMLINE_SHOWN_MAX], shown[TEXT_ESCAPE_MAX(PAMLINE_SHOWN_MAX)];
        size_t size = line->whole.size - (line->whole.text[line->whole.size - 1] == '\n');

        if (size >= sizeof(text))
                size = sizeof(text) - 1;
        (void)memcpy(text, line->whole.text, size);
        text[size] = '\0';
        /* a tab is no harm here, and a diff without it would not fit */
        for (char *c = text; (c = strchr(c, '\t'));)
                *c = ' ';
        text_to_line(text, shown, sizeof(shown));
        (void)printf("%c%s\n", sign, shown);
}

/* Our rule was a comment. */
static void pamline_diff_comment(const struct pamline *line) {
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;

        if (!pamfile_parse(line->file.data, line->file.size, &file))
                pamline_diff_line('-', &file->lines[line->edit.comment - 1]);
}

/**
 * pamline_diff() - print what a plan changes
 * @line:       the plan
 */
void pamline_diff(const struct pamline *line) {
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;
        const char *data = line->add ? line->edit.data : line->file.data;
        size_t ours = line->edit.number - 1, from, to;

        if (line->edit.reason ||
            pamfile_parse(data, line->add ? line->edit.size : line->file.size, &file))
                return;
        from = ours > PAMLINE_CONTEXT ? ours - PAMLINE_CONTEXT : 0;
        to = ours + PAMLINE_CONTEXT < file->n ? ours + PAMLINE_CONTEXT + 1 : file->n;
        (void)printf("--- %s\n+++ %s\n@@ -%zu,%zu +%zu,%zu @@\n", line->path, line->path, from + 1,
                     to - from - line->add + !!line->edit.comment, from + 1,
                     to - from - !line->add);
        if (line->edit.comment)
                pamline_diff_comment(line);
        for (size_t i = from; i < to; i++)
                pamline_diff_line(i != ours ? ' ' : line->add ? '+' : '-', &file->lines[i]);
}

/* The new file has to be there and to be what it should be. Else the old bytes come back. */
static int pamline_check(const struct pamline *line) {
        _cleanup_(etcfile_close) struct etcfile now = ETCFILE_INIT;
        _cleanup_(pamedit_clear) struct pamedit back = { .size = 0 };
        const char *base = line->edit.base ? line->edit.base : line->file.data;
        size_t size = line->edit.base ? line->edit.base_size : line->file.size;
        const char *reason = NULL;
        int r;

        r = etcfile_open(line->path, PAMFILE_SIZE_MAX, &now, &reason);
        if (!r && !reason)
                r = etcfile_compare(&now, line->edit.data, line->edit.size);
        if (!r && !reason && line->add) {
                r = pamedit_remove(now.data, now.size, &back);
                if (!r && (back.reason || back.size != size || memcmp(back.data, base, size) != 0))
                        r = -EIO;
        }
        if (!r && !reason)
                return 0;
        if (now.fd >= 0)
                (void)etcfile_replace(&now, line->file.data, line->file.size);
        return r < 0 ? r : -EIO;
}

/**
 * pamline_write() - do what was planned
 * @line:       the plan, with PAMEDIT_DONE
 * @state_dir:  the state folder, made where it is missing; another run is waited for, 10 seconds at
 *              most
 * @backup_fd:  the folder for the copy of the old file, which a line to come needs
 * @backup:     the copy's name
 *
 * Return: 0, or a negative errno after a line on standard error; then the file is as it was.
 */
int pamline_write(const struct pamline *line, const char *state_dir, int backup_fd,
                  const char *backup) {
        const char *base = line->edit.base ? line->edit.base : line->file.data;
        size_t size = line->edit.base ? line->edit.base_size : line->file.size;
        _cleanup_(fd_closep) int lock_fd = -1;
        int r;

        r = statelock_take_at(state_dir, STATELOCK_PAM,
                              clock_now(CLOCK_MONOTONIC) + PAMLINE_PATIENCE, &lock_fd);
        if (!r && line->add)
                r = file_replace_at(backup_fd, backup, base, size, true);
        if (!r)
                r = etcfile_replace(&line->file, line->edit.data, line->edit.size);
        if (!r)
                r = pamline_check(line);
        if (r < 0)
                fail_warn("%s could not be changed and is as it was: %s", line->path,
                          r == -ESTALE ? "somebody else is changing it now; try again"
                                       : statelock_reason(r));
        return r;
}
