/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whose what counts is, and its removal.
 */

#ifndef USERLEDGER_USERKEEP_H
#define USERLEDGER_USERKEEP_H

#include "reading/context.h"
#include "store/userstate.h"
#include "usermap/usermap.h"

int userkeep_note(const struct session_context *context, struct usermap *map);
bool userkeep_is_own(const struct session_context *context, const struct userstate *state,
                     const struct usermap *map);
int userkeep_remove(const struct session_context *context);
int userkeep_tidy(const struct session_context *context);

#endif
