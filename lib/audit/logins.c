/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The open logins.
 *
 * Owns: which parts of a state file are needed here.
 * Relies on: store/state.h. No lock is needed, because a state file is replaced as a whole.
 * Does not: make a missing state folder, or report a damaged file; the helper does that.
 */

#include "audit/logins.h"

#include "store/state.h"

#include <errno.h>
#include <fcntl.h>

static int logins_compare(const void *a, const void *b) {
        const struct audit_login *one = a, *other = b;

        if (one->pid != other->pid)
                return one->pid < other->pid ? -1 : 1;
        return one->started < other->started ? -1 : one->started > other->started;
}

/**
 * logins_sort() - put logins into the order in which they are found
 * @logins:     the logins
 */
void logins_sort(struct logins *logins) {
        qsort(logins->logins, logins->n, sizeof(*logins->logins), logins_compare);
}

/**
 * logins_clear() - forget them
 * @logins:     the logins
 */
void logins_clear(struct logins *logins) {
        free(logins->logins);
        *logins = (struct logins){ .n = 0 };
}

static int logins_add(int folder_fd, const char *session, struct names *names,
                      struct logins *logins) {
        _cleanup_(state_freep) struct state *state = NULL;
        struct audit_login *login = &logins->logins[logins->n];
        const char *field;

        if (statefolder_load(folder_fd, session, &state, &field) || state->pid <= 0)
                return 0;
        *login = (struct audit_login){
                .pid = state->pid,
                .started = state->pid_started < 0 ? 0 : (uint64_t)state->pid_started,
                .connection = { .local = state->local, .remote = state->remote },
        };
        if (names_add(names, session, &login->session) < 0 ||
            names_add(names, state->user, &login->user) < 0)
                return -ENOMEM;
        logins->n++;
        return 0;
}

/**
 * logins_read() - read the state folder
 * @state_dir:  its path
 * @names:      gets the sessions' ids
 * @ret_logins: the logins; to be given to logins_clear()
 *
 * Return: 0, or a negative errno; -ENOENT: no login was ever recorded here.
 */
int logins_read(const char *state_dir, struct names *names, struct logins *ret_logins) {
        _cleanup_(logins_clear) struct logins logins = { .known = true };
        _cleanup_(freep) char(*sessions)[UUID_TEXT_MAX] = NULL;
        _cleanup_(fd_closep) int fd = -1;
        size_t n;
        int r;

        fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = statefolder_list(fd, &sessions, &n);
        if (r < 0)
                return r;
        logins.logins = calloc(n ? n : 1, sizeof(*logins.logins));
        if (!logins.logins)
                return -ENOMEM;
        for (size_t i = 0; !r && i < n; i++)
                r = logins_add(fd, sessions[i], names, &logins);
        if (r < 0)
                return r;
        logins_sort(&logins);

        *ret_logins = logins;
        logins.logins = NULL;
        return 0;
}

/**
 * logins_find() - find the login that a process opened
 * @logins:     the logins
 * @pid:        the process
 * @started:    when it began, proc(5)
 *
 * Return: the login, or NULL.
 */
const struct audit_login *logins_find(const struct logins *logins, int64_t pid, uint64_t started) {
        const struct audit_login key = { .pid = pid, .started = started };

        return logins->n ? bsearch(&key, logins->logins, logins->n, sizeof(key), logins_compare)
                         : NULL;
}
