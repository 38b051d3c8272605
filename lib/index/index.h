/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The index: sums of the record log, in a database that is derived from it.
 *
 * Owns: that each record counts once, by (session, seq), whatever rotation did and in whatever
 * order files are read; and that a sum is found without reading all records. The log is the truth.
 * A database that is missing, damaged, of another release or of another program is made anew. Its
 * content is trusted no more than a line of the log.
 *
 * Time: sums are kept by quarters of an hour of UTC, because the hours of every time zone consist
 * of them (Nepal: +5:45). The bytes that a record adds moved between the session's previous record
 * and itself, and are spread evenly over that span; those of a first record belong to the record's
 * own time.
 */

#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include "base/cleanup.h"
#include "base/clock.h"
#include "store/gaps.h"
#include "store/logreader.h"
#include "store/logset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The smallest span that the index knows. */
#define INDEX_SLOT (900 * CLOCK_SECOND)

/* The last moment that a query may have. */
#define INDEX_END ((uint64_t)INT64_MAX - INDEX_SLOT)

enum {
        INDEX_E_BUSY = 1,    /* somebody else takes the log in; what is there may be asked */
        INDEX_E_DAMAGED = 2, /* the database is: index_discard(), and begin again */
};

/* Told what happens; any of them may be NULL. */
struct index_watch {
        void *context;
        /* a line that is no record: what is wrong is in line->finding */
        void (*line)(void *context, const char *path, const struct logreader_line *line);
        /* a file that cannot be read, or not to its end: words of ours */
        void (*file)(void *context, const char *path, const char *what);
        /* bytes of the files, as they lie on the disk */
        void (*progress)(void *context, uint64_t done, uint64_t all);
};

struct index;

/* Of which records of the log a database is. */
enum index_ledger {
        INDEX_SSH,   /* those of logins and of sshd's ports */
        INDEX_USERS, /* those of users */
};

int index_open(const char *path, const char *log, enum index_ledger ledger,
               struct index **ret_index);
struct index *index_free(struct index *index);
CLEANUP_DEFINE(struct index, index_free)
const char *index_path(const struct index *index);
int index_discard(const char *path);

int index_take(struct index *index, const struct logset *set, const struct index_watch *watch);
int index_suppose(struct index *index, struct record *const *records, size_t n);
void index_suppose_end(struct index *index);

/* What was taken in, since the database is there. */
struct index_counts {
        uint64_t records;
        uint64_t bad_lines;
        uint64_t sessions;
        uint64_t open;        /* sessions without a stop record ... */
        uint64_t open_until;  /* ... and the time of the oldest of their last records; 0: none */
        uint64_t incomplete;  /* sessions of which bytes may be missing */
        uint64_t first, last; /* times of records, CLOCK_REALTIME in microseconds; 0: none */
};

int index_counts(struct index *index, struct index_counts *ret_counts);
int index_counts_accounts(struct index *index, uint64_t interval, struct index_counts *counts);

/* Is called for each cause with the number of sessions that ended by it. A cause of NULL is not
 * known. If it does not return 0, the walk ends. */
typedef int (*index_cause)(void *context, const char *cause, uint64_t sessions);

int index_counts_causes(struct index *index, index_cause cause, void *context);

int index_marks(struct index *index, uint64_t since, uint64_t until, struct gaps *ret_gaps);

enum index_layer {
        INDEX_IP,      /* in_bytes */
        INDEX_WIRE,    /* wire_in_bytes */
        INDEX_PAYLOAD, /* tcp_in_bytes */

        /* of INDEX_USERS, which has INDEX_IP, too: excluded_in_bytes */
        INDEX_EXCLUDED = INDEX_WIRE,
};

enum index_key {
        INDEX_NONE,
        INDEX_USER,
        INDEX_KEY, /* the method, where there was no key */
        INDEX_REMOTE,
        INDEX_NETWORK, /* its /24, or /64 */
        INDEX_HOST,
        INDEX_SERVICE,
        INDEX_KIND, /* what the login was for */

        /* of INDEX_USERS, which has INDEX_USER and INDEX_HOST, too */
        INDEX_UID,
        INDEX_LOGIN, /* the SSH session's id; else "audit session 7" */
};

#define INDEX_KEYS_MAX 3

struct index_query {
        /* Moments in ascending order, at least two; each belongs to the slot that it is in. A sum
         * is made for each span between one and the next: CLOCK_REALTIME in microseconds. */
        const uint64_t *edges;
        size_t n_edges;
        enum index_layer layer;
        enum index_key by[INDEX_KEYS_MAX];
        const char *user; /* only his; NULL: all */
        /* only those sessions for which this is true: their key or method, and their address, each
         * hostile, or NULL; NULL: all */
        bool (*wanted)(const void *context, const char *key, const char *remote);
        const void *context;
        bool late; /* also those whose name came late */
};

/* Bytes that no number holds: their sum is too large. */
#define INDEX_UNKNOWN UINT64_MAX

struct index_sum {
        size_t span;                     /* it begins at edges[span] */
        const char *key[INDEX_KEYS_MAX]; /* hostile; NULL: not known, or not asked for */
        uint64_t in, out;                /* or INDEX_UNKNOWN; so are all bytes below */
        uint64_t sessions;               /* that were there in that span */
        uint64_t unknown;                /* of them: not all bytes of the layer are known */
        uint64_t incomplete;             /* of them: bytes may be missing (complete: false) */
        uint64_t excluded; /* of them: not counted at all, as the configuration wanted */
};

/* What went over a port of sshd, on all hosts of the log. */
struct index_port {
        uint16_t port;
        uint64_t in, out;
        uint64_t excluded_in, excluded_out; /* of that, of sessions from excluded networks */
        uint64_t unauthenticated_in, unauthenticated_out; /* ... and no session's */
        bool misses; /* bytes of a session may be missing: these may be among the latter */
};

/* An account of the users' ledger whose first records have no name, and a later one has. The sums
 * have all of it as that user's. */
struct index_late {
        char *user, *uid; /* hostile */
        uint64_t in, out; /* ever recorded before the name, or INDEX_UNKNOWN */
};

struct index_answer {
        struct index_sum *sums; /* in the spans' order; none of what nothing was recorded of */
        size_t n;
        struct index_sum total; /* over all spans; each session once */
        /* of all users and the layer IP alone; INDEX_UNKNOWN also if not all is known of a session
         */
        struct index_port *ports; /* ascending; only those that were counted */
        size_t n_ports;
        struct index_port all_ports; /* the sum of these */
        struct index_late *late;
        size_t n_late;
        void *keys; /* the index's own: what sums' keys point to */
};

int index_ask(struct index *index, const struct index_query *query,
              struct index_answer **ret_answer);
struct index_answer *index_ask_free(struct index_answer *answer);
CLEANUP_DEFINE(struct index_answer, index_ask_free)

#endif
