/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The backend "iptables" and the keeper of a build without libiptc: they report that this kernel
 * has no such tables.
 */

#include "netfilter/iptables.h"
#include "netfilter/keeper.h"

int iptables_new(struct backend **ret_backend) {
        (void)ret_backend;
        return BACKEND_E_UNAVAILABLE;
}

void iptableslook_base(int proc_fd, const char *lock_path, struct survey_base *base) {
        (void)proc_fd;
        (void)lock_path;
        (void)base;
}

int keeper_make(struct backend *backend, uint64_t deadline) {
        (void)backend;
        (void)deadline;
        return 0;
}

int keeper_remove(struct backend *backend, uint64_t deadline) {
        (void)backend;
        (void)deadline;
        return 0;
}
