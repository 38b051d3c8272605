/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A keyword of sshd_config, for when sshd itself cannot be asked.
 */

#ifndef CLI_SSHDCONFIG_H
#define CLI_SSHDCONFIG_H

#include <stdbool.h>
#include <stddef.h>

#define SSHDCONFIG_WORD_MAX 128

struct sshdconfig_line {
        char keyword[SSHDCONFIG_WORD_MAX]; /* "": none */
        char value[SSHDCONFIG_WORD_MAX];   /* its first word, without quotes */
};

size_t sshdconfig_next(const char *text, struct sshdconfig_line *ret_line);
int sshdconfig_read(const char *keyword, char ret_value[static SSHDCONFIG_WORD_MAX]);

#endif
