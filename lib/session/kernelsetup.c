/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The base: what has to be in the kernel before the first session is counted, and its removal.
 *
 * Owns: the order (first the rule that keeps conntrack on, because the accounting switch exists
 * only after that), and the note that it was us who turned accounting on.
 */

#include "base/clock.h"
#include "base/patience.h"
#include "netfilter/changes.h"
#include "netfilter/conntrack.h"
#include "ports/ports.h"
#include "reading/onesession.h"
#include "reading/sources.h"
#include "session/session.h"
#include "userledger/userledger.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>

/* In the state folder: nf_conntrack_acct was off before setup. */
#define KERNELSETUP_MARK "accounting-was-off"

static int kernelsetup_failed(const struct session_context *context, const char *what, int r) {
        context_report(context, LOG_ERR, "%s: %s", what,
                       r == BACKEND_E_UNAVAILABLE ? backend_missing(context->settings->backend)
                       : r == BACKEND_E_BUSY
                               ? "another program holds the lock of the tables, or keeps "
                                 "changing them; try again"
                               : sourceswait_reason(r));
        return r < 0 ? r : -EIO;
}

static int kernelsetup_accounting(const struct session_context *context, int folder_fd) {
        _cleanup_(fd_closep) int mark_fd = -1;
        bool on = false;
        int r;

        r = conntrack_sysctl_accounting(context->proc_fd, &on);
        if (!r && !on) {
                mark_fd = openat(folder_fd, KERNELSETUP_MARK,
                                 O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
                r = conntrack_sysctl_set_accounting(context->proc_fd, true);
        }
        if (r) {
                context_report(context, LOG_ERR,
                               "cannot turn on net.netfilter.nf_conntrack_acct: %s",
                               r < 0 ? strerror(-r) : "this kernel has no conntrack");
                return r < 0 ? r : -EIO;
        }
        return 0;
}

/**
 * kernelsetup_run() - make everything that the first session needs
 * @context:    the settings and the listener
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int kernelsetup_run(const struct session_context *context) {
        _cleanup_(backend_freep) struct backend *backend = NULL;
        _cleanup_(fd_closep) int folder_fd = -1;
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + SOURCES_PATIENCE;
        int r, failure;
        bool made;

        r = statefolder_open(context->settings->state_dir, &folder_fd);
        if (r < 0)
                return kernelsetup_failed(context, context->settings->state_dir, r);
        (void)userledger_setup(context, folder_fd);
        r = backend_new(context->settings->backend, &backend);
        if (!r)
                r = backend->changes->setup(backend, deadline, &made);
        if (r) {
                bool on = false;

                /* somebody else's rules may keep conntrack on: then it counts alone */
                if (!conntrack_sysctl_accounting(context->proc_fd, &on))
                        (void)kernelsetup_accounting(context, folder_fd);
                return kernelsetup_failed(context, "cannot make the chains of pam_traffic", r);
        }
        failure = ports_setup(context, folder_fd, backend, deadline);
        r = kernelsetup_accounting(context, folder_fd);
        return r < 0 ? r : failure;
}

/* Take away what one backend has. Return: 0, or a negative errno, which has been reported. */
static int kernelsetup_teardown(const struct session_context *context, const char *name,
                                uint64_t deadline) {
        _cleanup_(backend_freep) struct backend *backend = NULL;
        int r;

        if (backend_is_untouched(name, context->proc_fd))
                return 0;
        r = backend_new(name, &backend);
        if (r == BACKEND_E_UNAVAILABLE)
                return 0; /* there can be nothing of ours */
        if (!r)
                r = backend->changes->teardown(backend, deadline);
        if (r == BACKEND_E_UNAVAILABLE)
                return 0;
        return r ? kernelsetup_failed(context, "cannot remove the chains of pam_traffic", r) : 0;
}

/**
 * kernelsetup_undo() - take away everything of ours from the kernel
 * @context:    the settings and the listener
 *
 * The rules of open sessions go too, of every backend: the configuration may have been another one
 * when they began. nf_conntrack_acct is turned off if it was off before setup.
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int kernelsetup_undo(const struct session_context *context) {
        _cleanup_(fd_closep) int folder_fd = -1;
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + SOURCES_PATIENCE;
        int r, failure;

        r = statefolder_open(context->settings->state_dir, &folder_fd);
        if (r < 0)
                return kernelsetup_failed(context, context->settings->state_dir, r);

        /* what is counted is told before the counters go */
        r = ports_teardown(context, folder_fd, deadline);
        failure = userledger_teardown(context, folder_fd);
        if (failure)
                r = failure;

        /* the switch first: it is gone once the last rule that uses conntrack is */
        if (!faccessat(folder_fd, KERNELSETUP_MARK, F_OK, AT_SYMLINK_NOFOLLOW)) {
                (void)conntrack_sysctl_set_accounting(context->proc_fd, false);
                (void)unlinkat(folder_fd, KERNELSETUP_MARK, 0);
        }

        for (size_t i = 0; i < BACKEND_COUNT; i++) {
                failure = kernelsetup_teardown(context, backend_name(i), deadline);
                if (failure)
                        r = failure;
        }
        return r;
}
