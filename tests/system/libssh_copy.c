/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * libssh_copy HOST USER KEY KNOWN_HOSTS FILE REMOTE BACK - one connection made by libssh: prints
 * what `id -un` says over there, copies FILE to REMOTE and REMOTE to BACK by sftp, and disconnects.
 *
 * A client for clients-libssh.sh. What does not work ends it; the kernel cleans up.
 */

#include <fcntl.h>
#include <libssh/libssh.h>
#include <libssh/sftp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { COPY_CHUNK = 32768 };

static void copy_check(int good, const char *what, ssh_session session) {
        if (good)
                return;
        (void)fprintf(stderr, "libssh_copy: %s: %s\n", what, ssh_get_error(session));
        exit(1);
}

static ssh_session copy_connect(char **argv) {
        ssh_session session = ssh_new();
        int strict = 1;
        ssh_key key;

        copy_check(session != NULL, "no session", NULL);
        (void)ssh_options_set(session, SSH_OPTIONS_HOST, argv[1]);
        (void)ssh_options_set(session, SSH_OPTIONS_USER, argv[2]);
        (void)ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, argv[4]);
        (void)ssh_options_set(session, SSH_OPTIONS_STRICTHOSTKEYCHECK, &strict);
        copy_check(ssh_connect(session) == SSH_OK, "connect", session);
        copy_check(ssh_session_is_known_server(session) == SSH_KNOWN_HOSTS_OK, "host key", session);
        copy_check(ssh_pki_import_privkey_file(argv[3], NULL, NULL, NULL, &key) == SSH_OK, argv[3],
                   session);
        copy_check(ssh_userauth_publickey(session, NULL, key) == SSH_AUTH_SUCCESS, "login",
                   session);
        ssh_key_free(key);
        return session;
}

static void copy_command(ssh_session session) {
        ssh_channel channel = ssh_channel_new(session);
        char text[64];
        int n;

        copy_check(channel && ssh_channel_open_session(channel) == SSH_OK, "channel", session);
        copy_check(ssh_channel_request_exec(channel, "id -un") == SSH_OK, "command", session);
        while ((n = ssh_channel_read(channel, text, sizeof(text), 0)) > 0)
                (void)fwrite(text, 1, (size_t)n, stdout);
        ssh_channel_free(channel);
}

static void copy_up(ssh_session session, sftp_session sftp, const char *from, const char *to) {
        sftp_file file = sftp_open(sftp, to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        int fd = open(from, O_RDONLY | O_CLOEXEC);
        char chunk[COPY_CHUNK];
        ssize_t n;

        copy_check(file && fd >= 0, from, session);
        while ((n = read(fd, chunk, sizeof(chunk))) > 0)
                copy_check(sftp_write(file, chunk, (size_t)n) == n, "write", session);
        copy_check(n == 0 && sftp_close(file) == SSH_OK, to, session);
        (void)close(fd);
}

static void copy_down(ssh_session session, sftp_session sftp, const char *from, const char *to) {
        sftp_file file = sftp_open(sftp, from, O_RDONLY, 0);
        int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        char chunk[COPY_CHUNK];
        ssize_t n;

        copy_check(file && fd >= 0, from, session);
        while ((n = sftp_read(file, chunk, sizeof(chunk))) > 0)
                copy_check(write(fd, chunk, (size_t)n) == n, to, session);
        copy_check(n == 0 && sftp_close(file) == SSH_OK, "read", session);
        (void)close(fd);
}

int main(int argc, char **argv) {
        ssh_session session;
        sftp_session sftp;

        if (argc != 8) {
                (void)fprintf(stderr,
                              "usage: libssh_copy HOST USER KEY KNOWN_HOSTS FILE REMOTE BACK\n");
                return 2;
        }
        session = copy_connect(argv);
        copy_command(session);
        sftp = sftp_new(session);
        copy_check(sftp && sftp_init(sftp) == SSH_OK, "sftp", session);
        copy_up(session, sftp, argv[5], argv[6]);
        copy_down(session, sftp, argv[6], argv[7]);
        sftp_free(sftp);
        ssh_disconnect(session);
        ssh_free(session);
        return 0;
}
