/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Recording a login that was found without a state.
 */

#ifndef SESSION_FOUNDRECORD_H
#define SESSION_FOUNDRECORD_H

#include "session/foundlogin.h"

int foundrecord_look_up(struct found *found);
int foundrecord_write(const struct found *found, struct found_socket *socket);
uint64_t foundrecord_began(const struct found_socket *socket, clockid_t clock);

#endif
