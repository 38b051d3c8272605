/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A file of /etc/pam.d with one line more, or one less.
 *
 * Owns: which files only people may change, and that the other lines keep every byte.
 * Does not: read or write a file.
 */

#ifndef CLI_PAMEDIT_H
#define CLI_PAMEDIT_H

#include "pamfile.h"

enum pamedit_reason {
        PAMEDIT_DONE = 0,
        PAMEDIT_NOTHING,   /* there is nothing to do */
        PAMEDIT_INVALID,   /* no text */
        PAMEDIT_ODD,       /* a line that is not understood */
        PAMEDIT_SEVERAL,   /* our module is there more than once */
        PAMEDIT_COMMENTED, /* our module stands in a comment that is not our rule */
        PAMEDIT_NO_PLACE,  /* no session rules */
        PAMEDIT_JUMP,      /* a rule above counts the rules below it */
        PAMEDIT_WRONG,     /* the result is not what it should be */
};

struct pamedit {
        enum pamedit_reason reason;
        size_t number; /* of the line at fault, or that came or went; 1 is the first */
        char *data;    /* PAMEDIT_DONE: the new bytes */
        size_t size;
        /* if our rule was there as a comment, which goes: the file without it; else NULL */
        char *base;
        size_t base_size;
        size_t comment; /* ... and which line that is */
};

void pamedit_clear(struct pamedit *edit);

/* Asked how good it is to stand behind a rule for sessions, or behind what includes a file: the
 * last of the best is taken; 0: not there. */
typedef int (*pamedit_weigh)(void *context, const struct pamfile_line *line);

int pamedit_add(const char *data, size_t size, const char *rule, pamedit_weigh weigh, void *context,
                struct pamedit *ret_edit);
int pamedit_remove(const char *data, size_t size, struct pamedit *ret_edit);
const char *pamedit_reason(const struct pamedit *edit);

#endif
