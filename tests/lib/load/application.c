/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One PAM session, as sshd opens it.
 *
 * Relies on: OpenSSH's auth-pam.c: PAM_RHOST and SSH_CONNECTION are set before the session is
 * opened; the modules are loaded by then, since authentication has gone through the same stack.
 */

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long the processes of a user run who does not stay, in milliseconds. */
#define APPLICATION_USER 300

static int application_converse(int n, const struct pam_message **messages,
                                struct pam_response **ret_responses, void *data) {
        (void)n;
        (void)messages;
        (void)ret_responses;
        (void)data;
        return PAM_CONV_ERR;
}

static void application_check(const struct application *application, const char *what, int r) {
        errno = EPROTO;
        if (r != PAM_SUCCESS)
                load_fail("%s: %s", what, pam_strerror(application->pamh, r));
}

/**
 * application_begin() - do what sshd does until the session is opened
 * @application:        the application
 * @confdir:            the folder with its stack, in a file sshd
 * @fd:                 the client's connection
 */
void application_begin(struct application *application, const char *confdir, int fd) {
        static const struct pam_conv conversation = { .conv = application_converse };
        char here[INET_ADDRSTRLEN], there[INET_ADDRSTRLEN], environment[128];
        struct sockaddr_in local, remote;
        socklen_t size = sizeof(local);

        if (getsockname(fd, (struct sockaddr *)&local, &size) < 0 ||
            getpeername(fd, (struct sockaddr *)&remote, &size) < 0)
                load_fail("getpeername");
        (void)inet_ntop(AF_INET, &local.sin_addr, here, sizeof(here));
        (void)inet_ntop(AF_INET, &remote.sin_addr, there, sizeof(there));
        (void)snprintf(environment, sizeof(environment), "SSH_CONNECTION=%s %d %s %d", there,
                       ntohs(remote.sin_port), here, ntohs(local.sin_port));

        application_check(application, "pam_start",
                          pam_start_confdir("sshd", "alice", &conversation, confdir,
                                            &application->pamh));
        application_check(application, "pam_set_item",
                          pam_set_item(application->pamh, PAM_RHOST, there));
        application_check(application, "pam_set_item",
                          pam_set_item(application->pamh, PAM_TTY, "ssh"));
        application_check(application, "pam_authenticate", pam_authenticate(application->pamh, 0));
        application_check(application, "pam_putenv", pam_putenv(application->pamh, environment));
}

/**
 * application_open() - open the session
 * @application:        the application
 *
 * Return: what it took, in nanoseconds.
 */
uint64_t application_open(struct application *application) {
        uint64_t began = load_now();
        int r = pam_open_session(application->pamh, 0);
        uint64_t took = load_now() - began;

        application_check(application, "pam_open_session", r);
        return took;
}

/* The user's process, as sshd starts it, and below it his command. */
__attribute__((noreturn)) static void application_user(int until) {
        struct pollfd event = { .fd = until };
        pid_t command = fork();

        if (!command) {
                (void)setsid();
                (void)prctl(PR_SET_NAME, "command");
                for (;;)
                        (void)pause();
        }
        (void)poll(&event, 1, until < 0 ? APPLICATION_USER : -1);
        if (command > 0 && !kill(command, SIGKILL))
                (void)waitpid(command, NULL, 0);
        _exit(0);
}

/**
 * application_serve() - start what a login is for, so that the helper of open sees it at once
 * @application:        the application, open
 * @stays:              until application_close(); else it is over in a moment
 */
void application_serve(struct application *application, bool stays) {
        int until[2] = { -1, -1 };

        if (stays && pipe2(until, O_CLOEXEC) < 0)
                load_fail("pipe2");
        /* who does not stay is not waited for */
        if (!stays)
                (void)signal(SIGCHLD, SIG_IGN);
        application->user = fork();
        if (application->user < 0)
                load_fail("fork");
        if (!application->user) {
                (void)signal(SIGCHLD, SIG_DFL);
                if (stays && dup2(until[0], STDIN_FILENO) < 0)
                        _exit(1);
                (void)close_range(STDERR_FILENO + 1, ~0U, 0);
                application_user(stays ? STDIN_FILENO : -1);
        }
        (void)close(until[0]);
        application->user_fd = stays ? until[1] : 0;
}

/**
 * application_close() - close the session
 * @application:        the application
 *
 * Return: what it took, in nanoseconds.
 */
uint64_t application_close(struct application *application) {
        uint64_t began, took;
        int r;

        if (application->user_fd) {
                (void)close(application->user_fd);
                (void)waitpid(application->user, NULL, 0);
        }
        (void)signal(SIGCHLD, SIG_DFL);
        began = load_now();
        r = pam_close_session(application->pamh, 0);
        took = load_now() - began;

        application_check(application, "pam_close_session", r);
        return took;
}

/**
 * application_end() - let PAM go
 * @application:        the application
 */
void application_end(struct application *application) {
        (void)pam_end(application->pamh, PAM_SUCCESS);
}
