/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All sockets, and who holds them, told by the kernel itself.
 *
 * Owns: loading the programs of sockiter.bpf.c, and reading what they write; the holders in a
 * thread, as the kernel works in the one that reads.
 * Relies on: libbpf; BPF iterators (Linux 5.11 and later), the kernel's BTF, CAP_BPF with
 * CAP_PERFMON, or CAP_SYS_ADMIN. bpf_seq_read() in kernel/bpf/bpf_iter.c: a read ends with the
 * kernel's buffer, or with EAGAIN after a million entries of which none was written.
 * Does not: work where @proc_fd is another pid namespace's /proc, or no /proc at all.
 */

#include "net/sockiter.h"

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
#define SOCKITER_PARTS 128

struct sockiter {
        struct bpf_object *object;
        struct bpf_link *link; /* of the holders, while they are read */
        int fd;
        struct pump *pump;
        sockiter_take take;
        holders_take hold;
        void *context;
};

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
        iter->fd = -1;
        /* it would tell standard error what it cannot do */
        (void)libbpf_set_print(NULL);
        iter->object = bpf_object__open_mem(sockiter_object, sizeof(sockiter_object), NULL);
        if (!iter->object || bpf_object__load(iter->object) < 0)
                return SOCKITER_E_UNAVAILABLE;

        *ret_iter = pointer_steal(&iter);
        return 0;
}

/* The holders' walk is over, or not wanted any more. */
static void sockiter_end(struct sockiter *iter) {
        iter->pump = pump_free(iter->pump);
        iter->fd = fd_close(iter->fd);
        (void)bpf_link__destroy(iter->link);
        iter->link = NULL;
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
        sockiter_end(iter);
        bpf_object__close(iter->object);
        free(iter);
        return NULL;
}

static void bpf_link_destroyp(struct bpf_link **link) {
        (void)bpf_link__destroy(*link);
}

/* Begin a program's walk. */
static int sockiter_open(const struct sockiter *iter, const char *name, struct bpf_link **ret_link,
                         int *ret_fd) {
        _cleanup_(bpf_link_destroyp) struct bpf_link *link = NULL;
        const struct bpf_program *program;
        int fd;

        program = bpf_object__find_program_by_name(iter->object, name);
        link = program ? bpf_program__attach_iter(program, NULL) : NULL;
        if (!link)
                return program ? -errno : -ENOENT;
        fd = bpf_iter_create(bpf_link__fd(link));
        if (fd < 0)
                return -errno;
        *ret_link = pointer_steal(&link);
        *ret_fd = fd;
        return 0;
}

/* Whole records, none at the end, or a negative errno. */
static ssize_t sockiter_read(int fd, void *part, size_t size) {
        ssize_t n;

        do
                n = read(fd, part, size);
        while (n < 0 && (errno == EINTR || errno == EAGAIN));
        return n < 0 ? -errno : n;
}

static int sockiter_on_sockets(struct sockiter *iter, const struct sockiter_socket *records,
                               size_t n) {
        int r = 0;

        for (size_t i = 0; !r && i < n; i++) {
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
        _cleanup_(bpf_link_destroyp) struct bpf_link *link = NULL;
        _cleanup_(freep) struct sockiter_socket *records = NULL;
        _cleanup_(fd_closep) int fd = -1;
        int r;

        records = calloc(SOCKITER_RECORDS, sizeof(*records));
        if (!records)
                return -ENOMEM;
        r = sockiter_open(iter, name, &link, &fd);
        while (!r) {
                ssize_t n = sockiter_read(fd, records, SOCKITER_RECORDS * sizeof(*records));

                if (n <= 0)
                        return (int)n;
                r = sockiter_on_sockets(iter, records, (size_t)n / sizeof(*records));
        }
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
        r = sockiter_run_sockets(iter, "sockiter_tcp");
        return r ? r : sockiter_run_sockets(iter, "sockiter_udp");
}

static ssize_t sockiter_fill(void *context, void *part, size_t size) {
        const struct sockiter *iter = context;

        return sockiter_read(iter->fd, part, size);
}

static int sockiter_on_holders(void *context, const void *part, size_t size) {
        const struct sockiter *iter = context;
        const struct sockiter_holder *records = part;

        for (size_t i = 0; i < size / sizeof(*records); i++)
                iter->hold(iter->context, (pid_t)records[i].pid, records[i].inode);
        return 0;
}

/**
 * sockiter_begin() - begin to look through the descriptors of all processes
 * @iter:       the iterators, which are then to be asked for the holders
 *
 * Return: 0, or a negative errno.
 */
int sockiter_begin(struct sockiter *iter) {
        int r;

        sockiter_end(iter);
        r = sockiter_open(iter, "sockiter_file", &iter->link, &iter->fd);
        if (!r)
                r = pump_new(sockiter_fill, iter, SOCKITER_RECORDS * sizeof(struct sockiter_holder),
                             SOCKITER_PARTS, &iter->pump);
        return r;
}

/**
 * sockiter_holders() - tell who has a socket open
 * @iter:       the iterators, behind sockiter_begin()
 * @take:       told each IPv4 and IPv6 socket of this network namespace
 * @context:    handed to @take
 *
 * Return: 0, or a negative errno.
 */
int sockiter_holders(struct sockiter *iter, holders_take take, void *context) {
        int r;

        if (!iter->pump)
                return -EBADF;
        iter->hold = take;
        iter->context = context;
        r = pump_drain(iter->pump, sockiter_on_holders, iter);
        sockiter_end(iter);
        return r;
}
