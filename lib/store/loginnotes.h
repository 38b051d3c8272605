/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Notes that say of which login an audit session was: logins/<audit session>.
 *
 * Owns: that the users' ledger can name a login that was over before a reap saw it. The stop of a
 * session leaves a note if the login's processes moved anything. A reap reads the notes before it
 * reads what the kernel has counted, and removes them when the accounts are saved.
 */

#ifndef STORE_LOGINNOTES_H
#define STORE_LOGINNOTES_H

#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loginnote {
        int64_t audit_session;
        char boot_id[UUID_TEXT_MAX];
        char session[UUID_TEXT_MAX];
};

struct loginnotes {
        struct loginnote *notes;
        size_t n;
};

bool loginnotes_parse(const char *text, struct loginnote *ret_note);
int loginnotes_leave(int folder_fd, const struct loginnote *note);
int loginnotes_read(int folder_fd, struct loginnotes *ret_notes);
void loginnotes_remove(int folder_fd, const struct loginnotes *notes);
void loginnotes_clear(struct loginnotes *notes);

#endif
