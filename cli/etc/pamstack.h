/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The session rules of a PAM service, in the order in which they run: its file and what that
 * includes.
 */

#ifndef CLI_PAMSTACK_H
#define CLI_PAMSTACK_H

#include "pamfile.h"

#define PAMSTACK_FOLDER "/etc/pam.d"
#define PAMSTACK_FILE_MAX 96

struct pamstack_rule {
        char file[PAMSTACK_FILE_MAX]; /* a path */
        size_t number;                /* of its line */
        bool ours;
        char conf[PAMSTACK_FILE_MAX]; /* of ours: its conf=, as far as it has room; else empty */
        bool systemd;                 /* it makes the systemd session known */
        bool readenv;                 /* users' variables come in here */
        bool may_end;                 /* what is below may not be reached */
};

struct pamstack {
        struct pamstack_rule *rules;
        size_t n;
        bool incomplete; /* something could not be read, or was not understood */
};

int pamstack_read(const char *service, struct pamstack **ret_stack);
struct pamstack *pamstack_free(struct pamstack *stack);
CLEANUP_DEFINE(struct pamstack, pamstack_free)

bool pamstack_is_used(void);
bool pamstack_is_used_by(const char *service);
int pamstack_weigh(void *context, const struct pamfile_line *line);

#endif
