/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The options of a command: one table, from which they are read and --help is printed.
 */

#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stddef.h>

struct option_entry {
        int id; /* positive, one for each */
        const char *name;
        const char *value; /* what it needs, in capitals; NULL: nothing */
        const char *sentence;
};

struct options {
        const char *command;
        const char *operands; /* as the usage has them */
        const char *sentence; /* what the command does */
        const struct option_entry *entries;
        size_t n_entries;
        const char *notes;  /* more for --help: lines of at most 80 columns */
        const char *status; /* what the exit status means; NULL: as of every program */
};

#define OPTIONS_MAX 31

/* What options_next() returns but an id. */
enum {
        OPTIONS_END = 0,
        OPTIONS_HELP = -1,  /* it has been printed */
        OPTIONS_WRONG = -2, /* likewise what is wrong */
};

int options_next(const struct options *options, int argc, char **argv, const char **ret_value);
int options_wrong(const struct options *options, const char *what, const char *word);

#endif
