/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Ending a session: for close, and for reap.
 */

#ifndef SESSION_STOP_H
#define SESSION_STOP_H

#include "reading/onesession.h"

int stop_resume(struct session *session);
bool stop_is_readable(const struct session *session);
int stop_record(struct session *session);
int stop_clean(struct session *session);
int stop_forget(struct session *session);
int stop_write(struct session *session);
int stop_after_reboot(struct session *session);

#endif
