/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * ledger_tool - what the tests of the users' ledger need of the kernel.
 *
 *      ledger_tool rows
 *              prints each row of the map: WHO UID SESSION OWNER EXCLUDED IN_BYTES IN_PACKETS
 *              OUT_BYTES OUT_PACKETS; - is none
 *      ledger_tool fill N
 *              makes rows of N users, of whom each has moved something; again: each moves more
 *      ledger_tool empty|deny CGROUP
 *              attaches programs that do nothing to the three hooks, or one that drops what leaves;
 *              says "ready", and waits
 *      ledger_tool session COMMAND...
 *              runs COMMAND in an audit session of its own, as a login does: it takes loginuid 0
 *      ledger_tool sessions UID N
 *              as UID, sends N datagrams to the discard port of loopback, each in an audit session
 *              of its own
 *      ledger_tool accept PORT UID BYTES
 *              as root: listens; as UID: accepts one connection, reads BYTES, sends them back
 *      ledger_tool pass HOST PORT UID OTHER BYTES
 *              as UID: connects; passes the socket to OTHER, who sends BYTES and reads them
 *      ledger_tool ping|raw ADDRESS N
 *              sends N echo requests by a ping socket, or a raw one, and reads the answers
 *      ledger_tool uring|uring-polled HOST PORT BYTES
 *              connects, sends BYTES and reads to the end by io_uring, in the second case by a
 *              thread of the kernel's; exit status 77: the kernel has none
 */

#include "uring.h"
#include "usermap/bpfcall.h"
#include "usermap/cpulist.h"
#include "usermap/usermap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int tool_failed(const char *what) {
        (void)fprintf(stderr, "ledger_tool: %s: %s\n", what, strerror(errno));
        return 1;
}

static void tool_number(uint32_t number) {
        if (number == USERLAYOUT_NONE)
                (void)printf("- ");
        else
                (void)printf("%" PRIu32 " ", number);
}

static int tool_rows(void) {
        static const char *const who[] = { "user", "kernel", "unknown", "rest" };
        _cleanup_(usermap_closep) struct usermap *map = NULL;
        _cleanup_(freep) struct usermap_row *rows = NULL;
        size_t n;
        int r = usermap_open(&map);

        if (!r)
                r = usermap_read(map, &rows, &n);
        if (r) {
                (void)fprintf(stderr, "ledger_tool: %s\n", usermap_reason(r));
                return 1;
        }
        for (size_t i = 0; i < n; i++) {
                const struct traffic *t = &rows[i].traffic;

                (void)printf("%s ", who[rows[i].key.who]);
                tool_number(rows[i].key.uid);
                tool_number(rows[i].key.session);
                tool_number(rows[i].key.owner);
                (void)printf("%u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                             rows[i].key.excluded, t->in.bytes, t->in.packets, t->out.bytes,
                             t->out.packets);
        }
        return 0;
}

static int tool_fill(uint32_t n) {
        struct userlayout_counts *counts;
        size_t n_cpus;
        int fd;

        if (cpulist_possible(&n_cpus) < 0 || bpfcall_open(USERLAYOUT_FOLDER "/rows", &fd) < 0)
                return tool_failed(USERLAYOUT_FOLDER);
        counts = calloc(n_cpus, sizeof(*counts));
        for (uint32_t i = 0; counts && i < n; i++) {
                const struct userlayout_key key = { 1000000 + i, USERLAYOUT_NONE, 1000000 + i,
                                                    USERLAYOUT_USER, 0 };

                (void)bpfcall_lookup(fd, &key, counts);
                counts->in_bytes += 100;
                counts->in_packets++;
                if (bpfcall_update(fd, &key, counts) < 0)
                        return tool_failed("rows");
        }
        free(counts);
        return 0;
}

static int tool_bpf(int command, union bpf_attr *attr) {
        return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* A program that allows what it sees, or denies it, attached. */
static int tool_attach(int cgroup_fd, enum bpf_prog_type type, enum bpf_attach_type hook,
                       bool allows) {
        const struct bpf_insn code[] = {
                { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = allows },
                { .code = BPF_JMP | BPF_EXIT },
        };
        union bpf_attr attr;
        int fd;

        memset(&attr, 0, sizeof(attr));
        attr.prog_type = type;
        attr.expected_attach_type = hook;
        attr.insns = (uint64_t)(uintptr_t)code;
        attr.insn_cnt = sizeof(code) / sizeof(*code);
        attr.license = (uint64_t)(uintptr_t) "GPL";
        fd = tool_bpf(BPF_PROG_LOAD, &attr);
        if (fd < 0)
                return -1;
        memset(&attr, 0, sizeof(attr));
        attr.link_create.prog_fd = (uint32_t)fd;
        attr.link_create.target_fd = (uint32_t)cgroup_fd;
        attr.link_create.attach_type = hook;
        return tool_bpf(BPF_LINK_CREATE, &attr);
}

static int tool_wait(void) {
        (void)puts("ready");
        (void)fflush(stdout);
        return pause();
}

static int tool_empty(const char *cgroup) {
        int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 ||
            tool_attach(fd, BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, true) < 0 ||
            tool_attach(fd, BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, true) < 0 ||
            tool_attach(fd, BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, true) < 0)
                return tool_failed(cgroup);
        return tool_wait();
}

static int tool_deny(const char *cgroup) {
        int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 || tool_attach(fd, BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, false) < 0)
                return tool_failed(cgroup);
        return tool_wait();
}

static int tool_session(char **command) {
        int fd = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);

        if (fd < 0 || write(fd, "0", 1) != 1)
                return tool_failed("/proc/self/loginuid");
        (void)execvp(command[0], command);
        return tool_failed(command[0]);
}

static int tool_sessions(uid_t uid, int n) {
        const struct sockaddr_in discard = { .sin_family = AF_INET,
                                             .sin_port = htons(9),
                                             .sin_addr = { htonl(INADDR_LOOPBACK) } };

        /* the effective one may still begin sessions; a socket has that of the filesystem */
        if (setresuid(uid, 0, 0) < 0)
                return tool_failed("setresuid");
        for (int i = 0; i < n; i++) {
                int login = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC), fd;
                ssize_t sent;

                if (login < 0 || write(login, "0", 1) != 1 || close(login) < 0)
                        return tool_failed("/proc/self/loginuid");
                (void)setfsuid(uid);
                fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
                sent = sendto(fd, "", 1, 0, (const struct sockaddr *)&discard, sizeof(discard));
                (void)setfsuid(0);
                if (fd < 0 || sent != 1 || close(fd) < 0)
                        return tool_failed("a datagram");
        }
        return 0;
}

/* Read and write so many bytes. */
static int tool_exchange(int fd, size_t bytes, int first) {
        char buffer[4096] = "";

        for (int turn = 0; turn < 2; turn++) {
                bool reads = turn != first;
                size_t left = bytes;

                while (left) {
                        size_t some = left < sizeof(buffer) ? left : sizeof(buffer);
                        ssize_t n = reads ? read(fd, buffer, some) : write(fd, buffer, some);

                        if (n <= 0)
                                return tool_failed(reads ? "read" : "write");
                        left -= (size_t)n;
                }
        }
        return 0;
}

static int tool_become(uid_t uid) {
        return setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0 ? -1 : 0;
}

static int tool_accept(uint16_t port, uid_t uid, size_t bytes) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, peer;

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
            bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0 ||
            tool_become(uid) < 0)
                return tool_failed("listen");
        peer = accept(fd, NULL, NULL);
        if (peer < 0)
                return tool_failed("accept");
        if (tool_exchange(peer, bytes, 1))
                return 1;
        /* who ends it first is left with a TIME_WAIT, which is no socket */
        return read(peer, &one, 1) ? tool_failed("the end") : 0;
}

static int tool_send_socket(int over, int fd) {
        char control[CMSG_SPACE(sizeof(fd))] = "", byte = 0;
        struct iovec part = { &byte, 1 };
        struct msghdr message = { .msg_iov = &part,
                                  .msg_iovlen = 1,
                                  .msg_control = control,
                                  .msg_controllen = sizeof(control) };
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);

        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(fd));
        memcpy(CMSG_DATA(header), &fd, sizeof(fd));
        return sendmsg(over, &message, 0) == 1 ? 0 : tool_failed("sendmsg");
}

static int tool_take_socket(int over) {
        char control[CMSG_SPACE(sizeof(int))] = "", byte;
        struct iovec part = { &byte, 1 };
        struct msghdr message = { .msg_iov = &part,
                                  .msg_iovlen = 1,
                                  .msg_control = control,
                                  .msg_controllen = sizeof(control) };
        const struct cmsghdr *header;
        int fd = -1;

        if (recvmsg(over, &message, 0) != 1)
                return -1;
        header = CMSG_FIRSTHDR(&message);
        if (header)
                memcpy(&fd, CMSG_DATA(header), sizeof(fd));
        return fd;
}

/* Makes the socket, and passes it on. */
static int tool_pass_from(int over, const char *host, uint16_t port, uid_t uid) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
        int fd;

        if (tool_become(uid) < 0 || inet_pton(AF_INET, host, &address.sin_addr) != 1)
                return tool_failed(host);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                return tool_failed("connect");
        return tool_send_socket(over, fd);
}

static int tool_pass(const char *host, uint16_t port, uid_t uid, uid_t other, size_t bytes) {
        int over[2], status, fd;
        pid_t child;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, over) < 0)
                return tool_failed("socketpair");
        child = fork();
        if (!child)
                _exit(tool_pass_from(over[0], host, port, uid));
        if (child < 0 || waitpid(child, &status, 0) < 0 || status || tool_become(other) < 0)
                return tool_failed("the child");
        fd = tool_take_socket(over[1]);
        return fd < 0 ? tool_failed("recvmsg") : tool_exchange(fd, bytes, 0);
}

static int tool_ping(int type, const char *host, int n) {
        struct sockaddr_in address = { .sin_family = AF_INET };
        /* the kernel writes the checksum for a ping socket alone */
        struct icmphdr echo = { .type = ICMP_ECHO };
        char answer[128];
        int fd = socket(AF_INET, type | SOCK_CLOEXEC, IPPROTO_ICMP);

        if (fd < 0 || inet_pton(AF_INET, host, &address.sin_addr) != 1)
                return tool_failed("ping socket");
        for (int i = 0; i < n; i++) {
                echo.un.echo.sequence = htons((uint16_t)i);
                echo.checksum = (uint16_t) ~(ICMP_ECHO + echo.un.echo.sequence);
                if (sendto(fd, &echo, sizeof(echo), 0, (struct sockaddr *)&address,
                           sizeof(address)) < 0 ||
                    recv(fd, answer, sizeof(answer), 0) < 0)
                        return tool_failed("echo");
        }
        return 0;
}

static int tool_uring(const char *host, uint16_t port, size_t bytes, bool polled) {
        if (!uring_connect(host, port, bytes, polled))
                return 0;
        /* kernel.io_uring_disabled: EPERM */
        return errno == ENOSYS || errno == EPERM ? 77 : tool_failed("io_uring");
}

int main(int argc, char **argv) {
        const char *verb = argc > 1 ? argv[1] : "";

        if (!strcmp(verb, "rows"))
                return tool_rows();
        if (!strcmp(verb, "fill") && argc == 3)
                return tool_fill((uint32_t)atoi(argv[2]));
        if (!strcmp(verb, "empty") && argc == 3)
                return tool_empty(argv[2]);
        if (!strcmp(verb, "deny") && argc == 3)
                return tool_deny(argv[2]);
        if (!strcmp(verb, "session") && argc > 2)
                return tool_session(argv + 2);
        if (!strcmp(verb, "sessions") && argc == 4)
                return tool_sessions((uid_t)atoi(argv[2]), atoi(argv[3]));
        if (!strcmp(verb, "accept") && argc == 5)
                return tool_accept((uint16_t)atoi(argv[2]), (uid_t)atoi(argv[3]),
                                   (size_t)atol(argv[4]));
        if (!strcmp(verb, "pass") && argc == 7)
                return tool_pass(argv[2], (uint16_t)atoi(argv[3]), (uid_t)atoi(argv[4]),
                                 (uid_t)atoi(argv[5]), (size_t)atol(argv[6]));
        if (!strcmp(verb, "ping") && argc == 4)
                return tool_ping(SOCK_DGRAM, argv[2], atoi(argv[3]));
        if (!strcmp(verb, "raw") && argc == 4)
                return tool_ping(SOCK_RAW, argv[2], atoi(argv[3]));
        if (!strncmp(verb, "uring", 5) && argc == 5)
                return tool_uring(argv[2], (uint16_t)atoi(argv[3]), (size_t)atol(argv[4]),
                                  !strcmp(verb, "uring-polled"));
        (void)fprintf(stderr, "ledger_tool: wrong usage\n");
        return 2;
}
