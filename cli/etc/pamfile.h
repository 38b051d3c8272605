/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A file of /etc/pam.d, line by line, without looking into the files that it includes.
 *
 * Owns: what a line is.
 * Relies on: pam.conf(5) and _pam_assemble_line() of Linux-PAM.
 * Does not: read or change a file. The lines point into the bytes that were parsed.
 */

#ifndef CLI_PAMFILE_H
#define CLI_PAMFILE_H

#include "base/base.h"

#include <stdbool.h>
#include <stddef.h>

#define PAMFILE_SIZE_MAX 65536
#define PAMFILE_MODULE "pam_traffic.so"

enum pamfile_kind {
        PAMFILE_BLANK,
        PAMFILE_COMMENT,
        PAMFILE_RULE,
        PAMFILE_INCLUDE, /* @include: its rules stand here, of all types */
        PAMFILE_ODD,     /* anything else, and lines that go on in the next one */
};

enum pamfile_type { PAMFILE_AUTH, PAMFILE_ACCOUNT, PAMFILE_PASSWORD, PAMFILE_SESSION };

struct pamfile_text {
        const char *text; /* not ended by a NUL */
        size_t size;
};

struct pamfile_line {
        enum pamfile_kind kind;
        enum pamfile_type type;      /* of a rule */
        struct pamfile_text whole;   /* with its newline, if it has one */
        struct pamfile_text control; /* of a rule: a word, or [value=action ...] */
        struct pamfile_text module;  /* of a rule, a path; what is included */
        struct pamfile_text arguments;
};

struct pamfile {
        struct pamfile_line *lines;
        size_t n;
};

enum {
        PAMFILE_E_INVALID = 1, /* no text, or too much of it */
};

int pamfile_parse(const char *data, size_t size, struct pamfile **ret_file);
struct pamfile *pamfile_free(struct pamfile *file);
CLEANUP_DEFINE(struct pamfile, pamfile_free)

bool pamfile_word(struct pamfile_text *text, struct pamfile_text *ret_word);
bool pamfile_text_is(const struct pamfile_text *text, const char *word);
bool pamfile_is_module(const struct pamfile_line *line, const char *name);
bool pamfile_is_session(const struct pamfile_line *line);
bool pamfile_includes(const struct pamfile_line *line);
bool pamfile_has_argument(const struct pamfile_line *line, const char *argument);
bool pamfile_mentions(const struct pamfile_line *line, const char *name);
size_t pamfile_jump(const struct pamfile_line *line);
bool pamfile_may_end(const struct pamfile_line *line);

#endif
