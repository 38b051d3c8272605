/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Adding a reading to a session's account.
 */

#ifndef READING_UPDATE_H
#define READING_UPDATE_H

#include "account/account.h"
#include "reading/onesession.h"

unsigned int update_account(struct session *session, const struct sample *sample,
                            unsigned int expected);

#endif
