/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A visit: one session from the first packet of its connection to the last one, both ends of it.
 *
 * Owns: the order of events. Data flows before the login, while the helper of open works, after it
 * has ended, and before the session is closed; the program ends when the connection is over on both
 * sides and all helpers have ended. Relies on: prctl(2) PR_SET_CHILD_SUBREAPER, by which helpers
 * become children of this process; socket(7) SO_LINGER: close() waits until a FIN is acknowledged.
 */

#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What flows at a time, in both directions. It fits into the buffers of a socket. */
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

/* The client's end: it sends back what it gets, until the server has nothing more to say. */
__attribute__((noreturn)) static void visit_client(const struct sockaddr_in *to, const char *netns,
                                                   const struct sockaddr_in *from) {
        const struct linger linger = { .l_onoff = 1, .l_linger = VISIT_PATIENCE };
        int netns_fd = open(netns, O_RDONLY | O_CLOEXEC), fd;
        char buffer[VISIT_BYTES];
        size_t got = 0;
        ssize_t n;

        if (netns_fd < 0 || setns(netns_fd, CLONE_NEWNET) < 0)
                load_fail("%s", netns);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) < 0 ||
            bind(fd, (const struct sockaddr *)from, sizeof(*from)) < 0 ||
            connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
                load_fail("cannot connect");
        while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
                got += (size_t)n;
                if (write(fd, buffer, (size_t)n) != n)
                        load_fail("the client cannot write");
        }
        if (n < 0)
                load_fail("the client cannot read");
        (void)close(fd);
        (void)printf("%zu\n", got);
        (void)fflush(stdout);
        _exit(0);
}

/* Send some data, and read it back. */
static void visit_exchange(int fd) {
        static const char data[VISIT_BYTES];
        char buffer[VISIT_BYTES];

        if (write(fd, data, sizeof(data)) != sizeof(data) ||
            recv(fd, buffer, sizeof(buffer), MSG_WAITALL) != sizeof(buffer))
                load_fail("the server cannot exchange data");
}

/* The server's end, as sshd's monitor. A byte of @go: the helper of open has ended. Its end: it is
 * time to close the session. */
__attribute__((noreturn)) static void visit_server(int listener, const char *confdir, int go) {
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
        visit_exchange(fd);
        if (read(go, &byte, 1) != 1)
                load_fail("nobody says that the helper has ended");
        visit_exchange(fd);
        if (read(go, &byte, 1) != 0)
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
 * The session stays open until standard input ends. Prints how many bytes came to the client.
 */
void visit_run(const struct sockaddr_in *address, const char *netns, const char *confdir,
               const struct sockaddr_in *from) {
        int listener = load_listen(address), go[2];
        pid_t client, server;
        char byte;

        if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || pipe2(go, O_CLOEXEC) < 0)
                load_fail("prctl");
        client = visit_fork();
        if (!client) {
                (void)close(listener);
                (void)close(go[1]);
                visit_client(address, netns, from);
        }
        server = visit_fork();
        if (!server) {
                (void)close(go[1]);
                visit_server(listener, confdir, go[0]);
        }
        (void)close(listener);
        (void)close(go[0]);

        if (!visit_wait(client, server) || write(go[1], "", 1) != 1)
                load_fail("no helper was started");
        while (read(STDIN_FILENO, &byte, 1) > 0)
                ;
        (void)close(go[1]);
        while (visit_wait(client, server))
                ;
}
