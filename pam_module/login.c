/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One login: what is known of it from open to close.
 *
 * Owns: the session id, the moment of opening, the client's connection. They are kept with the PAM
 * handle (pam_set_data(3)), so the module has no state of its own.
 * Relies on: sshd puts SSH_CONNECTION (OpenSSH >= 8.0) and SSH_AUTH_INFO_0 (>= 7.6) into the PAM
 * environment before it opens the session; pam_systemd(8) puts XDG_SESSION_ID there.
 */

#include "login.h"

#include "base/base.h"
#include "config.h"
#include "launch.h"
#include "leave.h"
#include "net/net.h"
#include "request/request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOGIN_DATA "pam_traffic_login"

#define LOGIN_BOOT_ID "/proc/sys/kernel/random/boot_id"
#define LOGIN_BOOT_ID_MAX 64

static const char *login_item(const pam_handle_t *pamh, int item) {
        const void *value = NULL;

        return pam_get_item(pamh, item, &value) == PAM_SUCCESS ? value : NULL;
}

static int login_copy(const char *text, char **ret_copy) {
        *ret_copy = text ? strdup(text) : NULL;
        return text && !*ret_copy ? -ENOMEM : 0;
}

/* What was said at open holds until the close: modules that come after this one may let the user
 * write the environment. */
static int login_texts(pam_handle_t *pamh, struct login *login) {
        struct request *request = &login->request;
        int r;

        r = login_copy(login_item(pamh, PAM_SERVICE), &login->service);
        if (!r)
                r = login_copy(login_item(pamh, PAM_USER), &login->user);
        if (!r)
                r = login_copy(login_item(pamh, PAM_RHOST), &login->rhost);
        if (!r)
                r = login_copy(pam_getenv(pamh, "SSH_AUTH_INFO_0"), &login->auth_info);
        if (!r)
                r = login_copy(pam_getenv(pamh, "XDG_SESSION_ID"), &login->login_session);
        request->service = login->service;
        request->user = login->user;
        request->rhost = login->rhost;
        request->auth_info = login->auth_info;
        request->login_session = login->login_session;
        return r;
}

static int login_look(const struct connection_hint *hint, struct connection_found *found) {
        _cleanup_(fd_closep) int proc_fd = -1;

        proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (proc_fd < 0)
                return -errno;
        return connection_find(proc_fd, getpid(), hint, CONNECTION_WAY_ANY, found);
}

/*
 * Find the client's connection. SSH_CONNECTION is sshd's, but a module before this one may have let
 * the user write it (pam_env with user_readenv=1 reads ~/.pam_environment); PAM_RHOST nobody can.
 * So what SSH_CONNECTION leads to counts only if PAM_RHOST, where it is an address, agrees; else
 * PAM_RHOST decides alone.
 */
static int login_find(pam_handle_t *pamh, struct connection_found *found) {
        struct connection_hint hint, sure = { 0 };
        int r;

        connection_hint_parse(pam_getenv(pamh, "SSH_CONNECTION"), login_item(pamh, PAM_RHOST),
                              &hint);
        sure.has_rhost = hint.has_rhost;
        sure.rhost = hint.rhost;

        r = login_look(&hint, found);
        if (!r &&
            (!hint.has_rhost || address_equal(&found->connection.remote.address, &hint.rhost)))
                return 0;
        if (r < 0 || r == CONNECTION_E_NOT_SSHD || r == CONNECTION_E_NOT_TCP)
                return r;
        return login_look(&sure, found);
}

/**
 * login_new() - begin a login: find its connection, make its session id
 * @pamh:       the PAM handle
 * @config:     the configuration's path, for the helper; NULL: its own default
 * @ret_login:  the login, with what TCP has counted so far
 *
 * Return: 0, CONNECTION_E_... of connection_find(), or a negative errno.
 */
int login_new(pam_handle_t *pamh, const char *config, struct login **ret_login) {
        _cleanup_(login_freep) struct login *login = NULL;
        struct connection_found found;
        struct request *request;
        int r;

        login = calloc(1, sizeof(*login));
        if (!login)
                return -ENOMEM;
        if (config) {
                login->config = strdup(config);
                if (!login->config)
                        return -ENOMEM;
        }

        r = login_find(pamh, &found);
        if (r)
                return r;

        request = &login->request;
        request->opened_realtime = clock_now(CLOCK_REALTIME);
        request->opened_boottime = clock_now(CLOCK_BOOTTIME);
        request->pid = getpid();
        request->connection = found.connection;
        request->inode = found.inode;
        request->cookie = found.cookie;
        request->interface = found.interface;
        request->multipath = (uint8_t)found.multipath;
        request->info = found.info;
        r = login_texts(pamh, login);
        if (!r)
                r = uuid_new(request->opened_realtime, request->session);
        if (r < 0)
                return r;

        *ret_login = pointer_steal(&login);
        return 0;
}

/**
 * login_free() - end what login_new() began
 * @login:      the login, or NULL
 *
 * Return: NULL.
 */
struct login *login_free(struct login *login) {
        if (login) {
                free(login->config);
                free(login->service);
                free(login->user);
                free(login->rhost);
                free(login->auth_info);
                free(login->login_session);
        }
        free(login);
        return NULL;
}

/**
 * login_encode() - write the request that goes to the helper
 * @login:      the login
 * @ret_data:   the bytes; the caller frees them
 * @ret_size:   how many
 *
 * SSH_AUTH_INFO_0 is the only text that may be long (a large certificate); where the request does
 * not fit, it goes without.
 *
 * Return: 0, -E2BIG or -ENOMEM.
 */
int login_encode(const struct login *login, char **ret_data, size_t *ret_size) {
        _cleanup_(freep) char *data = NULL;
        struct request request = login->request;
        int r;

        data = malloc(REQUEST_MAX);
        if (!data)
                return -ENOMEM;

        r = request_encode(&request, data, REQUEST_MAX, ret_size);
        if (r == -E2BIG) {
                request.auth_info = NULL;
                r = request_encode(&request, data, REQUEST_MAX, ret_size);
        }
        if (r < 0)
                return r;

        *ret_data = pointer_steal(&data);
        return 0;
}

/**
 * login_leave() - leave the request to a reap
 * @login:      the login
 * @verb:       open or close
 *
 * Return: 0, or a negative errno.
 */
int login_leave(const struct login *login, const char *verb) {
        _cleanup_(freep) char *data = malloc(SPOOLTEXT_MAX);
        _cleanup_(freep) char *boot_id = NULL;
        struct request request = login->request;
        size_t size;
        int r;

        if (!data)
                return -ENOMEM;
        /* where no descriptor is left it goes without */
        if (!file_read_at(AT_FDCWD, LOGIN_BOOT_ID, LOGIN_BOOT_ID_MAX, &boot_id, &size)) {
                boot_id[strcspn(boot_id, "\n")] = '\0';
                request.boot_id = boot_id;
        }
        r = request_encode(&request, data, SPOOLTEXT_MAX, &size);
        if (!r)
                r = leave_request(request.session, verb, data, size);
        if (r != -E2BIG)
                return r;
        request.auth_info = NULL;
        r = request_encode(&request, data, SPOOLTEXT_MAX, &size);
        return r < 0 ? r : leave_request(request.session, verb, data, size);
}

/* Read anew what has changed since open: TCP's counters are those of now, or not known if the
 * socket is no longer there. */
static int login_refresh(struct login *login) {
        struct request *request = &login->request;
        struct connection_hint hint = { .has_connection = true, .connection = request->connection };
        struct connection_found found;
        int r;

        request->info.known = false;

        r = login_look(&hint, &found);
        if (r)
                return r;
        if (found.inode == request->inode) {
                request->info = found.info;
                request->multipath = (uint8_t)found.multipath;
        }
        return 0;
}

/**
 * login_close() - start the helper that closes a login, or leave that to a reap
 * @login:      the login, which is opened; then it is not
 * @ret_left:   whether it was left
 *
 * What was left at open is left here, too, even if a helper can be started: it may be that it
 * cannot write.
 *
 * Return: 0, LAUNCH_E_HELD, or a negative errno if nothing could be started.
 */
int login_close(struct login *login, bool *ret_left) {
        const struct launch_program program = { PATH_HELPER, login->config };
        _cleanup_(freep) char *request = NULL;
        size_t size;
        int r;

        login->opened = false; /* a second close of the same handle does nothing */
        login->request.closed_boottime = clock_now(CLOCK_BOOTTIME);

        /* without the last TCP_INFO the record still has everything else */
        (void)login_refresh(login);

        r = login_encode(login, &request, &size);
        if (!r)
                r = launch_close(&program, request, size,
                                 clock_now(CLOCK_MONOTONIC) + login->patience);
        *ret_left = (r || login->left) && !login_leave(login, "close");
        return r;
}

/* A module behind this one may have refused the session: then sshd does not close it. */
static void login_cleanup(pam_handle_t *pamh, void *data, int status) {
        struct login *login = data;
        bool left;

        (void)pamh;
        if (login->opened && login->request.pid == getpid() && !(status & PAM_DATA_SILENT))
                (void)login_close(login, &left);
        (void)login_free(login);
}

/**
 * login_keep() - give the login to the PAM handle, until it ends
 * @pamh:       the PAM handle
 * @login:      the login, owned by the handle if this succeeds
 *
 * Return: 0 or -ENOMEM.
 */
int login_keep(pam_handle_t *pamh, struct login *login) {
        return pam_set_data(pamh, LOGIN_DATA, login, login_cleanup) == PAM_SUCCESS ? 0 : -ENOMEM;
}

/**
 * login_kept() - find the login that login_keep() gave away
 * @pamh:       the PAM handle
 *
 * Return: the login, still the handle's, or NULL.
 */
struct login *login_kept(pam_handle_t *pamh) {
        const void *data = NULL;

        if (pam_get_data(pamh, LOGIN_DATA, &data) != PAM_SUCCESS)
                return NULL;
        return (struct login *)(uintptr_t)data; /* PAM hands it out as const */
}
