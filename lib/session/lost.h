/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sessions whose state was lost.
 */

#ifndef SESSION_LOST_H
#define SESSION_LOST_H

#include "reading/context.h"
#include "reading/sources.h"

void lost_unsettle(int folder_fd);
unsigned int lost_cut(const struct session_context *context, int folder_fd, struct sources *sources,
                      const char *boot_id);
unsigned int lost_finish(const struct session_context *context, int folder_fd,
                         struct sources *sources, const char *boot_id);

#endif
