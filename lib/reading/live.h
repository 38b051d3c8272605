/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions that are open now, with their totals of this moment; and the ports of sshd.
 *
 * Owns: one pass over the state folder, the sockets, conntrack and, if conntrack does not suffice,
 * the rules. It changes nothing and waits for no session's lock. It updates only its own copy of an
 * account.
 * Does not: find logins that have no state. Only root can read the state folder.
 */

#ifndef READING_LIVE_H
#define READING_LIVE_H

#include "base/cleanup.h"
#include "base/uuid.h"
#include "store/record.h"
#include "store/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIVE_EVENT "live"

struct live_session {
        /* what an interim record would say now, but that its event is LIVE_EVENT and its number
         * the next record's */
        struct record *record;
        bool counted;      /* its counters could be read; else they are those of its state file */
        uint64_t moment;   /* when they were read, CLOCK_BOOTTIME in microseconds */
        uint64_t since;    /* when its account was last saved, by the same clock */
        uint64_t moved_in; /* bytes between the two */
        uint64_t moved_out;
};

struct live {
        struct live_session *sessions; /* the oldest first */
        size_t n;
        struct record **ports; /* with LIVE_TOGETHER: what their next records would say now */
        size_t n_ports;
        struct record **waiting; /* with LIVE_TOGETHER: of sessions that are over, made, and not in
                                    the log, which could not be written */
        size_t n_waiting;
        size_t n_damaged;            /* state files that could not be read ... */
        char damaged[UUID_TEXT_MAX]; /* ... and the session of one of them */
        size_t n_before;             /* sessions that a reboot ended, not yet recorded as ended */
        size_t n_over;               /* sessions whose connection is over, likewise */
        uint64_t over_longest;       /* how long the longest of these may be over, microseconds */
};

enum live_way {
        LIVE_EACH,     /* each session for itself, mostly from conntrack alone */
        LIVE_TOGETHER, /* as of one moment, the ports too: their rules are read in one snapshot */
};

int live_read(const struct settings *settings, int proc_fd, enum live_way way,
              struct live **ret_live);
struct live *live_free(struct live *live);
CLEANUP_DEFINE(struct live, live_free)

#endif
