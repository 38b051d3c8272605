/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The logins in sshd's own log: in the journal, or in the files of syslogd.
 *
 * Owns: where such lines are searched, which of them are believed, and how many are kept: the
 * newest of a span, at most EVIDENCE_MAX lines. These need 80 MiB of memory, and are six logins a
 * second for a day. If there were more, or if reading them took too long, the result says so.
 */

#ifndef CLI_EVIDENCE_H
#define CLI_EVIDENCE_H

#include "base/base.h"
#include "sshdline.h"

#include <stdbool.h>
#include <stddef.h>

#define EVIDENCE_MAX ((size_t)1 << 20)
#define EVIDENCE_USER_MAX 40
#define EVIDENCE_TEXT_MAX 128

/* A login; while lines are read, one of its lines. */
struct evidence_login {
        uint64_t time; /* CLOCK_REALTIME in microseconds */
        pid_t pid;
        struct endpoint remote;       /* AF_UNSPEC: not known, or not TCP */
        char user[EVIDENCE_USER_MAX]; /* hostile text, as all of it is in a file; may be cut short
                                       */
        bool accepted;                /* which of the lines there were */
        bool opened;
        bool refused;
        bool recorded; /* for recorded.h */
};

/* Microseconds of CLOCK_REALTIME, both ends included. */
struct evidence_span {
        uint64_t since;
        uint64_t until;
};

struct evidence {
        struct evidence_login *logins; /* in no order */
        size_t n;
        uint64_t since;              /* later than asked for, if something was left out */
        bool left_out;               /* what is older was too much */
        const char *source;          /* "the journal", or a path; NULL: there is none */
        bool trusted;                /* nobody but sshd can have written these lines */
        char why[EVIDENCE_TEXT_MAX]; /* why there is no source */
};

int evidence_read(const struct evidence_span *span, uint64_t now, struct evidence **ret_evidence);
struct evidence *evidence_free(struct evidence *evidence);
CLEANUP_DEFINE(struct evidence, evidence_free)

#endif
