/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What reap, setup and teardown share: an admin or a unit runs them.
 */

#ifndef HELPER_BASE_H
#define HELPER_BASE_H

#include "pam_traffic/session.h"

int base_run(const char *config, int (*run)(const struct session_context *));

#endif
