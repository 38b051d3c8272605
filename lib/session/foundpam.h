/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Since when sshd calls the module for its logins.
 */

#ifndef SESSION_FOUNDPAM_H
#define SESSION_FOUNDPAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOUNDPAM_SERVICE "sshd"

/* What stands in a line of a PAM file, as far as it matters here. */
struct foundpam_line {
        bool includes; /* it takes in the session rules of another file, name */
        char name[256];
        bool ours;         /* a session rule of the module, for FOUNDPAM_SERVICE */
        char config[4096]; /* its conf=; empty: none */
};

enum {
        FOUNDPAM_E_NONE = 1, /* they do not */
};

void foundpam_parse(const char *text, size_t size, struct foundpam_line *ret_line);
bool foundpam_is_wanted(int folder_fd);
int foundpam_since(int folder_fd, const char *config, uint64_t *ret_realtime);

#endif
