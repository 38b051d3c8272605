/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a session is for, in its state.
 */

#ifndef SESSION_KIND_H
#define SESSION_KIND_H

#include "net/offspring.h"
#include "reading/onesession.h"

#include <stdbool.h>

bool kind_look(struct session *session, const struct offspring *offspring);

#endif
