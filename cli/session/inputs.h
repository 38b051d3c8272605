/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All files that a command reads records from.
 */

#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include "input.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

struct inputs {
        struct input *of;
        size_t n;
};

uint64_t inputs_since(const struct settings *settings, uint64_t moment);
int inputs_open_files(char **paths, size_t n, struct inputs *ret_inputs);
int inputs_open_log(const char *path, uint64_t since, struct inputs *ret_inputs);
int inputs_open_rotated(const char *path, uint64_t since, struct inputs *ret_inputs);
void inputs_close(struct inputs *inputs);
int inputs_failed(int error);

#endif
