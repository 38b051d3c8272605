/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the helper may do.
 *
 * Owns: the list of capabilities that it keeps, and the undoing of limits that were meant for the
 * user. It is root without a setuid bit: it has what sshd, or the admin, had, and gives back the
 * most of it before it reads a byte from outside.
 * Relies on: libcap-ng; setrlimit(2), prctl(2) PR_SET_NO_NEW_PRIVS.
 */

#include "privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const struct {
        unsigned int capability;
        const char *why;
} privilege_kept[] = {
        { CAP_NET_ADMIN, "iptables, nftables, conntrack, nf_conntrack_acct" },
        { CAP_NET_RAW, "the raw socket that libiptc talks through" },
        { CAP_CHOWN, "a new log is given to the group adm" },
        { CAP_DAC_OVERRIDE, "a log that logrotate made for another owner is written all the same" },
};

/* What the kernel gives the first process of a system. */
static const struct {
        __rlimit_resource_t resource;
        rlim_t soft;
        rlim_t hard;
} privilege_limits[] = {
        { RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY },
        { RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY },
        { RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY },
        { RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY },
        { RLIMIT_NOFILE, 1024, 4096 },
        { RLIMIT_STACK, 8 << 20, RLIM_INFINITY },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/**
 * privilege_unlimit() - undo limits of the user's session
 *
 * pam_limits(8) sets them in sshd's process, of which this one is a copy. A file size limit of the
 * user would otherwise be one of the log.
 */
void privilege_unlimit(void) {
        for (size_t i = 0; i < COUNT(privilege_limits); i++) {
                struct rlimit limit = { privilege_limits[i].soft, privilege_limits[i].hard };

                (void)setrlimit(privilege_limits[i].resource, &limit);
        }
        (void)setpriority(PRIO_PROCESS, 0, 0);
}

/**
 * privilege_drop() - keep the capabilities that the work needs, and none else, for good
 *
 * Return: 0 or -EPERM.
 */
int privilege_drop(void) {
        bool kept[COUNT(privilege_kept)];
        capng_select_t select;

        if (capng_get_caps_process() < 0)
                return -EPERM;
        for (size_t i = 0; i < COUNT(privilege_kept); i++)
                kept[i] = capng_have_capability(CAPNG_PERMITTED, privilege_kept[i].capability);

        /* without it (a unit's CapabilityBoundingSet=) the bounding set stays as it is; libcap-ng
         * would say so in the log at each run */
        select = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) ? CAPNG_SELECT_BOTH
                                                                     : CAPNG_SELECT_CAPS;

        capng_clear(CAPNG_SELECT_BOTH);
        for (size_t i = 0; i < COUNT(privilege_kept); i++)
                if (kept[i])
                        (void)capng_update(CAPNG_ADD,
                                           CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
                                           privilege_kept[i].capability);
        if (capng_apply(select) < 0)
                return -EPERM;
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}
