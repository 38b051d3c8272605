/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Changing the kernel's tables for sessions.
 */

#ifndef SESSION_TABLES_H
#define SESSION_TABLES_H

#include "reading/onesession.h"
#include "reading/sources.h"

int tables_prepare(struct sources *sources, const char *name);
int tables_add(struct session *session, bool fresh, bool *base);
int tables_remove(struct session *session);
int tables_remove_many(struct sources *sources, const char *name,
                       const struct connection *connections, size_t n);

#endif
