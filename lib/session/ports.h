/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All traffic of local ports, with sessions or without.
 */

#ifndef SESSION_PORTS_H
#define SESSION_PORTS_H

#include "netfilter/backend.h"
#include "session/onesession.h"

int ports_setup(const struct session_context *context, int folder_fd, struct backend *backend,
                uint64_t deadline);
unsigned int ports_reap(const struct session_context *context, int folder_fd,
                        struct sources *sources);
int ports_teardown(const struct session_context *context, int folder_fd, uint64_t deadline);
void ports_note(const struct session *session, const struct backend_made *made, uint64_t before);

#endif
