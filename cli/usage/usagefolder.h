/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The folder with a file for each user, which only that user may read.
 */

#ifndef CLI_USAGEFOLDER_H
#define CLI_USAGEFOLDER_H

#include "usagefigures.h"

#include <sys/types.h>

int usagefolder_write(const char *path, const char *state_dir, const struct usagefigures *figures);
int usagefolder_read(const char *path, uid_t uid, struct usagefigures **ret_figures);

#endif
