/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The accounts that a reap begins with.
 */

#ifndef USERLEDGER_USERLOAD_H
#define USERLEDGER_USERLOAD_H

#include "reading/context.h"
#include "store/userstate.h"

enum userload {
        USERLOAD_ALL,  /* those that were saved last */
        USERLOAD_NONE, /* there are none */
        USERLOAD_LOST, /* there were some, which cannot be had any more */
};

int userload_run(const struct session_context *context, int folder_fd, struct userstate **ret_state,
                 enum userload *ret_loaded);
void userload_gone(const struct session_context *context);

#endif
