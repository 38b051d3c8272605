/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All files that a command reads records from: those that the admin named, or the log and its
 * rotated files.
 */

#include "inputs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int inputs_begin(size_t n, struct inputs *ret_inputs) {
        struct input *of = calloc(n ? n : 1, sizeof(*of));

        if (!of) {
                (void)fprintf(stderr, "pam_traffic: %s\n", strerror(ENOMEM));
                return -ENOMEM;
        }
        *ret_inputs = (struct inputs){ .of = of };
        return 0;
}

/**
 * inputs_open_files() - open the files that the admin named
 * @paths:      the files
 * @n:          how many
 * @ret_inputs: the files; to be given to inputs_close() whatever is returned
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int inputs_open_files(char **paths, size_t n, struct inputs *ret_inputs) {
        int r = inputs_begin(n, ret_inputs);

        for (size_t i = 0; !r && i < n; i++) {
                r = input_open(paths[i], true, &ret_inputs->of[i]);
                if (!r)
                        ret_inputs->n++;
        }
        return r;
}

/**
 * inputs_open_log() - open the log
 * @path:       where it is
 * @since:      files that ended before this moment need not be there, microseconds of
 * CLOCK_REALTIME
 * @ret_inputs: its files, the oldest first; to be given to inputs_close() whatever is returned
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int inputs_open_log(const char *path, uint64_t since, struct inputs *ret_inputs) {
        int r = inputs_begin(1, ret_inputs);

        (void)since;
        if (!r)
                r = input_open(path, false, &ret_inputs->of[0]);
        if (!r)
                ret_inputs->n = 1;
        return r;
}

/**
 * inputs_close() - end what was opened
 * @inputs:     the files; all zero is none
 */
void inputs_close(struct inputs *inputs) {
        for (size_t i = 0; i < inputs->n; i++)
                input_close(&inputs->of[i]);
        free(inputs->of);
        *inputs = (struct inputs){ .n = 0 };
}
