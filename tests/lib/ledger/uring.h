/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A connection that is made and used by io_uring alone.
 */

#ifndef TESTS_LEDGER_URING_H
#define TESTS_LEDGER_URING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int uring_connect(const char *host, uint16_t port, size_t bytes, bool polled);

#endif
