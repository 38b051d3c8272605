/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Running another program, and reading its output.
 */

#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "base/base.h"

#include <stddef.h>

#define PROGRAM_TEXT_MAX 65536
#define PROGRAM_PATIENCE (20 * CLOCK_SECOND)

struct program_answer {
        int status; /* its exit status; 128 and its number if a signal ended it */
        char *text; /* what it said, errors as well, at most PROGRAM_TEXT_MAX bytes of it */
};

enum {
        PROGRAM_E_MISSING = 1, /* there is no such program */
};

/* Told what a program says; returns 0 to hear more. */
typedef int (*program_take)(void *context, const char *data, size_t size);

int program_listen_to(const char *const *argv, uint64_t patience, program_take take, void *context,
                      int *ret_status);
int program_run(const char *const *argv, uint64_t patience, struct program_answer *ret_answer);
void program_answer_clear(struct program_answer *answer);
const char *program_first_line(struct program_answer *answer);

#endif
