/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A report as a page: one HTML file that needs nothing beside itself.
 */

#ifndef CLI_REPORTPAGE_H
#define CLI_REPORTPAGE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define REPORTPAGE_KEYS_MAX 2
#define REPORTPAGE_UNKNOWN UINT64_MAX

/* Bytes are REPORTPAGE_UNKNOWN where nothing of them is known. Texts may be hostile; a key that is
 * NULL is not known. */
struct reportpage_row {
        const char *key[REPORTPAGE_KEYS_MAX];
        uint64_t in;
        uint64_t out;
        uint64_t sessions;
        uint64_t incomplete; /* of the sessions, those that may miss bytes */
};

struct reportpage_rows {
        const struct reportpage_row *rows;
        size_t n;
};

struct reportpage {
        const char *host;
        const char *period;    /* for people */
        const char *layer;     /* likewise: what is counted */
        const char *zone;      /* in which days are days */
        const char *generated; /* the moment, for people */
        const char *version;
        const char *by[REPORTPAGE_KEYS_MAX]; /* what the table's keys are */
        size_t n_by;
        struct reportpage_rows rows;  /* the table, in its order */
        struct reportpage_rows days;  /* key: YYYY-MM-DD, ascending, those with traffic */
        struct reportpage_rows users; /* the largest first */
        struct reportpage_rows ports; /* what belongs to no login; key: the port */
        struct reportpage_row total;
        const char *month;               /* the running month, for people; NULL: no estimate */
        struct reportpage_row month_end; /* what it comes to at its end */
        const char *const *notes;        /* what is not known or not counted, one sentence each */
        size_t n_notes;
};

int reportpage_write(const struct reportpage *page, FILE *stream);

#endif
