/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All sockets, and who holds them, told by the kernel itself.
 *
 * Owns: loading the programs of sockiter.bpf.c, and reading what they note, in threads: the kernel
 * works in the one that asks.
 * Relies on: libbpf; where the kernel has its table of connections (Linux 6.1 and later), the
 * kernel's BTF, CAP_BPF with CAP_PERFMON, or CAP_SYS_ADMIN. bpf_seq_read() in
 * kernel/bpf/bpf_iter.c: a read ends with the kernel's buffer, or with EAGAIN: a program wants
 * that, or none of a million entries was written.
 * Does not: work where @proc_fd is another pid namespace's /proc, or no /proc at all.
 */

#include "net/sockiter.h"

#include "base/bpfobject.h"
#include "pam_traffic/number.h"
#include "pam_traffic/pump.h"
#include "sockiter_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <string.h>
#include <unistd.h>

#include "net/sockiter_record.h"

/* Records of a part: read() then never cuts one. */
#define SOCKITER_RECORDS 1024

/* The holders wait until all sockets are known, and take 16 KiB a part. */
#define SOCKITER_PARTS 16
#define SOCKITER_HOLDER_PARTS 256

/* One program's walk, read by a thread: the kernel works in the one that reads. */
struct sockiter_walk {
        const struct sockiter_connected *shared;
        struct bpf_link *link;
        int fd;
        struct pump *pump;
};

struct sockiter {
        struct bpf_object *object;
        struct sockiter_shared *shared;
        struct sockiter_connected *connected;
        struct sockiter_walk holders; /* while they are read */
        uint32_t next;                /* of the shared ones, the first that was not handed over */
        sockiter_take take;
        holders_take hold;
        void *context;
};

#define SOCKITER_WALK_NULL \
        { .fd = -1 }

/* A process's number in one pid namespace is another's in the next. */
static bool sockiter_is_ours(int proc_fd) {
        char link[32];
        ssize_t n = readlinkat(proc_fd, "self", link, sizeof(link));
        uint64_t pid;

        return n > 0 && number_parse(link, (size_t)n, 10, UINT32_MAX, &pid) == 0 &&
               pid == (uint64_t)getpid();
}

/**
 * sockiter_new() - load the programs
 * @proc_fd:    an open /proc: whose processes are meant
 * @ret_iter:   the iterators, to be given to sockiter_free()
 *
 * Return: 0, SOCKITER_E_UNAVAILABLE, or -ENOMEM.
 */
int sockiter_new(int proc_fd, struct sockiter **ret_iter) {
        _cleanup_(sockiter_freep) struct sockiter *iter = NULL;

        if (!sockiter_is_ours(proc_fd))
                return SOCKITER_E_UNAVAILABLE;
        iter = calloc(1, sizeof(*iter));
        if (!iter)
                return -ENOMEM;
        iter->holders.fd = -1;
        if (bpfobject_load(sockiter_object, sizeof(sockiter_object), &iter->object) < 0)
                return SOCKITER_E_UNAVAILABLE;
        iter->shared = bpfobject_map(iter->object, "sockiter_map", sizeof(*iter->shared));
        iter->connected = bpfobject_map(iter->object, "sockiter_tcp_map", sizeof(*iter->connected));
        if (!iter->shared || !iter->connected)
                return SOCKITER_E_UNAVAILABLE;

        *ret_iter = pointer_steal(&iter);
        return 0;
}

/* A walk is over, or not wanted any more. */
static void sockiter_end(struct sockiter_walk *walk) {
        walk->pump = pump_free(walk->pump);
        walk->fd = fd_close(walk->fd);
        (void)bpf_link__destroy(walk->link);
        walk->link = NULL;
}

/**
 * sockiter_free() - unload the programs
 * @iter:       the iterators, or NULL
 *
 * Return: NULL.
 */
struct sockiter *sockiter_free(struct sockiter *iter) {
        if (!iter)
                return NULL;
        sockiter_end(&iter->holders);
        bpfobject_unmap(iter->shared, sizeof(*iter->shared));
        bpfobject_unmap(iter->connected, sizeof(*iter->connected));
        bpf_object__close(iter->object);
        free(iter);
        return NULL;
}

/* In the thread: whole records, none at the end, or a negative errno. */
static ssize_t sockiter_fill(void *context, void *part, size_t size) {
        const struct sockiter_walk *walk = context;
        ssize_t n;

        do
                n = read(walk->fd, part, size);
        while (n < 0 && (errno == EINTR || (errno == EAGAIN && !walk->shared->listened)));
        if (n < 0 && errno == EAGAIN)
                return 0;
        return n < 0 ? -errno : n;
}

/* Begin a program's walk; to be given to sockiter_end(). */
static int sockiter_open(const struct sockiter *iter, const char *name,
                         struct sockiter_walk *walk) {
        const struct bpf_program *program;

        program = bpf_object__find_program_by_name(iter->object, name);
        if (!program)
                return -ENOENT;
        walk->link = bpf_program__attach_iter(program, NULL);
        if (!walk->link)
                return -errno;
        walk->fd = bpf_iter_create(bpf_link__fd(walk->link));
        return walk->fd < 0 ? -errno : 0;
}

static int sockiter_on_sockets(void *context, const void *part, size_t size) {
        const struct sockiter *iter = context;
        const struct sockiter_socket *records = part;
        int r = 0;

        for (size_t i = 0; !r && i < size / sizeof(*records); i++) {
                const struct sockiter_socket *record = &records[i];
                struct socktable_row row;

                if (address_from_bytes(record->family, record->local, &row.local.address) < 0 ||
                    address_from_bytes(record->family, record->remote, &row.remote.address) < 0)
                        return -EBADMSG;
                row.local.port = record->local_port;
                row.remote.port = record->remote_port;
                row.state = record->state;
                row.uid = record->uid;
                row.inode = record->inode;
                r = iter->take(iter->context, record->protocol, &row);
        }
        return r;
}

static int sockiter_run_sockets(struct sockiter *iter, const char *name) {
        struct sockiter_walk walk = { .shared = iter->connected, .fd = -1 };
        int r;

        iter->connected->listened = 0;

        r = sockiter_open(iter, name, &walk);
        if (!r)
                r = pump_new(sockiter_fill, &walk,
                             SOCKITER_RECORDS * sizeof(struct sockiter_socket), SOCKITER_PARTS,
                             &walk.pump);
        if (!r)
                r = pump_drain(walk.pump, sockiter_on_sockets, iter);
        sockiter_end(&walk);
        return r;
}

/* In the thread: the records of a run, or of the next one that has some. */
static ssize_t sockiter_fill_connected(void *context, void *part, size_t size) {
        const struct sockiter *iter = context;
        struct sockiter_connected *walk = iter->connected;
        const int program = bpfobject_program(iter->object, "sockiter_tcp");
        size_t used;

        for (walk->n = 0; !walk->n && (!walk->n_buckets || walk->bucket < walk->n_buckets);) {
                struct bpf_test_run_opts options = { .sz = sizeof(options) };

                if (bpf_prog_test_run_opts(program, &options) < 0)
                        return -errno;
                if (walk->error)
                        return -EBADMSG;
        }
        used = walk->n * sizeof(*walk->records);
        if (used > size)
                return -EBADMSG;
        memcpy(part, walk->records, used);
        return (ssize_t)used;
}

static int sockiter_run_connected(struct sockiter *iter) {
        struct pump *pump = NULL;
        int r;

        iter->connected->bucket = iter->connected->n_buckets = 0;
        r = pump_new(sockiter_fill_connected, iter, sizeof(iter->connected->records),
                     SOCKITER_PARTS, &pump);
        if (!r)
                r = pump_drain(pump, sockiter_on_sockets, iter);
        (void)pump_free(pump);
        return r;
}

/**
 * sockiter_sockets() - look through all TCP and UDP sockets of this network namespace
 * @iter:       the iterators
 * @take:       told each; the order is the kernel's
 * @context:    handed to @take
 *
 * Return: 0, what @take returned, or a negative errno.
 */
int sockiter_sockets(struct sockiter *iter, sockiter_take take, void *context) {
        int r;

        iter->take = take;
        iter->context = context;
        r = sockiter_run_sockets(iter, "sockiter_listening");
        if (!r)
                r = sockiter_run_connected(iter);
        return r ? r : sockiter_run_sockets(iter, "sockiter_udp");
}

static int sockiter_on_holders(void *context, const void *part, size_t size) {
        const struct sockiter *iter = context;
        const struct sockiter_holder *records = part;

        for (size_t i = 0; i < size / sizeof(*records); i++)
                iter->hold(iter->context, (pid_t)records[i].pid, records[i].inode);
        return 0;
}

/* In the thread: what the program noted, and then what it notes next. */
static ssize_t sockiter_fill_holders(void *context, void *part, size_t size) {
        struct sockiter *iter = context;
        struct sockiter_shared *shared = iter->shared;
        size_t n = size / sizeof(*shared->holders), left;
        ssize_t r = -EAGAIN;
        char unused;

        while (iter->next == shared->n && r == -EAGAIN) {
                iter->next = shared->n = 0;
                r = read(iter->holders.fd, &unused, sizeof(unused));
                r = r < 0 && errno == EINTR ? -EAGAIN : r < 0 ? -errno : r;
        }
        left = shared->n - iter->next;
        if (!left)
                return r;
        n = n < left ? n : left;
        memcpy(part, &shared->holders[iter->next], n * sizeof(*shared->holders));
        iter->next += (uint32_t)n;
        return (ssize_t)(n * sizeof(*shared->holders));
}

/**
 * sockiter_begin() - begin to look through the descriptors of all processes
 * @iter:       the iterators, which are then to be asked for the holders
 *
 * Return: 0, or a negative errno.
 */
int sockiter_begin(struct sockiter *iter) {
        int r;

        sockiter_end(&iter->holders);
        iter->next = iter->shared->n = 0;
        iter->shared->pid = iter->shared->next = 0;
        r = sockiter_open(iter, "sockiter_task", &iter->holders);
        if (!r)
                r = pump_new(sockiter_fill_holders, iter,
                             SOCKITER_RECORDS * sizeof(struct sockiter_holder),
                             SOCKITER_HOLDER_PARTS, &iter->holders.pump);
        return r;
}

/**
 * sockiter_holders() - tell who has a socket open
 * @iter:       the iterators, behind sockiter_begin()
 * @take:       told each socket, those of other kinds and network namespaces as well
 * @context:    handed to @take
 *
 * Return: 0, or a negative errno.
 */
int sockiter_holders(struct sockiter *iter, holders_take take, void *context) {
        int r;

        if (!iter->holders.pump)
                return -EBADF;
        iter->hold = take;
        iter->context = context;
        r = pump_drain(iter->holders.pump, sockiter_on_holders, iter);
        sockiter_end(&iter->holders);
        return r;
}
