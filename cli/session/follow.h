/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is appended to the log from now on.
 */

#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include "input.h"

#include <stdbool.h>

int follow_run(const char *path, bool from_begin, input_take take, void *context);

#endif
