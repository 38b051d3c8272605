/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All traffic of local ports, with sessions or without.
 */

#ifndef PORTS_PORTS_H
#define PORTS_PORTS_H

#include "reading/context.h"
#include "reading/sources.h"

int ports_setup(const struct session_context *context, int folder_fd, struct backend *backend,
                uint64_t deadline);
unsigned int ports_reap(const struct session_context *context, int folder_fd,
                        struct sources *sources);
int ports_teardown(const struct session_context *context, int folder_fd, uint64_t deadline);
void ports_note(const struct session_context *context, int folder_fd, struct backend *backend,
                uint16_t port, unsigned int counters, uint64_t before);

#endif
