/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the ports of sshd have moved until now.
 */

#ifndef READING_LIVEPORTS_H
#define READING_LIVEPORTS_H

#include "reading/context.h"
#include "reading/live.h"
#include "reading/sources.h"

int liveports_read(const struct session_context *context, int folder_fd, struct sources *sources,
                   const char *boot_id, struct live *live);

#endif
