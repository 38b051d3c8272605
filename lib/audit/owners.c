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

#include "audit/hash.h"
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
        free(owners->slots);
        owners->owners = NULL;
        owners->slots = NULL;
        owners->n = owners->room = owners->n_slots = owners->last = 0;
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

static uint32_t owners_slot(const struct owners *owners, uint32_t pid) {
        uint32_t at = (uint32_t)hash_number(0, pid) & (owners->n_slots - 1);

        while (owners->slots[at] && owners->owners[owners->slots[at] - 1].pid != pid)
                at = (at + 1) & (owners->n_slots - 1);
        return at;
}

static int owners_grow(struct owners *owners) {
        uint32_t room = owners->room ? owners->room * 2 : 64;
        struct owner *larger = reallocarray(owners->owners, room, sizeof(*larger));
        uint32_t *slots;

        if (!larger)
                return -ENOMEM;
        owners->owners = larger;
        slots = calloc((size_t)room * 2, sizeof(*slots));
        if (!slots)
                return -ENOMEM;
        free(owners->slots);
        owners->slots = slots;
        owners->room = room;
        owners->n_slots = room * 2;
        for (uint32_t i = 0; i < owners->n; i++)
                owners->slots[owners_slot(owners, owners->owners[i].pid)] = i + 1;
        return 0;
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
        uint32_t at;
        int r;

        if (owners->n && owners->owners[owners->last].pid == pid) {
                *ret_owner = &owners->owners[owners->last];
                return 0;
        }
        if (owners->n == owners->room && owners_grow(owners) < 0)
                return -ENOMEM;
        at = owners_slot(owners, pid);
        if (!owners->slots[at]) {
                r = owners_look(owners, pid, &owners->owners[owners->n]);
                if (r < 0)
                        return r;
                owners->slots[at] = ++owners->n;
        }
        owners->last = owners->slots[at] - 1;
        *ret_owner = &owners->owners[owners->last];
        return 0;
}
