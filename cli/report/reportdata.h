/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The content of a report, for all forms: table, JSON, CSV, HTML page.
 *
 * Owns: tables of rows, each with its total; moments as numbers, and as text of the wanted time
 * zone. Nothing is rounded or escaped here: texts are hostile.
 */

#ifndef CLI_REPORTDATA_H
#define CLI_REPORTDATA_H

#include "base/base.h"
#include "cli/session/filter.h"
#include "cli/shared/period.h"
#include "index/index.h"
#include "reportby.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPORTDATA_KEYS_MAX 3
#define REPORTDATA_LABEL_MAX 48

struct report_row {
        /* in the order of --by: a user's name ... or a label as 2026-11-22; NULL: not known */
        const char *key[REPORTDATA_KEYS_MAX];
        uint64_t begin, end; /* of its hour, day or month, else of the whole report; microseconds */
        uint64_t in,
                out; /* bytes of the layer, as far as they are known; INDEX_UNKNOWN: no number */
        uint64_t sessions;   /* that were there */
        uint64_t unknown;    /* of them: not all bytes are known */
        uint64_t incomplete; /* of them: bytes may be missing (complete: false) */
        uint64_t excluded;   /* of them: not counted, as the configuration wants */
        double share;        /* of in + out of all rows, 0 to 1; below 0: not known */
};

struct report_table {
        enum report_by by[REPORTDATA_KEYS_MAX]; /* REPORT_NONE behind the last */
        struct report_row *rows;
        size_t n;                /* as many as --limit allows */
        size_t n_all;            /* ... and without it */
        struct report_row total; /* of all, those that --limit cut off too */
        void *kept;              /* what keys point to */
};

/* What a billing month will come to, if it goes on as it did. */
struct report_estimate {
        bool known;
        char label[REPORTDATA_LABEL_MAX]; /* the month, 2026-11 */
        double elapsed;                   /* the share of it that is over, above 0 */
        uint64_t in, out;                 /* so far */
        uint64_t estimated_in, estimated_out;
};

struct report_data {
        enum index_ledger ledger;
        enum index_layer layer;
        bool utc;     /* to be said: moments are shown in the zone of this process */
        uint64_t now; /* when it was made; all in microseconds of CLOCK_REALTIME */
        uint64_t since,
                until; /* what it is of: from the first record, to now, if nothing was said */
        unsigned int billing_day;
        struct report_table table; /* as --by wants it */
        struct report_table days;  /* by day, ascending; filled if with_series was set */
        struct report_table bars;  /* by what --by says, or by user; the largest first; likewise */
        struct report_table hosts; /* by host; likewise */
        struct report_estimate estimate;
        /* what went over sshd's ports, and of that what is no session's (failed logins, scanners);
         * known only where there are records of ports */
        bool ports_known;
        /* of users: what moved with excluded networks, in the same place */
        bool excluded_known;
        struct index_port ports;
        bool of_some;               /* it is of some sessions alone: of a user, a key, an address */
        struct index_counts counts; /* of the whole index */
        struct gaps gaps; /* when logins were not recorded, or users counted, of that time */
};

/* How rows are ordered. */
enum report_sort {
        REPORT_SORT_KEY,
        REPORT_SORT_IN,
        REPORT_SORT_OUT,
        REPORT_SORT_TOTAL,
        REPORT_SORT_SESSIONS,
        REPORT_SORT_DEFAULT, /* time ascends, else what moved most is first */
};

struct report_query {
        enum report_by by[REPORTDATA_KEYS_MAX];
        enum index_ledger ledger;
        enum index_layer layer;
        enum report_sort sort;
        uint64_t limit; /* rows; 0: all */
        struct period period;
        uint64_t now;
        uint64_t interval;           /* interim_interval */
        unsigned int billing_day;    /* 1 to 28 */
        const char *user;            /* only his; NULL: all */
        const struct filter *filter; /* of keys and addresses; NULL: all */
        bool with_series;
};

bool reportdata_is_known(const struct report_row *row);
bool reportdata_total(const struct report_row *row, uint64_t *ret_total);
const char *reportdata_noun(const struct report_data *data, bool capital);

struct index_query reportdata_query(const struct report_query *query);
int reportdata_new(struct index *index, const struct report_query *query,
                   struct report_data **ret_data);
struct report_data *reportdata_free(struct report_data *data);
CLEANUP_DEFINE(struct report_data, reportdata_free)

#endif
