/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The check of the users' ledger: that the kernel counts.
 *
 * Owns: the proof. A datagram to ourselves over loopback has to be in the row of root's sockets.
 */

#include "base/base.h"
#include "check.h"
#include "config.h"
#include "usermap/usermap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What is in the rows that this check has to look at. */
struct checkledger_rows {
        uint64_t root_packets; /* of root's sockets */
        size_t n;
        size_t n_rests; /* owners that have too many rows */
        uint32_t rest;  /* the lowest uid of them */
};

static int checkledger_compare_uids(const void *a, const void *b) {
        const struct usermap_row *x = a, *y = b;

        return (x->key.uid > y->key.uid) - (x->key.uid < y->key.uid);
}

/* Whose rows of the rest these are; an owner has two where networks are excluded. */
static void checkledger_rests(struct usermap_row *rests, size_t n, struct checkledger_rows *rows) {
        if (!n)
                return;
        qsort(rests, n, sizeof(*rests), checkledger_compare_uids);
        rows->rest = rests[0].key.uid;
        rows->n_rests = 1;
        for (size_t i = 1; i < n; i++)
                rows->n_rests += rests[i].key.uid != rests[i - 1].key.uid;
}

static int checkledger_read(struct usermap *map, struct checkledger_rows *ret_rows) {
        _cleanup_(freep) struct usermap_row *rows = NULL;
        size_t n, n_rests = 0;
        int r = usermap_read(map, &rows, &n);

        if (r < 0)
                return r;
        *ret_rows = (struct checkledger_rows){ .n = n };
        for (size_t i = 0; i < n; i++) {
                const struct userlayout_key *key = &rows[i].key;

                if (key->who == USERLAYOUT_USER && !key->uid)
                        ret_rows->root_packets += rows[i].traffic.out.packets;
                if (key->who == USERLAYOUT_REST)
                        rows[n_rests++] = rows[i];
        }
        checkledger_rests(rows, n_rests, ret_rows);
        return 0;
}

/* Send a datagram to ourselves. Return: false: that is not possible here. */
static bool checkledger_send(void) {
        struct sockaddr_in address = { .sin_family = AF_INET };
        _cleanup_(fd_closep) int fd = -1;
        socklen_t size = sizeof(address);

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        return fd >= 0 && !bind(fd, (struct sockaddr *)&address, size) &&
               !getsockname(fd, (struct sockaddr *)&address, &size) &&
               sendto(fd, "", 1, 0, (struct sockaddr *)&address, size) == 1;
}

static bool checkledger_is_attached(struct check_result *result) {
        static const char *const names[USERMAP_LINKS] = {
                [USERMAP_CREATE] = "link_create",
                [USERMAP_IN] = "link_in",
                [USERMAP_OUT] = "link_out",
        };

        for (enum usermap_link link = 0; link < USERMAP_LINKS; link++) {
                bool attached;
                int r = usermap_attached(link, &attached);

                if (!r && attached)
                        continue;
                if (r < 0)
                        check_find(result, CHECK_WARN,
                                   USERLAYOUT_FOLDER "/%s cannot be looked at: %s", names[link],
                                   strerror(-r));
                else
                        check_find(result, CHECK_WARN,
                                   USERLAYOUT_FOLDER "/%s is not attached: what users move is not "
                                                     "counted, or not to their logins",
                                   names[link]);
                return false;
        }
        return true;
}

/* The maps are there, and everything is attached. */
static void checkledger_counts(struct usermap *map, struct check_result *result) {
        struct checkledger_rows before, after;
        struct traffic lost;
        bool sent = false;
        int r = checkledger_read(map, &before);

        if (!r)
                sent = checkledger_send();
        if (!r)
                r = checkledger_read(map, &after);
        if (!r)
                r = usermap_lost(map, &lost);
        if (r < 0)
                check_find(result, CHECK_WARN, "cannot read what users moved: %s", strerror(-r));
        else if (sent && after.root_packets == before.root_packets)
                check_find(result, CHECK_WARN,
                           "a packet of root was not counted: this process is in no cgroup that "
                           "the kernel counts in");
        else if (lost.in.packets || lost.out.packets)
                check_find(result, CHECK_WARN,
                           "packets that found no memory, and are counted as unknown: %" PRIu64,
                           lost.in.packets + lost.out.packets);
        else
                check_find(result, CHECK_PASS, "%zu users and logins are counted", after.n);
}

/* What the next reap finds of what the last one saved. */
static bool checkledger_is_sound(const struct check_context *context, struct check_result *result) {
        _cleanup_(userstate_freep) struct userstate *state = NULL;
        const char *path = context->settings->state_dir, *field;
        _cleanup_(fd_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 || userfolder_load(fd, &state, &field) != STATE_E_INVALID)
                return true;
        check_find(result, CHECK_WARN,
                   "%s/users/accounts.json is damaged (%s): what was not recorded by now is lost; "
                   "the next reap sets it aside, and the records say that bytes may be missing",
                   path, field);
        check_helper(context, result, "reap");
        return false;
}

static void checkledger_look(const struct check_context *context, struct check_result *result) {
        _cleanup_(usermap_closep) struct usermap *map = NULL;
        int r;

        if (!context->settings->users) {
                check_find(result, CHECK_PASS, "not kept, as the configuration says (users = no)");
                return;
        }
        if (check_needs_root(context, result))
                return;
        r = usermap_open(&map);
        if (r == USERMAP_E_NOT_LOADED && access(PATH_LEDGER, X_OK) < 0) {
                check_find(result, CHECK_WARN,
                           "not kept: pam_traffic was built without clang and libbpf; everything "
                           "else works. users = no in the configuration silences this");
                return;
        }
        if (r) {
                check_find(result, CHECK_WARN, "not kept: %s", usermap_reason(r));
                check_helper(context, result, "setup");
                return;
        }
        if (!checkledger_is_attached(result))
                check_helper(context, result, "setup");
        else if (checkledger_is_sound(context, result))
                checkledger_counts(map, result);
}

/* Nothing is lost by it, so it is a check of its own. */
static void checkledger_bound(const struct check_context *context, struct check_result *result) {
        _cleanup_(usermap_closep) struct usermap *map = NULL;
        struct checkledger_rows rows;

        if (!context->settings->users)
                check_find(result, CHECK_PASS, "the users' ledger is not kept");
        else if (check_needs_root(context, result))
                return;
        else if (usermap_open(&map) != 0 || checkledger_read(map, &rows) < 0)
                check_find(result, CHECK_SKIP, "the users' ledger cannot be read");
        else if (rows.n_rests > 1)
                check_find(result, CHECK_WARN,
                           "uid %" PRIu32 ", and %zu more, have more logins or uids than have a "
                           "row each; what is beyond them is counted together, in a row for each "
                           "of these users",
                           rows.rest, rows.n_rests - 1);
        else if (rows.n_rests)
                check_find(result, CHECK_WARN,
                           "uid %" PRIu32 " has more logins or uids than have a row each; what is "
                           "beyond them is counted together, in a row of his own",
                           rows.rest);
        else
                check_find(result, CHECK_PASS, "each user and login has a row of its own");
}

static const struct check checkledger_checks[] = {
        { "users-ledger", checkledger_look },
        { "users-rows", checkledger_bound },
};

const struct check_room checkledger_room = CHECK_ROOM(checkledger_checks);
