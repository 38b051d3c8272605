/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where the users' ledger is put: the root of cgroup2, the BPF file system, the network namespace.
 */

#ifndef LEDGER_PLACE_H
#define LEDGER_PLACE_H

#include <stdint.h>

int place_cgroup(int *ret_fd);
int place_mount(void);
int place_netns(uint64_t *ret_cookie);

#endif
