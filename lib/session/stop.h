/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Ending a session: for close, and for reap.
 */

#ifndef SESSION_STOP_H
#define SESSION_STOP_H

#include "session/onesession.h"

enum stop_verdict {
        STOP_LIVES,       /* the connection goes on */
        STOP_ENDED,       /* the connection is over: no packet can follow */
        STOP_SEEMS_ENDED, /* conntrack says so, or the first subflow of MPTCP is gone */
        STOP_UNSURE,      /* not known */
};

enum stop_verdict stop_verdict(struct session *session);
int stop_resume(struct session *session);
bool stop_is_readable(const struct session *session);
int stop_record(struct session *session);
int stop_clean(struct session *session);
int stop_forget(struct session *session);
int stop_write(struct session *session);
int stop_after_reboot(struct session *session);

#endif
