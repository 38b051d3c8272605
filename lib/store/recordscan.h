/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reading a record's line without a JSON library, if the line has exactly the form in which we
 * write records.
 */

#ifndef STORE_RECORDSCAN_H
#define STORE_RECORDSCAN_H

#include "store/fields.h"

#include <stdbool.h>
#include <stddef.h>

bool recordscan(const struct field *fields, size_t n, const char *line, size_t size, void *object);

#endif
