/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The options of a command: one table, from which they are read and --help is printed. Each row
 * has the place of its value in the command's struct.
 *
 *      static const struct option_entry log_entries[] = {
 *              OPTION_CONFIG(struct log, config),
 *              { "follow", NULL, "print new records", OPTION_FLAG(struct log, follow) },
 *              { "limit", "N", "so many", OPTION_NUMBER(struct log, limit, 1, 9) },
 *      };
 */

#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "period.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct option_entry {
        const char *name;
        const char *value; /* the name of its value, in capitals; NULL: none, it sets a bool */
        const char *sentence;
        size_t place; /* in the command's struct; of a text, if nothing below is set */
        /* Puts the value into its place. Return: NULL, or what is wrong, behind the value: "is not
         * a size such as 10G". */
        const char *(*read)(const char *value, void *place);
        bool list;                /* @read takes several, with commas between */
        uint64_t least, most;     /* the value is a number */
        const char *const *words; /* it is one of these; its place is an enum; NULL ends them */
        char letter;              /* a short form: -n; 0: none; "(-n)" ends its sentence */
};

/* The place of a member. If the member has another type, this does not compile. */
#define OPTION_PLACE(type, member, of)                                                             \
        .place = offsetof(type, member) +                                                          \
                 0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((type *)0)->member), of) \
                                         ? 1                                                       \
                                         : -1])
#define OPTION_FLAG(type, member) OPTION_PLACE(type, member, bool)
#define OPTION_TEXT(type, member) OPTION_PLACE(type, member, const char *)
#define OPTION_NUMBER(type, member, from, to) \
        OPTION_PLACE(type, member, uint64_t), .least = (from), .most = (to)
/* An enum of GCC and clang is an unsigned int if none of its values is below 0. */
#define OPTION_WORD(type, member, list)                                                          \
        .place = offsetof(type, member) +                                                        \
                 0 * sizeof(char[sizeof(((type *)0)->member) == sizeof(unsigned int) ? 1 : -1]), \
        .words = (list)
#define OPTION_CALL(type, member, function) .place = offsetof(type, member), .read = (function)

/* Rows that several commands have. */
#define OPTION_BYTES(type, member)                                                    \
        {                                                                             \
                "bytes", NULL, "exact numbers of bytes, not 4.7K (1K is 1024 bytes)", \
                        OPTION_FLAG(type, member)                                     \
        }
#define OPTION_CONFIG(type, member) \
        { "config", "PATH", "configuration (default: " PATH_CONFIG ")", OPTION_TEXT(type, member) }
#define OPTION_NOHEADINGS(type, member) \
        { "noheadings", NULL, "no line with the columns' names", OPTION_FLAG(type, member) }

struct options {
        const char *command;
        const char *operands; /* as the line of the usage shows them; "": it takes none */
        const char *sentence; /* what the command does */
        const struct option_entry *entries;
        size_t n_entries;
        const char *notes;  /* more for --help: lines of at most 80 columns */
        const char *status; /* what the exit status means; NULL: as in every program */
};

/* Returned by options_read() instead of an exit status: the command goes on. */
#define OPTIONS_GO (-1)

/* What @read says of an empty value. */
#define OPTIONS_EMPTY "is empty"

int options_read(const struct options *options, int argc, char **argv, void *object);
int options_wrong(const struct options *options, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
int options_wrong_period(const struct options *options, const struct period *period, int error,
                         const char *word);

#endif
