/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A list of processors, as the kernel writes it.
 */

#ifndef USERMAP_CPULIST_H
#define USERMAP_CPULIST_H

#include <stddef.h>

#define CPULIST_MOST 8192 /* CONFIG_NR_CPUS of x86 at most */

int cpulist_count(const char *text, size_t *ret_n);
int cpulist_possible(size_t *ret_n);

#endif
