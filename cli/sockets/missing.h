/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The tables that could not be read, for people.
 */

#ifndef CLI_MISSING_H
#define CLI_MISSING_H

#include "audit/audit.h"

void missing_print(const struct audit_missing *missing, const char *state_dir, bool with_age);

#endif
