/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The names of users, within a deadline.
 */

#ifndef USERLEDGER_USERNAMES_H
#define USERLEDGER_USERNAMES_H

#include "store/userstate.h"

void usernames_fill(struct userstate *state, uint64_t deadline);

#endif
