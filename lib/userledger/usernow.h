/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the users' ledger would record now.
 */

#ifndef USERLEDGER_USERNOW_H
#define USERLEDGER_USERNOW_H

#include "base/cleanup.h"
#include "store/record.h"
#include "store/settings.h"

#include <stddef.h>

/* The next record of each account that has moved anything since its last one, and those that wait
 * for the log. */
struct usernow {
        struct record **records;
        size_t n, room;
};

int usernow_read(const struct settings *settings, struct usernow **ret_now);
struct usernow *usernow_free(struct usernow *now);
CLEANUP_DEFINE(struct usernow, usernow_free)

#endif
