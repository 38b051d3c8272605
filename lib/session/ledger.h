/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Writing a session's records.
 */

#ifndef SESSION_LEDGER_H
#define SESSION_LEDGER_H

#include "reading/sessionrecord.h"

int ledger_write(struct session *session, const struct sessionrecord_entry *entry);
int ledger_settle(struct session *session);
bool ledger_has(const struct session *session, const char *id);

#endif
