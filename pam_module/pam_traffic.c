/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic.so - the two functions that PAM calls inside sshd.
 *
 * Owns: what a failure means for the login: one line in the log and PAM_SUCCESS, unless the admin
 * asked for `strict`.
 * Relies on: sshd calls both in one and the same process, the connection's monitor (docs/facts.md,
 * "sshd and PAM"); see pam_sm_open_session(3).
 * Does not: read a file, count, or link a library that may end the process. The helper does all
 * that, outside of sshd.
 */

#include "arguments.h"
#include "base/base.h"
#include "config.h"
#include "launch.h"
#include "login.h"
#include "net/net.h"
#include "request/request.h"

#include <security/pam_ext.h>
#include <string.h>
#include <syslog.h>

#define PAM_TRAFFIC_EXPORT __attribute__((visibility("default")))

static const char pam_traffic_helper[] = PATH_HELPER;

/* One line: which login has no record, why, and what to do. */
static int pam_traffic_failed(const pam_handle_t *pamh, const struct arguments *arguments,
                              const char *phase, const char *reason, const char *detail) {
        pam_syslog(pamh, LOG_ERR,
                   "%s: traffic of this login may not be recorded: %s%s%s (helper: %s)", phase,
                   reason, detail ? ": " : "", detail ? detail : "", pam_traffic_helper);
        return arguments->strict ? PAM_SESSION_ERR : PAM_SUCCESS;
}

/* One line: which login is recorded later, and why. */
static int pam_traffic_left(const pam_handle_t *pamh, const char *phase, const char *reason,
                            const char *detail) {
        pam_syslog(pamh, LOG_WARNING,
                   "%s: pam_traffic_helper reap will record this login: %s%s%s (helper: %s)", phase,
                   reason, detail ? ": " : "", detail ? detail : "", pam_traffic_helper);
        return PAM_SUCCESS;
}

/* One line: this login cannot have a record, and nothing is wrong. */
static int pam_traffic_not_tcp(const pam_handle_t *pamh, const struct arguments *arguments) {
        pam_syslog(pamh, LOG_NOTICE,
                   "open: the client did not connect over TCP, so there is no record%s",
                   arguments->strict ? ", and the login is refused (strict)" : "");
        return arguments->strict ? PAM_SESSION_ERR : PAM_SUCCESS;
}

static const char *pam_traffic_launch_reason(int r) {
        switch (r) {
        case LAUNCH_E_TIMEOUT:
                return "the helper did not answer within open_timeout; it continues by itself";
        case LAUNCH_E_EXEC:
                return "the helper cannot be run";
        case LAUNCH_E_FAILED:
                return "the helper failed; see its own message in this log";
        case LAUNCH_E_ENDED:
                return "the helper ended without an answer; see whether it crashed";
        case LAUNCH_E_GARBAGE:
                return "the helper gave no valid answer; is it of the same release as "
                       "pam_traffic.so?";
        case LAUNCH_E_HELD:
                return "the helper did not begin within open_timeout; is sshd's control group "
                       "frozen?";
        default:
                return "the helper cannot be started";
        }
}

static int pam_traffic_open(pam_handle_t *pamh, const struct arguments *arguments) {
        _cleanup_(login_freep) struct login *login = NULL;
        const struct launch_program program = { pam_traffic_helper, arguments->config };
        _cleanup_(freep) char *request = NULL;
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + arguments->open_timeout;
        const char *reason, *detail;
        struct login *kept;
        int r, exec_errno = 0;
        size_t size;

        r = login_new(pamh, arguments->config, &login);
        if (r == CONNECTION_E_NOT_SSHD) {
                if (arguments->debug)
                        pam_syslog(pamh, LOG_DEBUG, "this process is not sshd, so it is ignored");
                return PAM_IGNORE;
        }
        if (r == CONNECTION_E_NOT_TCP)
                return pam_traffic_not_tcp(pamh, arguments);
        if (r == CONNECTION_E_NONE)
                return pam_traffic_failed(pamh, arguments, "open",
                                          "sshd holds no TCP connection of the client", NULL);
        if (r == CONNECTION_E_AMBIGUOUS)
                return pam_traffic_failed(pamh, arguments, "open",
                                          "sshd holds several TCP connections, and neither "
                                          "SSH_CONNECTION nor PAM_RHOST says which is the client's",
                                          NULL);
        if (r < 0)
                return pam_traffic_failed(pamh, arguments, "open",
                                          "cannot find the client's connection", strerror(-r));

        r = login_encode(login, &request, &size);
        if (r < 0)
                return pam_traffic_failed(pamh, arguments, "open", "cannot write the request",
                                          strerror(-r));
        r = login_keep(pamh, login);
        if (r < 0)
                return pam_traffic_failed(pamh, arguments, "open", "cannot keep the session id",
                                          strerror(-r));
        kept = pointer_steal(&login);
        kept->patience = arguments->open_timeout;

        r = launch_open(&program, request, size, deadline, arguments->strict, &exec_errno);
        kept->opened = true; /* what could not be started now may be at close */
        kept->request.acknowledged = !r;
        kept->request.abandoned = r && r != LAUNCH_E_TIMEOUT;
        if (!r) {
                if (arguments->debug)
                        pam_syslog(pamh, LOG_DEBUG, "session %s is recorded",
                                   kept->request.session);
                return PAM_SUCCESS;
        }
        reason = pam_traffic_launch_reason(r);
        detail = r < 0 ? strerror(-r) : r == LAUNCH_E_EXEC ? strerror(exec_errno) : NULL;
        kept->left = kept->request.abandoned && !arguments->strict && !login_leave(kept, "open");
        if (kept->left)
                return pam_traffic_left(pamh, "open", reason, detail);
        return pam_traffic_failed(pamh, arguments, "open", reason, detail);
}

static int pam_traffic_close(pam_handle_t *pamh, const struct arguments *arguments) {
        const char *reason, *detail;
        struct login *login;
        bool left;
        int r;

        login = login_kept(pamh);
        if (!login || !login->opened)
                return PAM_IGNORE;
        r = login_close(login, &left);
        reason = pam_traffic_launch_reason(r);
        detail = r < 0 ? strerror(-r) : NULL;
        if (r && left)
                return pam_traffic_left(pamh, "close", reason, detail);
        if (r)
                return pam_traffic_failed(pamh, arguments, "close", reason, detail);
        if (arguments->debug)
                pam_syslog(pamh, LOG_DEBUG, "session %s is closed", login->request.session);
        return PAM_SUCCESS;
}

static int pam_traffic_serve(pam_handle_t *pamh, int argc, const char **argv,
                             int (*serve)(pam_handle_t *, const struct arguments *)) {
        const void *service = NULL;
        struct arguments arguments;

        arguments_parse(pamh, argc, argv, &arguments);
        if (pam_get_item(pamh, PAM_SERVICE, &service) != PAM_SUCCESS ||
            !arguments_serve(&arguments, service))
                return PAM_IGNORE;
        return serve(pamh, &arguments);
}

/**
 * pam_sm_open_session() - a login begins; called by PAM
 * @pamh:       the PAM handle
 * @flags:      not used
 * @argc:       how many arguments the PAM line has
 * @argv:       the arguments, pam_traffic(8)
 *
 * Return: PAM_SUCCESS, also when the login cannot be accounted; PAM_IGNORE for another service or
 *         a process that is not sshd; with `strict` PAM_SESSION_ERR when it cannot be accounted.
 */
PAM_TRAFFIC_EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc,
                                           const char **argv) {
        (void)flags;
        return pam_traffic_serve(pamh, argc, argv, pam_traffic_open);
}

/**
 * pam_sm_close_session() - a login ends; called by PAM
 * @pamh:       the PAM handle
 * @flags:      not used
 * @argc:       how many arguments the PAM line has
 * @argv:       the arguments, pam_traffic(8)
 *
 * Waits for nothing but the start of the helper, at most open_timeout: the helper waits for the
 * connection to end.
 *
 * Return: PAM_SUCCESS; PAM_IGNORE if no session was opened; with `strict` PAM_SESSION_ERR when the
 *         helper cannot be started.
 */
PAM_TRAFFIC_EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc,
                                            const char **argv) {
        (void)flags;
        return pam_traffic_serve(pamh, argc, argv, pam_traffic_close);
}
