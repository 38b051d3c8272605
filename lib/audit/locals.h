/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which addresses are this host's.
 */

#ifndef AUDIT_LOCALS_H
#define AUDIT_LOCALS_H

#include "net/address.h"

#include <stddef.h>

struct locals {
        struct address *addresses; /* sorted */
        size_t n;
};

int locals_read(struct locals *ret_locals);
void locals_clear(struct locals *locals);
void locals_sort(struct locals *locals);
bool locals_have(const struct locals *locals, const struct address *address);
bool locals_hear(const struct locals *locals, const struct address *address);

#endif
