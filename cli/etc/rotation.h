/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rotation of the log: which file of logrotate names it.
 */

#ifndef CLI_ROTATION_H
#define CLI_ROTATION_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>

#define ROTATION_PATH_MAX 512
#define ROTATION_SIZE_MAX 262144

/* The file that `enable` writes, unless a package brings it. */
#define ROTATION_FILE PATH_LOGROTATE "/pam_traffic"

enum {
        ROTATION_E_NONE = 1, /* no file names it */
};

bool rotation_names(const char *text, const char *log);
int rotation_find(const char *log, char ret_path[static ROTATION_PATH_MAX]);
int rotation_text(const char *log, char **ret_text);
bool rotation_is_made(const char *text);
int rotation_add(const char *text, const char *log, char **ret_text);
int rotation_drop(const char *text, const char *log, char **ret_text);

#endif
