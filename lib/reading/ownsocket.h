/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The socket of a session, told from others with the same addresses and ports.
 */

#ifndef READING_OWNSOCKET_H
#define READING_OWNSOCKET_H

#include "netlink/sockdiag.h"
#include "reading/onesession.h"

#include <stdbool.h>

struct sockdiag *ownsocket_sockdiag(struct sources *sources);
int ownsocket_get(struct session *session, struct sockdiag_socket *ret_socket);
bool ownsocket_follower(struct session *session, struct sockdiag_socket *ret_socket);

#endif
