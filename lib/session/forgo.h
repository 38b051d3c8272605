/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The last readings of a session if the next connection has the same addresses and ports.
 */

#ifndef SESSION_FORGO_H
#define SESSION_FORGO_H

#include "reading/onesession.h"

void forgo_readings(struct session *session, const struct known_traffic *rules,
                    const struct known_traffic *moved, const struct tcpinfo *follower);

#endif
