/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The requests that the module could not give to a helper.
 */

#ifndef SESSION_SPOOL_H
#define SESSION_SPOOL_H

#include "reading/onesession.h"

unsigned int spool_take(const struct session_context *context, int folder_fd,
                        struct sources *sources, const char *boot_id);

#endif
