/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions that a reap ends together.
 */

#ifndef SESSION_ENDING_H
#define SESSION_ENDING_H

#include "account/account.h"
#include "reading/onesession.h"

/* Each session's lock is held, which needs a descriptor. */
#define ENDING_MOST 256

enum ending_how {
        ENDING_STOP,     /* last readings, stop record, rules, state */
        ENDING_CLEAN,    /* its stop record is in the log already */
        ENDING_CONCLUDE, /* last readings only: its close may still come */
};

struct ending_session {
        struct session session;
        enum ending_how how;
        bool recorded; /* its stop record is in the log */
        bool readable; /* its last readings are to be taken */
        bool put_off;  /* ... and cannot be taken now */
        bool glanced;
        struct sample first;
};

struct ending {
        size_t n;
        struct ending_session sessions[ENDING_MOST];
};

bool ending_is_full(const struct ending *ending);
void ending_take(struct ending *ending, struct session *session, enum ending_how how);
unsigned int ending_finish(struct ending *ending, struct sources *sources);

#endif
