/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The log as a command reads it: which file, and the messages about its bad lines.
 */

#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "store/store.h"

#include <stdbool.h>

struct input {
        char *path;
        int fd;
        bool quiet; /* neither bad lines nor progress are told: it was read before */
};

int input_default(const char *config, char **ret_path);
int input_open(const char *path, bool named, struct input *ret_input);
void input_close(struct input *input);

/* Told each record. */
typedef int (*input_take)(void *context, const struct logreader_line *line);

int input_read(const struct input *input, input_take take, void *context);
int input_read_line(const struct input *input, uint64_t offset, size_t size, char **ret_text,
                    struct record **ret_record);

#endif
