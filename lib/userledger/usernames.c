/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The names of users, within a deadline.
 *
 * Owns: that a directory service which does not answer keeps no reap waiting: a child asks for the
 * names, and is killed when the time is over. Then the name of before stands, if there is one. A
 * subordinate uid has the name of its owner, if that is one alone.
 * Relies on: getpwuid(3), which asks what nsswitch.conf(5) names; subuid(5): an owner is a name or
 * a uid.
 */

#include "userledger/usernames.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "store/fields.h"
#include "usermap/subuid.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* An answer: the account's place, and its user's name. One write, which a pipe keeps whole. */
struct usernames_answer {
        uint32_t place;
        char name[SUBUID_NAME_MAX];
};

static bool usernames_is_wanted(const struct useraccount *account) {
        return account->due && account->uid != FIELD_UNKNOWN;
}

/* In the child: the name of an account's user, or else of his uid's owner. The rest of a range is
 * its owner's; where a directory service has a user of that uid, nobody knows whose it is. Return:
 * NULL if there is none. */
static const char *usernames_find(const struct subuid *subuid, const struct useraccount *account) {
        const uint32_t uid = (uint32_t)account->uid;
        const struct passwd *user = getpwuid((uid_t)uid);
        const char *owner;
        uint64_t number;

        if (user)
                return account->who == USERACCOUNT_REST && subuid_has(subuid, uid) ? NULL
                                                                                   : user->pw_name;
        owner = subuid_owner(subuid, uid);
        if (!owner || number_parse(owner, strlen(owner), 10, UINT32_MAX - 1, &number) < 0)
                return owner;
        user = getpwuid((uid_t)number);
        return user ? user->pw_name : NULL;
}

/* In the child: all that is wanted. */
static void usernames_answer(const struct userstate *state, int fd) {
        struct subuid subuid = { .n = 0 };

        (void)subuid_read(&subuid);
        for (size_t i = 0; i < state->n; i++) {
                const struct useraccount *account = &state->accounts[i];
                struct usernames_answer answer = { .place = (uint32_t)i };
                const char *name;

                if (!usernames_is_wanted(account))
                        continue;
                name = usernames_find(&subuid, account);
                if (!name || strlen(name) >= sizeof(answer.name))
                        continue;
                (void)strcpy(answer.name, name);
                if (write(fd, &answer, sizeof(answer)) != sizeof(answer))
                        break;
        }
        subuid_clear(&subuid);
}

/* Take the answers, until the child has ended or the time is over. */
static void usernames_take(struct userstate *state, int fd, uint64_t deadline) {
        for (;;) {
                struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
                uint64_t now = clock_now(CLOCK_MONOTONIC);
                struct usernames_answer answer;
                int n = poll(&poll_fd, 1, now < deadline ? (int)((deadline - now) / 1000) + 1 : 0);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0 || read(fd, &answer, sizeof(answer)) != sizeof(answer))
                        return;
                answer.name[sizeof(answer.name) - 1] = '\0';
                if (answer.place < state->n &&
                    usernames_is_wanted(&state->accounts[answer.place]) &&
                    text_replace(&state->accounts[answer.place].user, answer.name) < 0)
                        return;
        }
}

/**
 * usernames_fill() - find the names of those that get a record now
 * @state:      the accounts
 * @deadline:   how long to wait for them, CLOCK_MONOTONIC in microseconds
 *
 * An account whose user has no name stays without one.
 */
void usernames_fill(struct userstate *state, uint64_t deadline) {
        bool wanted = false;
        int fds[2];
        pid_t pid;

        for (size_t i = 0; i < state->n; i++)
                wanted = wanted || usernames_is_wanted(&state->accounts[i]);
        if (!wanted || pipe2(fds, O_CLOEXEC) < 0)
                return;
        pid = fork();
        if (!pid) {
                (void)fd_close(fds[0]);
                usernames_answer(state, fds[1]);
                _exit(0);
        }
        (void)fd_close(fds[1]);
        if (pid > 0) {
                usernames_take(state, fds[0], deadline);
                (void)kill(pid, SIGKILL);
                while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        (void)fd_close(fds[0]);
}
