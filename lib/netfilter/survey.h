/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The state of the base: which parts of what setup makes are in the kernel, and what counts.
 *
 * Owns: that a survey changes nothing: it makes no table, and loads no module for legacy iptables.
 * Relies on: CAP_NET_ADMIN.
 * Does not: look at the rules of sessions.
 */

#ifndef NETFILTER_SURVEY_H
#define NETFILTER_SURVEY_H

#include "base/traffic.h"
#include "netfilter/backend.h"

#include <stdbool.h>
#include <stdint.h>

/* What one backend has of ours, in both address families. */
struct survey_base {
        const char *name;
        int error;           /* an errno: it could not be looked at */
        bool available;      /* this kernel has it; false: nobody knows yet */
        bool there;          /* anything at all */
        bool complete;       /* chains, the ways to them, and what keeps conntrack on */
        bool counted;        /* whether it is known what passed the chains ... */
        struct traffic seen; /* ... since they were made */
};

struct survey {
        struct survey_base backends[BACKEND_COUNT];
        bool conntrack;   /* is loaded */
        bool accounting;  /* connections that begin now are counted */
        bool has_entries; /* the next is known */
        uint64_t entries; /* connections that conntrack has */
};

int survey_take(int proc_fd, const char *backend, struct survey *ret_survey);
const struct survey_base *survey_base(const struct survey *survey, const char *backend);

#endif
