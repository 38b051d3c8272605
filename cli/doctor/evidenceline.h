/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The lines of sshd that are kept, and the logins that they become.
 *
 * Owns: the limit of their number: when there are more than EVIDENCE_MAX, the newest half stays;
 * and how the lines of a login become one. A login whose session was never opened, because the
 * client went away just then, does not count: if any session has its second line, logins without
 * that line are left out. A login that PAM refused is left out, too.
 */

#ifndef CLI_EVIDENCELINE_H
#define CLI_EVIDENCELINE_H

#include "base/base.h"
#include "evidence.h"

/* Lines that are being read. */
struct evidenceline {
        struct evidence *evidence;
        struct evidence_span span;
        uint64_t now;
        uint64_t oldest; /* of the lines that were kept; UINT64_MAX: none was */
        size_t room;
        struct lines *lines;
        bool journal; /* the newest comes first; and a refusal is believed */
};

enum {
        EVIDENCELINE_E_FULL = 1, /* what comes is older than what is kept: there is no need of it */
};

int evidenceline_begin(struct evidenceline *reading);
int evidenceline_add(void *context, const char *data, size_t size);
void evidenceline_leave_out(struct evidenceline *reading, uint64_t before);
void evidenceline_end(struct evidenceline *reading);

#endif
