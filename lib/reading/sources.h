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

/* A backend that is in use: a session keeps the backend with which it began, even if the
 * configuration has changed since. */
struct sources_backend {
        struct backend *backend;           /* NULL: a free place */
        bool observed;                     /* its rules were read, or that was tried */
        struct backend_snapshot *snapshot; /* of all its sessions' rules; NULL: none was taken */
        uint64_t snapshot_boottime;        /* nothing in it was read before that */

        /* set by session/tables.c, which makes the base */
        bool prepared;
        bool made; /* the base was missing, or a part of it */
};

/* Opened once, for one session or for all sessions of a reap. */
struct sources {
        struct conntrack *conntrack; /* NULL: this kernel has none */
        struct sockdiag *sockdiag;   /* NULL: not needed yet, or this kernel has none */
        bool sockdiag_tried;
        struct sources_backend backends[BACKEND_COUNT];
        struct backend *automatic; /* the one that "auto" means; NULL: not asked for yet */
        uint64_t patience;         /* how long the run may wait for the tables, microseconds */
        bool all;                  /* all sessions are read: one snapshot serves them */
        bool said_busy;            /* it was reported that another program had the tables */
};

/* Which rules are read; TCP and conntrack are read, too. */
enum sources_way {
        SOURCES_WITHOUT_RULES, /* none: the cost does not depend on the number of sessions */
        SOURCES_SNAPSHOT,      /* from an earlier snapshot of all sessions: stale */
        SOURCES_AT_ONCE,       /* the session's; may prove that no packet was on its way */
};

int sources_open(struct sources *sources, uint64_t patience);
void sources_close(struct sources *sources);
int sources_backend(struct sources *sources, const char *name, struct sources_backend **ret_place);
int sources_observe(struct sources *sources, const char *name, int proc_fd);
void sources_observe_again(struct sources *sources);

uint64_t sourceswait_deadline(const struct sources *sources);
void sourceswait_say_busy(const struct session *session);
const char *sourceswait_reason(int r);

struct connection sources_connection(const struct session *session);
int sources_conntrack(struct session *session, struct conntrack_entry *ret_entry);
bool sources_read(struct session *session, enum sources_way way, struct sample *ret_sample);
bool sources_read_quiet(struct session *session, struct sample *ret_sample);

#endif
