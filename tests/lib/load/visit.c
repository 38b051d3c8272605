/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A visit: one session from the first packet of its connection to the last one, both ends of it.
 *
 * Owns: the order of events. Data flows before the login, after the helper of open has ended, and
 * before the session is closed, but never while a helper looks: so each helper makes the same
 * system calls each time. The program ends when the connection is over on both sides and all
 * helpers have ended. Relies on: prctl(2) PR_SET_CHILD_SUBREAPER, by which helpers
 * become children of this process; socket(7) SO_LINGER: close() waits until a FIN is acknowledged.
 */

#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What flows at a time, in each direction. It fits into the buffers of a socket. */
#define VISIT_BYTES 10000

/* Longer than any test takes. */
#define VISIT_PATIENCE 600

static pid_t visit_fork(void) {
        pid_t pid = fork();

        if (pid < 0)
                load_fail("fork");
        if (!pid)
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        return pid;
}

/* The client's end: it prints and sends back what it gets, until the server has nothing more to
 * say. */
__attribute__((noreturn)) static void visit_client(const struct sockaddr_in *to, const char *netns,
                                                   const struct sockaddr_in *from) {
        const struct linger linger = { .l_onoff = 1, .l_linger = VISIT_PATIENCE };
        int netns_fd = open(netns, O_RDONLY | O_CLOEXEC), fd;
        char buffer[VISIT_BYTES];
        ssize_t n;

        if (netns_fd < 0 || setns(netns_fd, CLONE_NEWNET) < 0)
                load_fail("%s", netns);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) < 0 ||
            bind(fd, (const struct sockaddr *)from, sizeof(*from)) < 0 ||
            connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
                load_fail("cannot connect");
        while ((n = read(fd, buffer, sizeof(buffer))) > 0)
                if (write(STDOUT_FILENO, buffer, (size_t)n) != n ||
                    write(fd, buffer, (size_t)n) != n)
                        load_fail("the client cannot write");
        if (n < 0)
                load_fail("the client cannot read");
        (void)close(fd);
        _exit(0);
}

/* Send some data, and read it back. Then nothing is on its way: TCP_QUICKACK, tcp(7). */
static void visit_exchange(int fd) {
        static const char data[VISIT_BYTES];
        char buffer[VISIT_BYTES];
        int one = 1;

        if (setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one)) < 0 ||
            write(fd, data, sizeof(data)) != sizeof(data) ||
            recv(fd, buffer, sizeof(buffer), MSG_WAITALL) != sizeof(buffer))
                load_fail("the server cannot exchange data");
}

/* The server's end, as sshd's monitor. It waits at @talk twice: until the helper of open has ended,
 * and, when it has said that the session is open, until it is time to close it. */
__attribute__((noreturn)) static void visit_server(int listener, const char *confdir, int talk) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        struct application application = { 0 };
        char byte;

        if (fd < 0)
                load_fail("accept");
        (void)close(listener);
        (void)dup2(open("/dev/null", O_RDWR | O_CLOEXEC), STDIN_FILENO); /* as sshd's */
        visit_exchange(fd);
        application_begin(&application, confdir, fd);
        (void)application_open(&application);
        application_serve(&application, true);
        if (read(talk, &byte, 1) != 1)
                load_fail("nobody says that the helper has ended");
        visit_exchange(fd);
        if (write(talk, "", 1) != 1 || read(talk, &byte, 1) != 1)
                load_fail("nobody says that it is time to close");
        visit_exchange(fd);
        (void)application_close(&application);
        application_end(&application);
        _exit(0);
}

/* Wait for a child. Return: its pid, which is a helper's, or 0 if both ends and all helpers have
 * ended. */
static pid_t visit_wait(pid_t client, pid_t server) {
        for (;;) {
                int status;
                pid_t pid = wait(&status);

                if (pid < 0 && errno == ECHILD)
                        return 0;
                if (pid < 0)
                        load_fail("wait");
                if (pid != client && pid != server)
                        return pid;
                errno = ECHILD;
                if (status)
                        load_fail("the %s ended with status %d",
                                  pid == client ? "client" : "server", status);
        }
}

/**
 * visit_run() - make a visit
 * @address:    the server
 * @netns:      path of the client's network namespace
 * @confdir:    the folder with the PAM stack
 * @from:       the client's address
 *
 * The session stays open until standard input ends. Prints the bytes that come to the client, which
 * are zeros, and a line "open" when the session is open.
 */
void visit_run(const struct sockaddr_in *address, const char *netns, const char *confdir,
               const struct sockaddr_in *from) {
        int listener = load_listen(address), talk[2];
        pid_t client, server;
        char byte;

        if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ||
            socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, talk) < 0)
                load_fail("prctl");
        client = visit_fork();
        if (!client) {
                (void)close(listener);
                visit_client(address, netns, from);
        }
        server = visit_fork();
        if (!server) {
                (void)close(talk[0]);
                visit_server(listener, confdir, talk[1]);
        }
        (void)close(listener);
        (void)close(talk[1]);

        if (!visit_wait(client, server) || write(talk[0], "", 1) != 1 ||
            read(talk[0], &byte, 1) != 1)
                load_fail("the session cannot be opened");
        (void)printf("open\n");
        (void)fflush(stdout);
        while (read(STDIN_FILENO, &byte, 1) > 0)
                ;
        if (write(talk[0], "", 1) != 1)
                load_fail("the session is gone");
        while (visit_wait(client, server))
                ;
}
