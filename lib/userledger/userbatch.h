/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The records of the users' ledger that are due at one moment.
 */

#ifndef USERLEDGER_USERBATCH_H
#define USERLEDGER_USERBATCH_H

#include "reading/context.h"
#include "store/userstate.h"

struct userbatch {
        const struct session_context *context;
        int folder_fd;
        struct userstate *state;
        size_t rest; /* accounts that were due when it was last written, and got no record yet */
};

int userbatch_settle(struct userbatch *batch);
int userbatch_write(struct userbatch *batch, uint64_t interval);

#endif
