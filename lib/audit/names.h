/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Texts that many rows have, each kept once, under a number.
 */

#ifndef AUDIT_NAMES_H
#define AUDIT_NAMES_H

#include "base/cleanup.h"
#include "base/map.h"
#include "net/process.h"

#include <stddef.h>
#include <stdint.h>

/* The name of a program or a user, or a session's id, with zeros behind it; of a longer one, the
 * begin. */
struct names_text {
        char text[PROCESS_COMM_MAX];
};

struct names {
        struct names_text *texts;
        struct map map;
        uint32_t n, room;
};

int names_add(struct names *names, const char *text, uint32_t *ret_number);
void names_clear(struct names *names);

#endif
