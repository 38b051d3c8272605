/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The logins that sshd itself has told of, in the journal or in a file of syslogd.
 *
 * Owns: where such lines are looked for, whom they are believed, and how many are kept: the newest
 * EVIDENCE_MAX logins of a span.
 */

#ifndef CLI_EVIDENCE_H
#define CLI_EVIDENCE_H

#include "cli/doctor/sshdline.h"

#include <stdbool.h>
#include <stddef.h>

#define EVIDENCE_MAX 1000
#define EVIDENCE_TEXT_MAX 128

struct evidence_login {
        uint64_t time; /* CLOCK_REALTIME in microseconds */
        pid_t pid;
        char user[SSHDLINE_USER_MAX]; /* hostile text, as all of it is in a file */
        struct endpoint remote;       /* AF_UNSPEC: not known, or not TCP */
        bool accepted;                /* which of the two lines there was */
        bool opened;
        bool recorded; /* for recorded.h */
};

/* Microseconds of CLOCK_REALTIME, both ends included. */
struct evidence_span {
        uint64_t since;
        uint64_t until;
};

struct evidence {
        struct evidence_login logins[EVIDENCE_MAX]; /* in no order */
        size_t n;
        uint64_t since;              /* later than asked for, if there were more */
        const char *source;          /* "the journal", or a path; NULL: there is none */
        bool trusted;                /* nobody but sshd can have written these lines */
        char why[EVIDENCE_TEXT_MAX]; /* why there is no source */
};

int evidence_read(const struct evidence_span *span, uint64_t now, struct evidence **ret_evidence);

#endif
