/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Logins that have no state.
 */

#ifndef SESSION_FOUND_H
#define SESSION_FOUND_H

#include "session/foundlogin.h"

void found_note(struct found *found, const struct state *state);
void found_note_busy(struct found *found, const char *id);
unsigned int found_finish(struct found *found);
void found_clear(struct found *found);

#endif
