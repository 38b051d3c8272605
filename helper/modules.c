/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Loading the kernel modules that accounting needs.
 *
 * Owns: one run of modprobe.
 * Relies on: /proc/sys/kernel/modprobe names the program, "" if loading is switched off;
 * modprobe(8): -a takes several names, -q is silent about missing modules. The modules of nf_tables
 * are not among them, because the kernel loads those itself for a program that uses them
 * (nfnetlink_rcv_msg(), nft_expr_type_get()).
 */

#include "modules.h"

#include "base/base.h"
#include "childrun.h"

#include <string.h>

#define MODULES_PATH "sys/kernel/modprobe"

/* KMOD_PATH_LEN of kernel/module/kmod.c */
#define MODULES_PATH_MAX 256

/**
 * modules_load() - have modprobe load ip_tables, nf_conntrack and what else is needed
 * @proc_fd:    an open /proc
 * @deadline:   the latest moment to wait for modprobe, microseconds of CLOCK_MONOTONIC
 *
 * Needs CAP_SYS_MODULE. What could not be loaded may be built in, or be there all the same: the
 * program's exit status says nothing, and neither does a failure of this. Only use tells.
 *
 * Return: 0 if modprobe ran to its end, MODULES_E_DISABLED, or a negative errno.
 */
int modules_load(int proc_fd, uint64_t deadline) {
        static const char *const arguments[] = {
                "modprobe",         "-qa",
                "ip_tables",        "ip6_tables",
                "iptable_mangle",   "ip6table_mangle",
                "iptable_security", "ip6table_security",
                "nf_conntrack",     "nf_conntrack_netlink",
                "xt_conntrack",     NULL,
        };
        _cleanup_(freep) char *program = NULL;
        size_t size;
        int r, status;

        r = file_read_at(proc_fd, MODULES_PATH, MODULES_PATH_MAX, &program, &size);
        if (r)
                return r == -ENOENT ? MODULES_E_DISABLED : r < 0 ? r : -ENAMETOOLONG;
        program[strcspn(program, "\n")] = '\0';
        if (*program != '/')
                return MODULES_E_DISABLED;
        return childrun_run(program, arguments, true, deadline, &status);
}
