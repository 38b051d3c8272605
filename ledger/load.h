/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Loading the programs of the users' ledger into the kernel.
 */

#ifndef LEDGER_LOAD_H
#define LEDGER_LOAD_H

#include <stdint.h>

int load_run(int cgroup_fd, uint64_t netns);

#endif
