/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Rules that a session finds in its place, and whose they are.
 */

#ifndef SESSION_SUCCESSION_H
#define SESSION_SUCCESSION_H

#include "reading/onesession.h"

enum {
        SUCCESSION_E_FOLLOWED = 1, /* the rules are those of a session that was opened later */
};

bool succession_is_followed(const struct session *session);
void succession_claim(struct session *session);
int succession_take(struct session *session);

#endif
