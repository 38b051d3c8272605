/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Texts that many rows have, each kept once, under a number.
 */

#ifndef AUDIT_NAMES_H
#define AUDIT_NAMES_H

#include "base/cleanup.h"

#include <stddef.h>
#include <stdint.h>

struct names {
        char **texts;
        uint32_t *slots; /* the text's number + 1; 0: free */
        uint32_t n, room;
        uint32_t n_slots; /* a power of 2 */
};

int names_add(struct names *names, const char *text, uint32_t *ret_number);
void names_clear(struct names *names);

#endif
