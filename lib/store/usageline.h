/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One line of a user's own figures: what he moved in one period, as `pam_traffic usage --export`
 * writes it and `pam_traffic usage` reads it.
 */

#ifndef STORE_USAGELINE_H
#define STORE_USAGELINE_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USAGELINE_UNKNOWN (-1)
#define USAGELINE_VERSION 1

/* The most bytes of a user's file: some lines, and a name that a login may have. */
#define USAGELINE_FILE_MAX ((size_t)4 * 1024 * 1024)

/* Numbers are USAGELINE_UNKNOWN and texts NULL where they are not known. Texts are owned, times
 * are those of records. The members' names are the keys. */
struct usageline {
        int64_t v;
        char *time; /* when the figures were made */
        char *user;
        int64_t uid;
        char *period; /* its name */
        char *since;  /* it begins */
        char *until;  /* ... and is over, before that moment */
        int64_t in_bytes;
        int64_t out_bytes;
        int64_t sessions;
        int64_t open; /* sessions that were open at that time */
        bool complete;
        char *open_until;     /* they are counted to then; NULL: until time, or there are none */
        int64_t all_in_bytes; /* of all programs, SSH's forwards included; the users' ledger */
        int64_t all_out_bytes;
        bool all_complete;
};

enum {
        USAGELINE_E_INVALID = 1, /* not such a line; the key at fault is handed out */
};

int usageline_new(struct usageline **ret_line);
struct usageline *usageline_free(struct usageline *line);
CLEANUP_DEFINE(struct usageline, usageline_free)

int usageline_encode(const struct usageline *line, char **ret_text, size_t *ret_size);
int usageline_decode(const char *text, size_t size, struct usageline **ret_line,
                     const char **ret_field);

#endif
