/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The last readings of a session whose connection is over.
 */

#ifndef SESSION_LASTREADING_H
#define SESSION_LASTREADING_H

#include "account/account.h"
#include "reading/onesession.h"

enum {
        LASTREADING_TAKEN = 1, /* the last readings are in the account */
        LASTREADING_PUT_OFF,   /* they cannot be taken now, which has been reported */
};

uint64_t lastreading_patience(const struct session *session);
int lastreading_yield(struct session *session);
int lastreading_conclude(struct session *session, const struct sample *sample);
int lastreading_finish(struct session *session);

#endif
