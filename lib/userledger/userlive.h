/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The logins that are open, by their audit session.
 */

#ifndef USERLEDGER_USERLIVE_H
#define USERLEDGER_USERLIVE_H

#include "base/map.h"
#include "base/uuid.h"
#include "store/state.h"
#include "usermap/subuid.h"

struct userlive_login {
        uint32_t audit_session;
        int64_t uid;
        char user[SUBUID_NAME_MAX]; /* empty: not known, or longer than /etc/subuid can have it */
        int64_t opened;             /* CLOCK_BOOTTIME in microseconds */
        char session[UUID_TEXT_MAX];
};

struct userlive {
        struct userlive_login *logins;
        uint32_t n, room;
        struct map places;
        bool failed; /* there was no memory: not all are known */
};

void userlive_add(struct userlive *live, const struct state *state);
const char *userlive_find(const struct userlive *live, int64_t audit_session);
bool userlive_has(const struct userlive *live, const struct subuid *subuid, int64_t owner,
                  int64_t boottime);
void userlive_clear(struct userlive *live);

#endif
