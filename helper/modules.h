/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Loading the kernel modules that accounting needs.
 *
 * Relies on: on a freshly booted host ip_tables and nf_conntrack are not loaded, and the kernel
 * does not load ip_tables by itself.
 */

#ifndef HELPER_MODULES_H
#define HELPER_MODULES_H

#include <stdint.h>

enum {
        MODULES_E_DISABLED = 1, /* this kernel, or this host, loads no modules */
};

int modules_load(int proc_fd, uint64_t deadline);

#endif
