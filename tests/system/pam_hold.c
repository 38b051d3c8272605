/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_hold.so ADDRESS PORT [FD] - a PAM module for tests: opens a TCP connection at the start of a
 * session and keeps it until the PAM handle ends, as modules that ask a directory server do; FD is
 * the descriptor that it shall be: one below that of the client's connection, say.
 *
 * The session fails where the connection cannot be made: a test must not pass without it.
 */

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

static void hold_end(pam_handle_t *pamh, void *data, int status) {
        (void)pamh;
        (void)status;
        (void)close((int)(intptr_t)data);
}

static int hold_connect(const char *address, const char *port) {
        const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                        .ai_socktype = SOCK_STREAM };
        struct addrinfo *info;
        int fd;

        if (getaddrinfo(address, port, &hints, &info))
                return -1;
        fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC, 0);
        if (fd >= 0 && (connect(fd, info->ai_addr, info->ai_addrlen) < 0 ||
                        send(fd, "hold\n", 5, MSG_NOSIGNAL) < 0)) {
                (void)close(fd);
                fd = -1;
        }
        freeaddrinfo(info);
        return fd;
}

static int hold_move(int fd, int to) {
        int r = dup3(fd, to, O_CLOEXEC);

        (void)close(fd);
        return r;
}

__attribute__((visibility("default"))) int pam_sm_open_session(pam_handle_t *pamh, int flags,
                                                               int argc, const char **argv) {
        int fd = -1;

        (void)flags;
        if (argc >= 2)
                fd = hold_connect(argv[0], argv[1]);
        if (fd >= 0 && argc == 3 && argv[2][0] >= '0' && argv[2][0] <= '9')
                fd = hold_move(fd, argv[2][0] - '0');
        if (fd < 0) {
                pam_syslog(pamh, LOG_ERR, "no connection: %s", strerror(errno));
                return PAM_SESSION_ERR;
        }
        return pam_set_data(pamh, "pam_hold", (void *)(intptr_t)fd, hold_end);
}

__attribute__((visibility("default"))) int pam_sm_close_session(pam_handle_t *pamh, int flags,
                                                                int argc, const char **argv) {
        (void)pamh;
        (void)flags;
        (void)argc;
        (void)argv;
        return PAM_SUCCESS;
}
