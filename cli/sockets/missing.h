/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What could not be looked at, for people.
 */

#ifndef CLI_MISSING_H
#define CLI_MISSING_H

#include "audit/audit.h"

void missing_print(const struct audit_missing *missing, const char *state_dir, bool with_age);

#endif
