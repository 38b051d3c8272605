/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The account of a local port's traffic, as it is in the state folder.
 */

#ifndef STORE_PORTSTATE_H
#define STORE_PORTSTATE_H

#include "base/cleanup.h"
#include "base/traffic.h"
#include "store/pending.h"
#include "store/statefile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers are FIELD_UNKNOWN (-1) and texts NULL where they are not known. Moments are microseconds
 * of the named clock. Texts are owned. */
struct portstate {
        int64_t local_port;

        /* the account; without a session none goes on, and the port is only remembered */
        char *session; /* its id */
        char *boot_id;
        char *backend;
        struct known_counter last[PORT_COUNTERS]; /* what they had when the total was made */
        struct known_traffic total;
        bool whole; /* since the last record nothing was missed */
        int64_t seen_boottime;
        int64_t seen_realtime;

        /* what the log has: the next record's number, the totals of the last one, its moment */
        int64_t seq;
        struct known_traffic reported;
        int64_t reported_boottime;
        struct pending pending; /* records that are made, of earlier accounts, too */
};

extern const struct statefile_kind portstate_kind;

struct portstate *portstate_free(struct portstate *state);
CLEANUP_DEFINE(struct portstate, portstate_free)

int portstate_new(uint16_t port, struct portstate **ret_state);
int portstate_begin(struct portstate *state, const char *session, const char *boot_id,
                    const char *backend);
void portstate_end(struct portstate *state);
int portstate_encode(const struct portstate *state, char **ret_data, size_t *ret_size);
int portstate_decode(const char *data, size_t size, struct portstate **ret_state,
                     const char **ret_field);

/* The folder; whoever calls these has the lock of the ports, STATELOCK_PORTS. */
int portfolder_load(int folder_fd, uint16_t port, struct portstate **ret_state,
                    const char **ret_field);
int portfolder_save(int folder_fd, const struct portstate *state, bool sync);
int portfolder_set_aside(int folder_fd, uint16_t port);
bool portfolder_is_outdated(int folder_fd, uint16_t port);
int portfolder_list(int folder_fd, uint16_t **ret_ports, size_t *ret_n);

#endif
