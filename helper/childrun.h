/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Running another program within a deadline.
 */

#ifndef HELPER_CHILDRUN_H
#define HELPER_CHILDRUN_H

#include <stdbool.h>
#include <stdint.h>

int childrun_run(const char *program, const char *const *arguments, bool quiet, uint64_t deadline,
                 int *ret_status);

#endif
