/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Finding the client's connection of an sshd process.
 *
 * Owns: the walk over a process's descriptors, and from the process up to its sshd ancestors; how
 * an inode becomes a connection: (a) the socket itself is asked, (b) the process's tables in
 * /proc/net are read.
 * Relies on: proc(5): /proc/<pid>/fd/<n> reads "socket:[<inode>]", /proc/<pid>/net is the network
 * namespace of that process.
 * Does not: choose (choice.c); keep a descriptor; trust an ancestor that is not root's sshd.
 */

#include "net/connection.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/number.h"
#include "net/choice.h"
#include "net/numbered.h"
#include "net/process.h"
#include "net/socketlink.h"
#include "net/socktable.h"
#include "net/sshconnection.h"
#include "net/tcpsocket.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#define CONNECTION_RHOST_UNKNOWN "UNKNOWN"
#define CONNECTION_DEPTH_MAX 16                    /* processes, the own one included */
#define CONNECTION_FDS_MAX 65536                   /* descriptors of one process */
#define CONNECTION_TABLE_MAX (64U * 1024U * 1024U) /* bytes: some 400,000 rows */

/* The sockets that could not be asked and are left to the tables. */
struct connection_inodes {
        uint64_t *items;
        size_t n;
        size_t room;
};

static inline void connection_inodes_freep(struct connection_inodes *inodes) {
        free(inodes->items);
}

static int connection_inodes_add(struct connection_inodes *inodes, uint64_t inode) {
        if (inodes->n == inodes->room) {
                size_t room = inodes->room ? inodes->room * 2 : 32;
                uint64_t *items = reallocarray(inodes->items, room, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                inodes->items = items;
                inodes->room = room;
        }
        inodes->items[inodes->n++] = inode;
        return 0;
}

static int connection_inode_compare(const void *a, const void *b) {
        const uint64_t *left = a, *right = b;

        return (*left > *right) - (*left < *right);
}

/* Way (a): ask the socket. 0 if that settled it, or a negative errno if it could not be asked. */
static int connection_ask(struct choice *choice, pid_t holder, int pidfd, int fd, uint64_t inode) {
        struct tcpsocket socket;
        struct connection_found candidate = { .inode = inode, .holder = holder };
        int r;

        r = tcpsocket_ask(pidfd, fd, inode, &socket);
        if (r == TCPSOCKET_E_OTHER)
                return 0;
        if (r)
                return r;

        candidate.connection = socket.connection;
        candidate.info = socket.info;
        candidate.cookie = socket.cookie;
        candidate.interface = socket.interface;
        candidate.multipath = socket.multipath;
        if (socket.is_reset)
                choice_offer_reset(choice, &candidate);
        else
                choice_offer(choice, &candidate);
        return 0;
}

/* Whether a row is a connection with a remote end: what getpeername(2) answers for. */
static bool connection_row_is_connected(const struct socktable_row *row) {
        return row->inode && row->remote.port && row->state != TCP_LISTEN &&
               row->state != TCP_SYN_SENT && row->state != TCP_CLOSE;
}

/* Way (b): look the inodes up in one table of the process. A line that is not a row is passed. */
static int connection_look_up(struct choice *choice, const struct process *process,
                              const char *path, const struct connection_inodes *inodes) {
        _cleanup_(freep) char *data = NULL;
        struct socktable_row row;
        struct socktable table;
        size_t size;
        int r;

        r = file_read_at(process->directory_fd, path, CONNECTION_TABLE_MAX, &data, &size);
        if (r)
                return r < 0 ? r : -EFBIG;
        if (socktable_init(&table, data, size, BYTE_ORDER))
                return -EBADMSG;

        while ((r = socktable_next(&table, &row)) != SOCKTABLE_E_END) {
                struct connection_found candidate = { .holder = process->pid };

                if (r || !connection_row_is_connected(&row) ||
                    !bsearch(&row.inode, inodes->items, inodes->n, sizeof(*inodes->items),
                             connection_inode_compare))
                        continue;
                candidate.connection.local = row.local;
                candidate.connection.remote = row.remote;
                candidate.inode = row.inode;
                choice_offer(choice, &candidate);
        }
        return 0;
}

static int connection_look_up_all(struct choice *choice, const struct process *process,
                                  struct connection_inodes *inodes) {
        int r;

        if (!inodes->n)
                return 0;
        qsort(inodes->items, inodes->n, sizeof(*inodes->items), connection_inode_compare);

        r = connection_look_up(choice, process, "net/tcp", inodes);
        if (r < 0)
                return r;
        r = connection_look_up(choice, process, "net/tcp6", inodes);
        return r == -ENOENT ? 0 : r; /* a kernel without IPv6 has none */
}

/* Offer every connection that a process holds. */
static int connection_scan(struct choice *choice, const struct process *process,
                           enum connection_way way) {
        _cleanup_(connection_inodes_freep) struct connection_inodes inodes = { 0 };
        _cleanup_(numbered_closep) struct numbered fds = NUMBERED_NULL;
        _cleanup_(fd_closep) int pidfd = -1;
        int r, unable = -EOPNOTSUPP;

        if (way != CONNECTION_WAY_TABLE)
                unable = tcpsocket_open_holder(process->pid, &pidfd);
        if (way == CONNECTION_WAY_SOCKET && unable < 0)
                return unable;

        r = numbered_open(process->directory_fd, "fd", &fds);
        if (r < 0)
                return r;
        for (unsigned int n = 0; n < CONNECTION_FDS_MAX; n++) {
                const char *name;
                uint64_t inode;
                int fd;

                r = numbered_next(&fds, &fd, &name);
                if (r == -ENOENT)
                        return connection_look_up_all(choice, process, &inodes);
                if (r < 0)
                        return r;
                if (socketlink_read(numbered_fd(&fds), name, &inode) < 0)
                        continue;

                r = unable;
                if (!r)
                        r = connection_ask(choice, process->pid, pidfd, fd, inode);
                if (!r)
                        continue;

                if (way == CONNECTION_WAY_SOCKET && r != -EBADF && r != -ESTALE)
                        return r;
                if (way == CONNECTION_WAY_SOCKET)
                        continue; /* closed since it was listed */
                r = connection_inodes_add(&inodes, inode);
                if (r < 0)
                        return r;
        }
        return -E2BIG;
}

/**
 * connection_hint_parse() - read what PAM knows about the client
 * @ssh_connection:     SSH_CONNECTION of the PAM environment, or NULL
 * @rhost:              PAM_RHOST, or NULL
 * @ret_hint:           what of it is fit for use
 *
 * Behind a pipe or a local socket (`sshd -i`) sshd writes UNKNOWN into both (ssh_remote_ipaddr() in
 * its packet.c, auth_get_canonical_hostname() in its auth.c). A user may have written the first one
 * himself.
 */
void connection_hint_parse(const char *ssh_connection, const char *rhost,
                           struct connection_hint *ret_hint) {
        struct connection_hint hint = { 0 };
        int r;

        if (ssh_connection) {
                r = sshconnection_parse(ssh_connection, &hint.connection);
                hint.has_connection = !r;
                hint.is_not_ip = r == SSHCONNECTION_E_UNKNOWN &&
                                 (!rhost || !strcmp(rhost, CONNECTION_RHOST_UNKNOWN));
        }
        if (rhost)
                hint.has_rhost = !address_parse(rhost, &hint.rhost);
        *ret_hint = hint;
}

/**
 * connection_find() - find the client's connection
 * @proc_fd:    an open /proc
 * @pid:        the sshd process that runs the PAM session
 * @hint:       what is known of the client
 * @way:        how inodes become connections; CONNECTION_WAY_ANY but for tests
 * @ret_found:  the connection, and who holds it
 *
 * The process itself is looked at first, then its parents as long as they are sshd of root; the
 * first that holds a connection which fits the hint decides.
 *
 * Return: 0, CONNECTION_E_..., or a negative errno.
 */
int connection_find(int proc_fd, pid_t pid, const struct connection_hint *hint,
                    enum connection_way way, struct connection_found *ret_found) {
        _cleanup_(process_closep) struct process process = PROCESS_NULL;
        struct choice choice;
        int r;

        r = process_open(proc_fd, pid, &process);
        if (r)
                return r < 0 ? r : -ESRCH;
        if (!process.is_sshd)
                return CONNECTION_E_NOT_SSHD;
        if (hint->is_not_ip)
                return CONNECTION_E_NOT_TCP;

        for (int depth = 1;; depth++) {
                struct process parent = PROCESS_NULL;

                choice_init(&choice, hint);
                r = connection_scan(&choice, &process, way);
                if (r < 0)
                        return r;
                r = choice_result(&choice, ret_found);
                if (r != CONNECTION_E_NONE || depth == CONNECTION_DEPTH_MAX)
                        return r;

                r = process_open_parent(proc_fd, &process, &parent);
                if (r)
                        return r < 0 ? r : CONNECTION_E_NONE;
                process_closep(&process);
                process = parent;
                if (!process.is_sshd || process.uid != 0)
                        return CONNECTION_E_NONE;
        }
}
