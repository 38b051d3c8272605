/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One run over local ports, which holds their lock: it reads and makes their counters, and updates
 * their accounts.
 */

#ifndef PORTS_PORTRUN_H
#define PORTS_PORTRUN_H

#include "netfilter/backend.h"
#include "reading/context.h"
#include "store/portstate.h"

struct ports_due;

struct portrun {
        const struct session_context *context;
        int folder_fd;
        int lock_fd;
        char *boot_id;
        struct backend *backend; /* borrowed, as is the snapshot; NULL: not needed */
        const struct backend_snapshot *snapshot;
        uint64_t snapshot_boottime; /* nothing in it was read before that */
        bool disturbed;             /* the base was not whole before the snapshot */
        struct ports_due *due;      /* borrowed; of a reap alone */
        uint64_t deadline;          /* how long to wait for the tables, CLOCK_MONOTONIC */
};

#define PORTRUN_INIT \
        { .lock_fd = -1 }

int portrun_begin(struct portrun *run, const struct session_context *context, int folder_fd,
                  uint64_t patience);
void portrun_end(struct portrun *run);
unsigned int portrun_each(struct portrun *run, int (*work)(struct portrun *run, uint16_t port));

int portrun_load(const struct portrun *run, uint16_t port, struct portstate **ret_state);
int portrun_record(const struct portrun *run, struct portstate *state, uint64_t realtime);
bool portrun_is_open(const struct portrun *run, const struct portstate *state);
int portrun_open(const struct portrun *run, struct portstate *state);
int portrun_close(const struct portrun *run, struct portstate *state, uint64_t realtime);

void portrun_seen(struct portstate *state, uint64_t boottime);
bool portrun_update(const struct portrun *run, struct portstate *state);
int portrun_count(const struct portrun *run, struct portstate *state);

#endif
