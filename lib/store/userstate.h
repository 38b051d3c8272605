/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The accounts of the users' ledger, as they are in the state folder.
 */

#ifndef STORE_USERSTATE_H
#define STORE_USERSTATE_H

#include "base/cleanup.h"
#include "base/traffic.h"
#include "store/gaps.h"
#include "store/pending.h"
#include "store/statefile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whose sockets an account is of; the words are those of the record's key socket_owner. */
enum useraccount_who {
        USERACCOUNT_USER,
        USERACCOUNT_KERNEL,
        USERACCOUNT_UNKNOWN,
        USERACCOUNT_REST, /* of a user: what has no account of its own */
        USERACCOUNT_WHOS,
};

/* Traffic with all networks but the excluded ones, and with these. */
enum { USERACCOUNT_COUNTED, USERACCOUNT_EXCLUDED, USERACCOUNT_PARTS };

/* One account: of what one row, or two, of the kernel's map counted. Numbers are FIELD_UNKNOWN (-1)
 * and texts NULL where they are not known or do not apply. Texts are owned. */
struct useraccount {
        char *id;
        int64_t uid;
        int64_t session; /* audit session */
        int64_t owner;   /* whose place in the map its rows take */
        int64_t who;
        char *user;          /* the name of the user, as it was last known */
        char *ssh_session;   /* the login's, if a reap saw it open */
        char *boot_id;       /* of an earlier boot; NULL: of that of the state */
        int64_t ended;       /* since when nothing is counted for it, CLOCK_REALTIME */
        int64_t moved;       /* when it was last seen to have moved something, CLOCK_BOOTTIME */
        int64_t seq;         /* the number of its next record */
        int64_t reported_at; /* the moment of its last record, CLOCK_BOOTTIME */
        bool whole;          /* since its last record nothing was missed */
        bool over;           /* its rows are gone, and so is it after its last record */
        bool woke;           /* what it has moved since its last record it moved since the reading
                              * before this one; not in the file */
        bool due;            /* it gets a record now; not in the file */
        bool quiet;          /* and one before, which ends the time without any; not in the file */
        struct traffic last[USERACCOUNT_PARTS]; /* what its rows had when the total was made */
        struct traffic total[USERACCOUNT_PARTS];
        struct traffic reported[USERACCOUNT_PARTS]; /* the totals of its last record */
};

/* A mark that the log is to have: from when on users are not counted, or are again. */
struct usermark {
        bool off;
        enum gap_cause cause;
        int64_t realtime;
};

#define USERSTATE_MARKS_MAX 3 /* of one reading, and of the end */

struct userstate {
        char *boot_id;
        int64_t map;           /* the kernel's number of the map */
        int64_t seen_realtime; /* when the map was last read */
        int64_t seen_before;   /* and the time before that; not in the file */
        int64_t lost;          /* packets that had found no row of it by then */
        int64_t since;         /* since when it had counted everything, CLOCK_BOOTTIME */
        int64_t off; /* since when users are not counted, CLOCK_REALTIME; the log has the mark */
        struct usermark marks[USERSTATE_MARKS_MAX]; /* that are due; not in the file */
        size_t n_marks;
        struct useraccount *accounts;
        size_t n, room;
        struct pending pending; /* records that are made */
        bool changed;           /* since it was read; not in the file */
};

int userstate_new(struct userstate **ret_state);
struct userstate *userstate_free(struct userstate *state);
CLEANUP_DEFINE(struct userstate, userstate_free)

int userstate_add(struct userstate *state, const char *id, struct useraccount **ret_account);
void userstate_drop(struct userstate *state, size_t i);
bool userstate_account_moved(const struct useraccount *account);

int userstate_encode(const struct userstate *state, char **ret_data, size_t *ret_size);
int userstate_decode(const char *data, size_t size, struct userstate **ret_state,
                     const char **ret_field);

/* The folder; whoever calls these has the lock STATELOCK_USERS, or only looks. */
int userfolder_load(int folder_fd, struct userstate **ret_state, const char **ret_field);
int userfolder_save(int folder_fd, const struct userstate *state, bool sync);
int userfolder_set_aside(int folder_fd);
bool userfolder_is_aside(int folder_fd);
bool userfolder_is_outdated(int folder_fd);

#endif
