/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The users' ledger: what each user and each login moved, by any program.
 *
 * The facade of the room: programs include this header, and none of the room's others.
 */

#ifndef USERLEDGER_USERLEDGER_H
#define USERLEDGER_USERLEDGER_H

#include "reading/context.h"
#include "userledger/userlive.h"
#include "userledger/usernow.h"

int userledger_setup(const struct session_context *context, int folder_fd);
int userledger_reap(const struct session_context *context, int folder_fd, const char *boot_id,
                    const struct userlive *live);
int userledger_conclude(const struct session_context *context, int folder_fd);
int userledger_teardown(const struct session_context *context, int folder_fd);

#endif
