/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which privileges the helper has.
 *
 * Owns: the list of capabilities that it keeps, and the removal of limits that were meant for the
 * user. It runs as root without a setuid bit: it has the privileges of sshd, or of the admin. It
 * gives up most of them before it reads any input.
 * Relies on: capabilities(7), capset(2), setrlimit(2), prctl(2) PR_SET_NO_NEW_PRIVS. It makes the
 * system calls itself, because a login waits for this: libcap-ng, which reads /proc/self/status
 * five times, took 0.2 of the helper's 1.5 ms (docs/scaling.md); the system calls take 0.01.
 */

#include "privilege.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct privilege {
        unsigned int capability;
        const char *why;
};

static const struct privilege privilege_kept[] = {
        { CAP_NET_ADMIN, "iptables, nftables, conntrack, nf_conntrack_acct" },
        { CAP_NET_RAW, "the raw socket that libiptc talks through" },
        { CAP_CHOWN, "a new log is given to the group adm" },
        { CAP_DAC_OVERRIDE, "a log that logrotate made for another owner is written all the same" },
};

/* Of the process that looks at others for a reap, and has none of the above (looker.c). */
static const struct privilege privilege_looks[] = {
        { CAP_SYS_PTRACE, "who holds a connection for which there is no state" },
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

/* all: if none of them is there, keep all others. */
static int privilege_keep(const struct privilege *privileges, size_t n, bool all) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
        uint64_t kept = 0;
        bool some = false;

        for (size_t i = 0; i < n; i++)
                kept |= UINT64_C(1) << privileges[i].capability;
        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        for (size_t i = 0; i < COUNT(data); i++) {
                data[i].permitted &= (uint32_t)(kept >> 32 * i);
                data[i].effective = data[i].permitted;
                data[i].inheritable = 0;
                some = some || data[i].permitted;
        }
        if ((some || !all) && syscall(SYS_capset, &header, data) < 0)
                return -errno;
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/**
 * privilege_drop() - keep the capabilities that the work needs, and none else, for good
 *
 * One that is not there to begin with is done without. The bounding set stays as it is: with
 * PR_SET_NO_NEW_PRIVS no program that root runs gets more than its parent had
 * (cap_bprm_creds_from_file()), and to empty it takes 60 us of each login.
 *
 * Return: 0 or a negative errno.
 */
int privilege_drop(void) {
        return privilege_keep(privilege_kept, COUNT(privilege_kept), false);
}

/**
 * privilege_look() - keep what it takes to see whose sockets processes hold, and none else, for
 * good
 *
 * Who may not trace any process may trace one that has no capability which he has not
 * (cap_ptrace_access_check()): in a container without CAP_SYS_PTRACE that is sshd, with all that
 * this has got; so it is kept there.
 *
 * Return: 0 or a negative errno.
 */
int privilege_look(void) {
        return privilege_keep(privilege_looks, COUNT(privilege_looks), true);
}
