/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions that live: one process each, that holds its socket until it is told to end.
 *
 * Owns: the children. It is a subreaper, so that the helpers, which are orphans from their start,
 * come back to it when they end: with their exit status, time and memory, and without asking /proc.
 * Relies on: prctl(2) PR_SET_CHILD_SUBREAPER; one helper for each session that was opened.
 */

#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* helpers at work at a time: they stand in line for one lock */
#define SESSIONS_PARALLEL 8

/* Longer than any helper waits for a lock. */
#define SESSIONS_PATIENCE 150

#define SESSIONS_PROGRESS UINT64_C(5000000000)

/**
 * manylogins_start() - listen, and start the clients
 * @sessions:   the sessions
 * @address:    where to listen
 * @netns:      the clients' network namespace
 */
void manylogins_start(struct manylogins *sessions, const struct sockaddr_in *address,
                      const char *netns) {
        sigset_t set;

        (void)sigemptyset(&set);
        (void)sigaddset(&set, SIGCHLD);
        if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                load_fail("prctl");
        sessions->address = *address;
        client_start(&sessions->client, netns);
        sessions->listener = load_listen(address);
}

/**
 * manylogins_accept() - make a connection
 * @sessions:   the sessions
 *
 * Return: the server's end.
 */
int manylogins_accept(const struct manylogins *sessions) {
        int fd;

        client_connect(&sessions->client, &sessions->address, false);
        fd = accept4(sessions->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
                load_fail("accept");
        return fd;
}

/**
 * manylogins_fork() - make a process for a session
 * @sessions:   the sessions; the child lets go of what is not its own
 *
 * Return: in the parent its pid, in the child 0.
 */
pid_t manylogins_fork(const struct manylogins *sessions) {
        pid_t pid = fork();
        sigset_t set;

        if (pid < 0)
                load_fail("fork");
        if (pid)
                return pid;
        (void)sigemptyset(&set);
        (void)sigprocmask(SIG_SETMASK, &set, NULL);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)close(sessions->listener);
        (void)close(sessions->client.fd);
        (void)dup2(open("/dev/null", O_RDWR | O_CLOEXEC), STDIN_FILENO); /* as sshd's */
        return 0;
}

/**
 * manylogins_wait() - wait for the next child that ends, helpers included
 * @ret_status: how it ended
 * @ret_usage:  what it used
 *
 * Return: its pid.
 */
pid_t manylogins_wait(int *ret_status, struct rusage *ret_usage) {
        const struct timespec patience = { .tv_sec = SESSIONS_PATIENCE };
        sigset_t set;
        pid_t pid;

        (void)sigemptyset(&set);
        (void)sigaddset(&set, SIGCHLD);
        while (!(pid = wait4(-1, ret_status, WNOHANG, ret_usage)))
                if (sigtimedwait(&set, NULL, &patience) < 0 && errno != EINTR)
                        load_fail("nobody ended for %d s", SESSIONS_PATIENCE);
        if (pid < 0)
                load_fail("wait4");
        return pid;
}

__attribute__((noreturn)) static void manylogins_live(const char *confdir, int fd) {
        struct application application = { 0 };
        int number;
        sigset_t set;

        application_begin(&application, confdir, fd);
        (void)application_open(&application);
        application_serve(&application, false);

        (void)sigemptyset(&set);
        (void)sigaddset(&set, SIGTERM);
        (void)sigprocmask(SIG_BLOCK, &set, NULL);
        (void)sigwait(&set, &number);
        (void)application_close(&application);
        application_end(&application);
        _exit(0);
}

static bool manylogins_remove(struct manylogins *sessions, pid_t pid) {
        for (size_t i = sessions->n; i > 0; i--)
                if (sessions->live[i - 1] == pid) {
                        sessions->live[i - 1] = sessions->live[--sessions->n];
                        return true;
                }
        return false;
}

/**
 * manylogins_open() - open sessions that live
 * @sessions:   the sessions
 * @confdir:    the folder with their stack
 * @count:      how many
 *
 * A session counts when its helper has ended: its rules are there. Prints how many are open, the
 * nanoseconds it took, and the helpers that failed.
 */
void manylogins_open(struct manylogins *sessions, const char *confdir, size_t count) {
        uint64_t began = load_now(), told = began;
        size_t started = 0, done = 0, failed = 0;

        sessions->live = reallocarray(sessions->live, sessions->n + count + 1, sizeof(pid_t));
        if (!sessions->live)
                load_fail("reallocarray");
        while (done < count) {
                struct rusage usage;
                int status;

                while (started < count && started - done < SESSIONS_PARALLEL) {
                        int fd = manylogins_accept(sessions);
                        pid_t pid = manylogins_fork(sessions);

                        if (!pid)
                                manylogins_live(confdir, fd);
                        (void)close(fd);
                        sessions->live[sessions->n++] = pid;
                        started++;
                }
                if (manylogins_remove(sessions, manylogins_wait(&status, &usage))) {
                        errno = ECHILD;
                        load_fail("a session ended");
                }
                done++;
                failed += status != 0;
                if (load_now() - told > SESSIONS_PROGRESS) {
                        told = load_now();
                        (void)fprintf(stderr, "    %zu of %zu sessions\n", done, count);
                }
        }
        (void)printf("opened %zu %" PRIu64 " %zu\n", sessions->n, load_now() - began, failed);
}

/**
 * manylogins_end() - end the newest sessions
 * @sessions:           the sessions
 * @count:              how many
 * @signal_number:      SIGKILL: without a word; SIGTERM: they close their PAM sessions
 *
 * Waits for the processes, and for the helpers of those that close. Prints how many are left.
 */
void manylogins_end(struct manylogins *sessions, size_t count, int signal_number) {
        size_t waits = signal_number == SIGTERM ? 2 : 1;

        if (count > sessions->n)
                count = sessions->n;
        for (size_t i = sessions->n - count; i < sessions->n; i++)
                (void)kill(sessions->live[i], signal_number);
        for (size_t i = 0; i < count * waits; i++) {
                struct rusage usage;
                int status;

                (void)manylogins_remove(sessions, manylogins_wait(&status, &usage));
        }
        (void)printf("left %zu\n", sessions->n);
}
