/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All traffic of local ports, with sessions or without.
 */

#ifndef PORTS_PORTS_H
#define PORTS_PORTS_H

#include "reading/context.h"
#include "reading/sources.h"

#include <stdbool.h>
#include <stdint.h>

/* Some of all ports: of these, a reap writes a record. */
struct ports_due {
        uint64_t of[(UINT16_MAX + 1) / 64];
        uint64_t late[(UINT16_MAX + 1) / 64]; /* they were put off often enough */
};

static inline bool ports_has(const struct ports_due *due, uint16_t port) {
        return due->of[port / 64] >> (port % 64) & 1;
}

/* The record of a port has to wait for one of its sessions. On a busy host there is always one that
 * it could wait for: it does not wait for ever. */
static inline void ports_put_off(struct ports_due *due, uint16_t port) {
        due->of[port / 64] &= due->late[port / 64] | ~(UINT64_C(1) << (port % 64));
}

int ports_setup(const struct session_context *context, int folder_fd, struct backend *backend,
                uint64_t deadline);
void ports_look(const struct session_context *context, int folder_fd, struct sources *sources,
                struct ports_due *ret_due);
unsigned int ports_reap(const struct session_context *context, int folder_fd,
                        struct sources *sources, struct ports_due *due);
int ports_teardown(const struct session_context *context, int folder_fd, uint64_t deadline);
void ports_note(const struct session_context *context, int folder_fd, struct backend *backend,
                uint16_t port, unsigned int counters, uint64_t before);

#endif
