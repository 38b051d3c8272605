/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The messages on standard error about failures.
 *
 *      if (open(path, O_RDONLY) < 0)
 *              return fail(-errno, "cannot read %s: %s", path, strerror(errno));
 */

#ifndef CLI_FAIL_H
#define CLI_FAIL_H

#include <stdbool.h>

int fail(int result, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fail_errno(int error);
int fail_unreadable(const char *path, bool named, int error);

/* A message after which the program goes on. */
#define fail_warn(...) ((void)fail(0, __VA_ARGS__))

#endif
