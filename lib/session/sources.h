/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sources of a session's counters, and readings of them.
 */

#ifndef SESSION_SOURCES_H
#define SESSION_SOURCES_H

#include "netfilter/backend.h"
#include "netfilter/conntrack.h"
#include "netlink/sockdiag.h"
#include "session/account.h"
#include "session/onesession.h"

/* A backend that is in use: a session keeps the backend with which it began, even if the
 * configuration has changed since. */
struct sources_backend {
        struct backend *backend; /* NULL: a free place */
        bool prepared;
        bool made;                         /* the base was missing, or a part of it */
        struct backend_snapshot *snapshot; /* of all its sessions' rules; NULL: none was taken */
        uint64_t snapshot_boottime;        /* nothing in it was read before that */
};

/* Opened once, for one session or for all of a reap. */
struct sources {
        struct conntrack *conntrack; /* NULL: this kernel has none */
        struct sockdiag *sockdiag;   /* NULL: not needed yet, or this kernel has none */
        bool sockdiag_tried;
        struct sources_backend backends[BACKEND_COUNT];
        struct backend *automatic; /* the one that "auto" means; NULL: not asked for yet */
        bool all;                  /* all sessions are read: one snapshot serves them */
        bool said_busy;            /* it was reported that another program had the tables */
};

int sources_open(struct sources *sources);
void sources_close(struct sources *sources);
int sources_backend(struct sources *sources, const char *name, struct backend **ret_backend);
int sources_prepare(struct sources *sources, const char *name, bool snapshot);
int sources_observe(struct sources *sources, const char *name, int proc_fd);
const struct sources_backend *sources_snapshot(struct sources *sources, const char *name);
void sources_look_again(struct sources *sources);

uint64_t sources_patience(void);
uint64_t sources_deadline(const struct sources *sources);
void sources_say_busy(const struct session *session);
const char *sources_backend_reason(int r);

struct connection sources_connection(const struct session *session);
int sources_conntrack(struct session *session, struct conntrack_entry *ret_entry);

int sources_read_rules(struct session *session, struct known_traffic *ret_rules);
void sources_sample(struct session *session, struct sample *ret_sample);
void sources_peek(struct session *session, struct sample *ret_sample);
bool sources_glance(struct session *session, struct sample *ret_sample);

#endif
