/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sources of a session's counters, and readings of them.
 */

#ifndef READING_SOURCES_H
#define READING_SOURCES_H

#include "account/account.h"
#include "netfilter/backend.h"
#include "netfilter/conntrack.h"
#include "netlink/sockdiag.h"
#include "reading/onesession.h"

/* A backend that was needed: sessions keep the one that they began with, whatever the configuration
 * says by now. */
struct sources_backend {
        struct backend *backend;           /* NULL: a free place */
        bool observed;                     /* its rules were read, or that was tried */
        struct backend_snapshot *snapshot; /* of all its sessions' rules; NULL: none was taken */
        uint64_t snapshot_boottime;        /* nothing in it was read before that */

        /* of who changes it, session/tables.c */
        bool prepared;
        bool made; /* the base was not there, or not all of it */
};

/* How many ports a run may begin to count that it did not know of. */
#define SOURCES_MADE_MOST 16

/* A local port whose counters had to be made for a session: they began at 0. */
struct sources_made {
        struct backend *backend;
        uint16_t port;
        unsigned int counters; /* 1 << PORT_... */
        uint64_t before;       /* then nothing was made yet, CLOCK_BOOTTIME in microseconds */
};

/* Opened once, for one session or for all of a reap. */
struct sources {
        struct conntrack *conntrack; /* NULL: this kernel has none */
        struct sockdiag *sockdiag;   /* NULL: not needed yet, or this kernel has none */
        bool sockdiag_tried;
        struct sources_backend backends[BACKEND_COUNT];
        struct backend *automatic; /* that of them which "auto" is; NULL: not asked for yet */
        uint64_t patience;         /* for the tables, microseconds */
        bool all;                  /* all sessions are looked at: one snapshot serves them */
        bool said_busy;            /* that somebody else had the tables has been reported */
        struct sources_made made[SOURCES_MADE_MOST]; /* likewise of who changes them */
        size_t n_made;
};

/* What is read: TCP and conntrack, and which rules. */
enum sources_way {
        SOURCES_WITHOUT_RULES, /* none: that costs the same at any number of sessions */
        SOURCES_SNAPSHOT,      /* those of one snapshot of all sessions, taken before: stale */
        SOURCES_AT_ONCE,       /* the session's own; it may tell that no packet was on its way */
        SOURCES_RULES_ALONE,   /* the session's own, and nothing else */
};

int sources_open(struct sources *sources, uint64_t patience);
void sources_close(struct sources *sources);
int sources_backend(struct sources *sources, const char *name, struct sources_backend **ret_place);
int sources_observe(struct sources *sources, const char *name, int proc_fd);
void sources_observe_again(struct sources *sources);

uint64_t sources_deadline(const struct sources *sources);
void sources_say_busy(const struct session *session);
const char *sources_backend_reason(int r);

struct connection sources_connection(const struct session *session);
int sources_conntrack(struct session *session, struct conntrack_entry *ret_entry);
bool sources_read(struct session *session, enum sources_way way, struct sample *ret_sample);

#endif
