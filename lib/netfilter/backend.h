/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A counting backend: it installs, reads and removes the two counting rules of a session, and
 * counts the traffic of local ports.
 *
 * Owns: the table of operations, the choice of a backend by its name, and the counters of all
 * sessions and ports at one moment. The session code knows only this header and changes.h.
 * Does not: know sessions; a rule is found again by the connection that it matches.
 */

#ifndef NETFILTER_BACKEND_H
#define NETFILTER_BACKEND_H

#include "base/cleanup.h"
#include "base/traffic.h"
#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        BACKEND_E_UNAVAILABLE = 1, /* this kernel or network namespace does not have it */
        BACKEND_E_BUSY,            /* somebody else held the lock until the deadline */
        BACKEND_E_NOT_FOUND,       /* no counting rules for that connection */
        BACKEND_E_UNKNOWN,         /* no backend of that name (backend_new() only) */
        BACKEND_E_EXISTS,          /* there are rules of that connection (a fresh add() only) */
};

struct backend;
struct backend_changes;
struct backend_snapshot;

/* A local port whose traffic is counted. */
struct backend_port {
        uint16_t port;
        struct known_counter counters[PORT_COUNTERS];
};

/*
 * What only reads. Each operation takes its own lock and gives it back. deadline is the latest
 * moment, in microseconds of CLOCK_MONOTONIC, at which it may still wait for that lock.
 */
struct backend_operations {
        const char *name;

        /* Read both counters. */
        int (*read)(struct backend *backend, const struct connection *connection, uint64_t deadline,
                    struct traffic *ret_traffic);

        /* Read the counters of all sessions and ports at one moment. An address family that this
         * kernel does not have has no sessions. ret_snapshot: to be given to
         * snapshot_free(). */
        int (*snapshot)(struct backend *backend, uint64_t deadline,
                        struct backend_snapshot **ret_snapshot);

        void (*free)(struct backend *backend);
};

struct survey_base;

/* How many backends there are. */
#define BACKEND_COUNT 2

/* The first member of every backend. */
struct backend {
        const struct backend_operations *operations;
        const struct backend_changes *changes; /* netfilter/changes.h */
        const char *lock_path; /* the lock that all users of legacy iptables share */
        uint64_t waited;       /* for others who had the tables, in all operations, microseconds */
};

const char *backend_name(size_t i);
bool backend_is_untouched(const char *name, int proc_fd);
void backend_look(size_t i, int proc_fd, struct survey_base *base);
const char *backend_missing(const char *name);
int backend_new(const char *name, struct backend **ret_backend);
struct backend *backend_free(struct backend *backend);
CLEANUP_DEFINE(struct backend, backend_free)

struct backend_snapshot *snapshot_free(struct backend_snapshot *snapshot);
CLEANUP_DEFINE(struct backend_snapshot, snapshot_free)

bool snapshot_find(const struct backend_snapshot *snapshot, const struct connection *connection,
                   struct traffic *ret_traffic);
const struct backend_port *snapshot_ports(const struct backend_snapshot *snapshot, size_t *ret_n);
const struct backend_port *snapshot_port(const struct backend_snapshot *snapshot, uint16_t port);
unsigned int snapshot_counters(const struct backend_snapshot *snapshot);

#endif
