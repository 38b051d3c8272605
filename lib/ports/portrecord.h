/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The records of a local port's account.
 */

#ifndef PORTS_PORTRECORD_H
#define PORTS_PORTRECORD_H

#include "reading/context.h"
#include "store/portstate.h"

int portrecord_make(const struct session_context *context, struct portstate *state,
                    uint64_t realtime);
int portrecord_write(const struct session_context *context, int folder_fd, struct portstate *state);
int portrecord_settle(const struct session_context *context, int folder_fd,
                      struct portstate *state);
int portrecord_save(const struct session_context *context, int folder_fd,
                    const struct portstate *state, bool sync);

#endif
