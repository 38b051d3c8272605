/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The backend "iptables" of a build without libiptc: it reports that this kernel has no such
 * tables.
 */

#include "netfilter/iptables.h"

int iptables_new(const char *lock_path, struct backend **ret_backend) {
        (void)lock_path;
        (void)ret_backend;
        return BACKEND_E_UNAVAILABLE;
}

void iptableslook_base(int proc_fd, const char *lock_path, struct survey_base *base) {
        (void)proc_fd;
        (void)lock_path;
        (void)base;
}

int iptables_keep_all(const char *lock_path, bool keep, uint64_t deadline) {
        (void)lock_path;
        (void)keep;
        (void)deadline;
        return 0;
}
