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
#include <stdio.h>

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

/**
 * application_close() - close the session
 * @application:        the application
 *
 * Return: what it took, in nanoseconds.
 */
uint64_t application_close(struct application *application) {
        uint64_t began = load_now();
        int r = pam_close_session(application->pamh, 0);
        uint64_t took = load_now() - began;

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
