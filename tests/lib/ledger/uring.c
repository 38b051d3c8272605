/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A connection that is made and used by io_uring alone: no system call of the process itself makes
 * its socket, or moves its bytes.
 *
 * Relies on: io_uring(7), of Linux 5.19 and later (IORING_OP_SOCKET). libc has no functions for it.
 */

#include "uring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define URING_PART 4096

struct uring {
        int fd;
        char *rings; /* both of them, and what is where */
        struct io_uring_params params;
        struct io_uring_sqe *entries;
};

static unsigned int *uring_at(const struct uring *ring, unsigned int offset) {
        return (unsigned int *)(void *)(ring->rings + offset);
}

static int uring_begin(struct uring *ring, bool polled) {
        struct io_uring_params *params = &ring->params;
        size_t size;

        memset(params, 0, sizeof(*params));
        params->flags = polled ? IORING_SETUP_SQPOLL : 0;
        ring->fd = (int)syscall(SYS_io_uring_setup, 4, params);
        if (ring->fd < 0)
                return -1;
        /* IORING_FEAT_SINGLE_MMAP, since Linux 5.4 */
        size = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
        ring->rings =
                mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQ_RING);
        ring->entries = mmap(NULL, params->sq_entries * sizeof(*ring->entries),
                             PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQES);
        return ring->rings == MAP_FAILED || ring->entries == MAP_FAILED ? -1 : 0;
}

/* Have one thing done, and wait for it. Return: its result, or -1. */
static int uring_do(struct uring *ring, const struct io_uring_sqe *entry) {
        unsigned int *tail = uring_at(ring, ring->params.sq_off.tail);
        unsigned int *head = uring_at(ring, ring->params.cq_off.head);
        unsigned int place = *tail & *uring_at(ring, ring->params.sq_off.ring_mask), done = *head;
        const struct io_uring_cqe *results = (const void *)(ring->rings + ring->params.cq_off.cqes);
        int result;

        ring->entries[place] = *entry;
        uring_at(ring, ring->params.sq_off.array)[place] = place;
        __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
        while (__atomic_load_n(uring_at(ring, ring->params.cq_off.tail), __ATOMIC_ACQUIRE) == done)
                if (syscall(SYS_io_uring_enter, ring->fd, 1, 1,
                            IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP, NULL, 0) < 0 &&
                    errno != EINTR)
                        return -1;
        result = results[done & *uring_at(ring, ring->params.cq_off.ring_mask)].res;
        __atomic_store_n(head, done + 1, __ATOMIC_RELEASE);
        if (result < 0)
                errno = -result;
        return result < 0 ? -1 : result;
}

static int uring_move(struct uring *ring, int fd, uint8_t what, char *data, size_t size) {
        struct io_uring_sqe entry;

        memset(&entry, 0, sizeof(entry));
        entry.opcode = what;
        entry.fd = fd;
        entry.addr = (uintptr_t)data;
        entry.len = (uint32_t)size;
        return uring_do(ring, &entry);
}

static int uring_exchange(struct uring *ring, int fd, size_t bytes) {
        char data[URING_PART] = "";
        int n;

        while (bytes) {
                n = uring_move(ring, fd, IORING_OP_SEND, data,
                               bytes < sizeof(data) ? bytes : sizeof(data));
                if (n <= 0)
                        return -1;
                bytes -= (size_t)n;
        }
        if (uring_move(ring, fd, IORING_OP_SHUTDOWN, NULL, SHUT_WR) < 0)
                return -1;
        do
                n = uring_move(ring, fd, IORING_OP_RECV, data, sizeof(data));
        while (n > 0);
        return n;
}

/**
 * uring_connect() - connect, send, and read to the end
 * @host:       where to
 * @port:       its port
 * @bytes:      how many to send
 * @polled:     a thread of the kernel's does it all
 *
 * Return: 0, or -1, and errno says why.
 */
int uring_connect(const char *host, uint16_t port, size_t bytes, bool polled) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
        struct io_uring_sqe entry;
        struct uring ring;
        int fd;

        if (inet_pton(AF_INET, host, &address.sin_addr) != 1 || uring_begin(&ring, polled) < 0)
                return -1;
        memset(&entry, 0, sizeof(entry));
        entry.opcode = IORING_OP_SOCKET;
        entry.fd = AF_INET;
        entry.off = SOCK_STREAM;
        fd = uring_do(&ring, &entry);
        if (fd < 0)
                return -1;
        memset(&entry, 0, sizeof(entry));
        entry.opcode = IORING_OP_CONNECT;
        entry.fd = fd;
        entry.addr = (uintptr_t)&address;
        entry.off = sizeof(address);
        return uring_do(&ring, &entry) < 0 ? -1 : uring_exchange(&ring, fd, bytes);
}
