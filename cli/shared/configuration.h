/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The configuration, as a command reads it.
 */

#ifndef CLI_CONFIGURATION_H
#define CLI_CONFIGURATION_H

#include "store/store.h"

int configuration_read(const char *path, struct settings **ret_settings);

#endif
