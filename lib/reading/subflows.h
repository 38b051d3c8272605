/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The subflows of a session whose client uses MPTCP.
 */

#ifndef READING_SUBFLOWS_H
#define READING_SUBFLOWS_H

#include "netlink/sockdiag.h"
#include "reading/onesession.h"
#include "request/request.h"

#include <stdbool.h>

bool subflows_are(const struct state *state);
void subflows_begin(struct session *session, const struct request *request);
void subflows_know(struct session *session, const struct sockdiag_socket *socket);
void subflows_check(struct session *session);
void subflows_close(struct session *session, const struct request *request);

#endif
