/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The processes that have sockets open; each is read once.
 *
 * Owns: the way from a process up to the sshd that opened its login.
 * Relies on: net/process.h. Processes that the user started stay below that sshd while it runs. A
 * process that outlives it (nohup, tmux) becomes a child of init, and belongs to no session any
 * more.
 */

#include "audit/owners.h"

#include "net/process.h"

#include <errno.h>

/* A chain of parents is short; a loop, which only a pid given away twice could make, ends. */
#define OWNERS_DEPTH 64

/**
 * owners_init() - begin without any
 * @owners:     the processes
 * @proc_fd:    an open /proc
 * @names:      gets the programs' names
 * @logins:     the logins
 */
void owners_init(struct owners *owners, int proc_fd, struct names *names,
                 const struct logins *logins) {
        *owners = (struct owners){ .proc_fd = proc_fd, .names = names, .logins = logins };
}

/**
 * owners_clear() - forget all
 * @owners:     the processes
 */
void owners_clear(struct owners *owners) {
        free(owners->owners);
        map_clear(&owners->by_pid);
        owners->owners = NULL;
        owners->n = owners->room = owners->last = 0;
}

/* Walk up until a process opened a login. */
static const struct audit_login *owners_login(const struct owners *owners,
                                              const struct process *of) {
        _cleanup_(process_closep) struct process process = PROCESS_NULL;
        const struct audit_login *login;

        if (!owners->logins->n)
                return NULL;
        login = logins_find(owners->logins, of->pid, of->stat.start);
        for (unsigned int i = 0; !login && i < OWNERS_DEPTH; i++) {
                struct process parent = PROCESS_NULL;

                if (process_open_parent(owners->proc_fd, i ? &process : of, &parent))
                        return NULL;
                process_closep(&process);
                process = parent;
                login = logins_find(owners->logins, process.pid, process.stat.start);
        }
        return login;
}

static int owners_look(const struct owners *owners, uint32_t pid, struct owner *ret_owner) {
        _cleanup_(process_closep) struct process process = PROCESS_NULL;
        struct owner owner = { .pid = pid, .program = AUDIT_UNKNOWN, .session = AUDIT_UNKNOWN };

        /* gone, or not to be seen: then it has no name */
        if (!process_open(owners->proc_fd, (pid_t)pid, &process)) {
                if (names_add(owners->names, process.stat.comm, &owner.program) < 0)
                        return -ENOMEM;
                owner.is_sshd = process.is_sshd;
                owner.login = owners_login(owners, &process);
                if (owner.login)
                        owner.session = owner.login->session;
        }
        *ret_owner = owner;
        return 0;
}

static int owners_grow(struct owners *owners) {
        uint32_t room = owners->room ? owners->room * 2 : 64;
        struct owner *larger = reallocarray(owners->owners, room, sizeof(*larger));

        if (!larger)
                return -ENOMEM;
        owners->owners = larger;
        owners->room = room;
        return 0;
}

/* One that was not looked at yet. */
static int owners_add(struct owners *owners, uint64_t hash, uint32_t pid) {
        int r;

        if (owners->n == owners->room && owners_grow(owners) < 0)
                return -ENOMEM;
        r = owners_look(owners, pid, &owners->owners[owners->n]);
        return r < 0 ? r : map_add(&owners->by_pid, hash, owners->n++);
}

/**
 * owners_get() - tell about a process
 * @owners:     the processes
 * @pid:        its number
 * @ret_owner:  what is known, until the next one is asked for
 *
 * Return: 0 or -ENOMEM.
 */
int owners_get(struct owners *owners, uint32_t pid, const struct owner **ret_owner) {
        const struct map_keys keys = MAP_KEYS(owners->owners, pid);
        uint64_t hash = map_hash(0, &pid, sizeof(pid));
        const uint32_t *known = &owners->last;

        if (!owners->n || owners->owners[owners->last].pid != pid)
                known = map_find(&owners->by_pid, hash, &keys, &pid);
        if (!known) {
                int r = owners_add(owners, hash, pid);

                if (r < 0)
                        return r;
        }
        owners->last = known ? *known : owners->n - 1;
        *ret_owner = &owners->owners[owners->last];
        return 0;
}
