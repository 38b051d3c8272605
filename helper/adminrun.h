/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the verbs reap, setup and teardown share, which an admin or a unit runs.
 */

#ifndef HELPER_ADMINRUN_H
#define HELPER_ADMINRUN_H

#include "session/session.h"

int adminrun_run(const char *config, int (*run)(const struct session_context *));

#endif
