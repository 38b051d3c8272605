/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The text of SSH_CONNECTION: "<remote ip> <remote port> <local ip> <local port>".
 */

#ifndef NET_SSHCONNECTION_H
#define NET_SSHCONNECTION_H

#include "net/address.h"

enum {
        SSHCONNECTION_E_UNKNOWN = 1, /* sshd says that its client does not come over IP */
};

int sshconnection_parse(const char *text, struct connection *ret_connection);

#endif
