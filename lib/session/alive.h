/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When the last reap was: if that is long ago, the log says so.
 */

#ifndef SESSION_ALIVE_H
#define SESSION_ALIVE_H

#include "base/uuid.h"
#include "reading/context.h"

#include <stdbool.h>
#include <stdint.h>

struct alive {
        uint64_t realtime, monotonic; /* microseconds of the clocks of these names */
        char boot_id[UUID_TEXT_MAX];  /* or any text that is no longer */
};

bool alive_parse(const char *text, struct alive *ret_alive);
void alive_note(const struct session_context *context, int folder_fd, const char *boot_id);

#endif
