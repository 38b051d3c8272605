/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A record of an account of the users' ledger.
 */

#ifndef USERLEDGER_USERRECORD_H
#define USERLEDGER_USERRECORD_H

#include "store/record.h"
#include "store/userstate.h"

int userrecord_make(const struct userstate *state, const struct useraccount *account, bool quiet,
                    struct record **ret_record);

#endif
