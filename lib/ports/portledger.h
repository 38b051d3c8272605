/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The records of a local port's account.
 */

#ifndef PORTS_PORTLEDGER_H
#define PORTS_PORTLEDGER_H

#include "reading/context.h"
#include "store/portstate.h"

int portledger_make(const struct session_context *context, struct portstate *state,
                    uint64_t realtime);
int portledger_write(const struct session_context *context, int folder_fd, struct portstate *state);
int portledger_settle(const struct session_context *context, int folder_fd,
                      struct portstate *state);
int portledger_save(const struct session_context *context, int folder_fd,
                    const struct portstate *state, bool sync);

#endif
