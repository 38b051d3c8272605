/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions that are open now, as a command gets them.
 */

#ifndef CLI_OPENS_H
#define CLI_OPENS_H

#include "base/base.h"
#include "reading/reading.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct opens_session {
        const struct record *record; /* as it would be now; or the session's last one */
        int64_t in_rate;             /* bytes per second; RECORD_UNKNOWN if it is */
        int64_t out_rate;
        uint64_t moment; /* when the counters were read, CLOCK_BOOTTIME in microseconds */
};

struct opens {
        struct opens_session *sessions; /* the oldest first */
        size_t n;
        size_t uncounted;        /* those whose counters could not be read now */
        struct live *live;       /* NULL: they are from the log */
        struct record **records; /* where they are from the log */
        size_t n_records;
};

/* In the order in which --sort names them. */
enum opens_order {
        OPENS_FROM,
        OPENS_IN,
        OPENS_KEY,
        OPENS_OUT,
        OPENS_RATE,
        OPENS_SESSION,
        OPENS_SINCE,
        OPENS_TOTAL,
        OPENS_USER,
};

extern const char *const opens_orders[]; /* NULL ends them */

int opens_read(const struct settings *settings, bool quiet, struct opens **ret_opens);
struct opens *opens_free(struct opens *opens);
CLEANUP_DEFINE(struct opens, opens_free)

void opens_keep(struct opens *opens, const char *user);
void opens_sort(struct opens *opens, enum opens_order order);
int64_t opens_rate(const struct opens_session *session);

#endif
