/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * connection_find() on real connections: by socket and by table it must say the same, for the own
 * process and for an sshd above it. TAP on standard output.
 *
 * Owns: nothing outside its own network namespaces and one temporary folder.
 * Relies on: root; being called sshd, which is what the code under test looks for.
 */

#include "accepted.h"
#include "base/cleanup.h"
#include "net/connection.h"
#include "netlink/sockdiag.h"
#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE 150 /* seconds; SIGALRM then ends the test */

static const struct {
        const char *name;
        sa_family_t listener;
        int is_dual;
        const char *server;
        const char *client;
        const char *has; /* what SSH_CONNECTION must have in it */
} cases[] = {
        { "ipv4", AF_INET, 0, WORLD_SERVER_IPV4, WORLD_CLIENT_IPV4, WORLD_CLIENT_IPV4 " " },
        { "ipv6", AF_INET6, 0, WORLD_SERVER_IPV6, WORLD_CLIENT_IPV6, WORLD_CLIENT_IPV6 " " },
        { "v4-mapped", AF_INET6, 1, WORLD_SERVER_IPV4, WORLD_CLIENT_IPV4,
          "::ffff:" WORLD_CLIENT_IPV4 " " },
        { "link-local", AF_INET6, 0, WORLD_SERVER_LINK_LOCAL, WORLD_CLIENT_LINK_LOCAL,
          WORLD_CLIENT_LINK_LOCAL "%server0 " },
};

static const struct {
        const char *name;
        enum connection_way way;
} ways[] = {
        { "socket", CONNECTION_WAY_SOCKET },
        { "table", CONNECTION_WAY_TABLE },
        { "any", CONNECTION_WAY_ANY },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static unsigned int taps, failures;

static __attribute__((format(printf, 2, 3))) void tap(int holds, const char *format, ...) {
        va_list arguments;

        failures += !holds;
        (void)printf("%sok %u - ", holds ? "" : "not ", ++taps);
        va_start(arguments, format);
        (void)vprintf(format, arguments);
        va_end(arguments);
        (void)printf("\n");
        (void)fflush(stdout);
}

static unsigned int count_fds(void) {
        DIR *directory = opendir("/proc/self/fd");
        unsigned int n = 0;

        if (!directory)
                bail("/proc/self/fd", -errno);
        while (readdir(directory))
                n++;
        (void)closedir(directory);
        return n;
}

static int find(const char *ssh_connection, const char *rhost, enum connection_way way,
                struct connection_found *ret_found) {
        _cleanup_(fd_closep) int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct connection_hint hint;
        unsigned int before;
        int r;

        connection_hint_parse(ssh_connection, rhost, &hint);
        before = count_fds();
        r = connection_find(proc_fd, getpid(), &hint, way, ret_found);
        if (count_fds() != before)
                bail("a descriptor was left open", -EMFILE);
        return r;
}

static int is_right(const struct accepted *accepted, int r, const struct connection_found *found,
                    pid_t holder) {
        if (r == 0 && found->inode == accepted->inode && found->holder == holder &&
            address_connection_equal(&found->connection, &accepted->connection))
                return 1;
        (void)printf("# result %d, inode %llu (expected %llu), holder %d (expected %d)\n", r,
                     (unsigned long long)found->inode, (unsigned long long)accepted->inode,
                     (int)found->holder, (int)holder);
        return 0;
}

static void test_own(const char *name, const struct accepted *accepted, const char *client) {
        for (size_t i = 0; i < COUNT(ways); i++) {
                struct connection_found found = { 0 };
                int r;

                r = find(accepted->ssh_connection, NULL, ways[i].way, &found);
                tap(is_right(accepted, r, &found, getpid()), "%s: own process, by %s, %s", name,
                    ways[i].name, accepted->ssh_connection);
                tap(found.info.known == (ways[i].way != CONNECTION_WAY_TABLE),
                    "%s: TCP_INFO by socket only, by %s", name, ways[i].name);
                r = find(NULL, client, ways[i].way, &found);
                tap(is_right(accepted, r, &found, getpid()), "%s: own process, by %s, PAM_RHOST",
                    name, ways[i].name);
                r = find(NULL, NULL, ways[i].way, &found);
                tap(is_right(accepted, r, &found, getpid()), "%s: own process, by %s, no hint",
                    name, ways[i].name);
        }
}

/* Run a function in a child that has none of the sockets; its result is the child's. */
static int in_child(int (*function)(const struct accepted *, enum connection_way, pid_t),
                    const struct accepted *accepted, enum connection_way way) {
        pid_t parent = getpid(), pid;
        int status;

        (void)fflush(stdout);
        pid = fork();
        if (pid < 0)
                bail("fork", -errno);
        if (!pid) {
                if (close_range(STDERR_FILENO + 1, UINT_MAX, 0) < 0)
                        _exit(1);
                status = function(accepted, way, parent);
                (void)fflush(stdout);
                _exit(status);
        }
        if (waitpid(pid, &status, 0) != pid)
                bail("waitpid", -errno);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int child_finds_parents(const struct accepted *accepted, enum connection_way way,
                               pid_t parent) {
        struct connection_found found = { 0 };
        int r = find(accepted->ssh_connection, NULL, way, &found);

        return is_right(accepted, r, &found, parent) ? 0 : 1;
}

static void test_ancestor(const char *name, const struct accepted *accepted) {
        for (size_t i = 0; i < COUNT(ways); i++)
                tap(in_child(child_finds_parents, accepted, ways[i].way) == 0,
                    "%s: sshd ancestor, by %s", name, ways[i].name);
}

/* The copy of this program that is called su, and the sshd that it then becomes the parent of. */
static char path_su[PATH_MAX], path_sshd[PATH_MAX];

static int child_becomes_su(const struct accepted *accepted, enum connection_way way,
                            pid_t parent) {
        char text[32];

        (void)parent;
        (void)snprintf(text, sizeof(text), "%d", (int)way);
        (void)execl(path_su, "sshd", "--su", path_sshd, accepted->ssh_connection, text, NULL);
        return 100;
}

/* In the copy that is called su: not sshd. Then an sshd below it: it must not look above su. */
static int run_su(char **argv) {
        struct connection_found found;
        int r, status;
        pid_t pid;

        /* a program can call itself what it likes */
        (void)prctl(PR_SET_NAME, "sshd");
        for (int hinted = 0; hinted < 2; hinted++) {
                r = find(hinted ? argv[3] : NULL, NULL, (enum connection_way)atoi(argv[4]), &found);
                if (r != CONNECTION_E_NOT_SSHD) {
                        (void)printf("# su: result %d\n", r);
                        return 1;
                }
        }
        (void)fflush(stdout);
        pid = fork();
        if (!pid) {
                (void)execl(argv[2], "sshd", "--below-su", argv[2], argv[3], argv[4], NULL);
                _exit(100);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
                return 101;
        return WEXITSTATUS(status);
}

static int run_below_su(char **argv) {
        struct connection_found found;
        int r = find(argv[3], NULL, (enum connection_way)atoi(argv[4]), &found);

        if (r == CONNECTION_E_NONE)
                return 0;
        (void)printf("# below su: result %d\n", r);
        return 2;
}

static void test_su(const char *name, const struct accepted *accepted) {
        for (size_t i = 0; i < COUNT(ways); i++)
                tap(in_child(child_becomes_su, accepted, ways[i].way) == 0,
                    "%s: su is not sshd, and sshd below su finds nothing, by %s", name,
                    ways[i].name);
}

static void test_another(const char *name, const struct accepted *accepted,
                         const struct accepted *another) {
        for (size_t i = 0; i < COUNT(ways); i++) {
                struct connection_found found = { 0 };
                char none[ACCEPTED_TEXT_MAX + 8];
                int r;

                r = find(accepted->ssh_connection, NULL, ways[i].way, &found);
                tap(is_right(accepted, r, &found, getpid()), "%s: not the other one, by %s", name,
                    ways[i].name);
                r = find(another->ssh_connection, NULL, ways[i].way, &found);
                tap(is_right(another, r, &found, getpid()), "%s: but the other one, by %s", name,
                    ways[i].name);
                r = find(NULL, NULL, ways[i].way, &found);
                tap(r == CONNECTION_E_AMBIGUOUS, "%s: two and no hint, by %s", name, ways[i].name);
                (void)snprintf(none, sizeof(none), "%s", "192.0.2.1 1 192.0.2.2 2");
                r = find(none, NULL, ways[i].way, &found);
                tap(r == CONNECTION_E_NONE, "%s: two and neither is meant, by %s", name,
                    ways[i].name);
        }
}

static void test_listening_only(const char *name) {
        for (size_t i = 0; i < COUNT(ways); i++) {
                struct connection_found found;
                int r = find(NULL, NULL, ways[i].way, &found);

                tap(r == CONNECTION_E_NONE, "%s: a listening socket is nothing, by %s", name,
                    ways[i].name);
        }
}

static void test_closed_by_client(const char *name, const struct world *world,
                                  const struct accepted *accepted) {
        char byte;
        int r;

        r = world_disconnect(world);
        if (r < 0)
                bail("disconnect", r);
        while (read(accepted->fd, &byte, 1) > 0)
                ;
        for (size_t i = 0; i < COUNT(ways); i++) {
                struct connection_found found = { 0 };

                r = find(accepted->ssh_connection, NULL, ways[i].way, &found);
                tap(is_right(accepted, r, &found, getpid()) &&
                            (!found.info.known || found.info.state == TCP_CLOSE_WAIT),
                    "%s: client closed first, by %s", name, ways[i].name);
        }
}

/* The same socket, asked for from outside: while it lives, half closed, and gone with its listener
 * still there. */
static void test_diagnosis(const char *name, const struct accepted *accepted, uint8_t state) {
        _cleanup_(sockdiag_freep) struct sockdiag *sockdiag = NULL;
        struct sockdiag_socket socket = { 0 };
        struct connection other = accepted->connection;
        int r;

        r = sockdiag_new(&sockdiag);
        if (r)
                bail("sockdiag_new", r);
        r = sockdiag_get(sockdiag, &accepted->connection, -1, &socket);
        if (!state) {
                tap(r == SOCKDIAG_E_NOT_FOUND ||
                            (!r && !socket.inode && socket.state != TCP_ESTABLISHED),
                    "%s: diagnosis, no process has it", name);
                return;
        }
        tap(!r && socket.inode == accepted->inode && socket.state == state && socket.info.known,
            "%s: diagnosis, state %u", name, state);
        other.remote.port ^= 1;
        r = sockdiag_get(sockdiag, &other, -1, &socket);
        tap(r == SOCKDIAG_E_NOT_FOUND, "%s: diagnosis, another port is another socket", name);
}

static void test_case(const struct world *world, size_t n) {
        const char *name = cases[n].name;
        struct accepted gone;
        _cleanup_(fd_closep) int listener = -1;
        uint16_t port = 0;

        listener = world_listen(cases[n].listener, cases[n].is_dual, &port);
        if (listener < 0)
                bail("listen", listener);
        test_listening_only(name);
        {
                _cleanup_(accepted_closep) struct accepted accepted =
                        accepted_new(world, listener, port, cases[n].server, cases[n].client);
                _cleanup_(accepted_closep) struct accepted another = { .fd = -1 };

                tap(strstr(accepted.ssh_connection, cases[n].has) == accepted.ssh_connection,
                    "%s: it is one, %s", name, accepted.ssh_connection);
                test_own(name, &accepted, cases[n].client);
                test_ancestor(name, &accepted);
                test_su(name, &accepted);
                test_diagnosis(name, &accepted, TCP_ESTABLISHED);
                another = accepted_new(world, listener, port, cases[n].server, cases[n].client);
                test_another(name, &accepted, &another);
                test_closed_by_client(name, world, &accepted);
                test_diagnosis(name, &accepted, TCP_CLOSE_WAIT);
                gone = accepted;
        }
        test_diagnosis(name, &gone, 0);
        test_listening_only(name);
}

/* Put a copy of this program there under the name of su. */
static void copy_self(const char *folder) {
        _cleanup_(fd_closep) int from = -1;
        _cleanup_(fd_closep) int to = -1;
        ssize_t n;

        n = readlink("/proc/self/exe", path_sshd, sizeof(path_sshd) - 1);
        if (n < 0)
                bail("/proc/self/exe", -errno);
        path_sshd[n] = '\0';
        (void)snprintf(path_su, sizeof(path_su), "%s/su", folder);

        from = open(path_sshd, O_RDONLY | O_CLOEXEC);
        to = open(path_su, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
        if (from < 0 || to < 0)
                bail("copy", -errno);
        do
                n = sendfile(to, from, NULL, 1 << 20);
        while (n > 0);
        if (n < 0)
                bail("copy", -errno);
}

int main(int argc, char **argv) {
        char folder[] = "/tmp/connection-live.XXXXXX";
        struct world world;
        int r;

        (void)alarm(DEADLINE);
        if (argc == 5 && strcmp(argv[1], "--su") == 0)
                return run_su(argv);
        if (argc == 5 && strcmp(argv[1], "--below-su") == 0)
                return run_below_su(argv);

        if (geteuid() != 0) {
                (void)printf("1..0 # SKIP needs root: network namespaces, sockets of other "
                             "processes\n");
                return 0;
        }
        r = world_new(&world);
        if (r == -EPERM) {
                (void)printf("1..0 # SKIP network namespaces may not be made here\n");
                return 0;
        }
        if (r < 0)
                bail("network namespaces", r);

        if (!mkdtemp(folder))
                bail("temporary folder", -errno);
        copy_self(folder);
        for (size_t n = 0; n < COUNT(cases); n++)
                test_case(&world, n);
        (void)unlink(path_su);
        (void)rmdir(folder);
        world_free(&world);

        (void)printf("1..%u\n", taps);
        return failures ? 1 : 0;
}
