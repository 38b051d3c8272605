/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A session that no open has recorded: its close, or a reap, makes it up from the module's request.
 */

#ifndef SESSION_LATE_H
#define SESSION_LATE_H

#include "reading/onesession.h"

int late_resume(struct session *session, const struct request *request);
int late_record(struct session *session, const struct request *request);

#endif
