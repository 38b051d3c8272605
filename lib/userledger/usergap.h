/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When the users' ledger was not kept, as the accounts know it.
 */

#ifndef USERLEDGER_USERGAP_H
#define USERLEDGER_USERGAP_H

#include "store/userstate.h"
#include "userledger/useraccounts.h"

void usergap_look(struct userstate *state, const struct useraccounts_reading *reading);
void usergap_end(struct userstate *state);
int usergap_make(const struct usermark *mark, struct record **ret_record);

#endif
