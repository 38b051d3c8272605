/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The record log: appending one line.
 */

#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <stddef.h>
#include <stdint.h>

int log_append(const char *path, const char *line, size_t size, uint64_t deadline);

#endif
