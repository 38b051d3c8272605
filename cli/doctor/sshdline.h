/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A line of the system's log in which sshd says that somebody has logged in, or was refused in the
 * end.
 *
 * Owns: the forms of such a line: its head, as syslogd writes it into a file and journalctl prints
 * it, and three messages.
 * Does not: know who wrote the line. Any local user may send such a line to syslogd.
 */

#ifndef CLI_SSHDLINE_H
#define CLI_SSHDLINE_H

#include "net/net.h"

#include <stdint.h>
#include <sys/types.h>

#define SSHDLINE_USER_MAX 104 /* sshd writes 100 letters of it */

enum sshdline_kind {
        SSHDLINE_ACCEPTED, /* sshd: somebody was let in, and from where */
        SSHDLINE_OPENED,   /* pam_unix(8) in sshd: the PAM session was opened */
        SSHDLINE_REFUSED, /* sshd: but a module failed, so there is no session, and no forwarding */
};

struct sshdline {
        enum sshdline_kind kind;
        uint64_t time; /* CLOCK_REALTIME in microseconds; a file may have no more than seconds */
        pid_t pid;     /* of the sshd that wrote it */
        char user[SSHDLINE_USER_MAX]; /* hostile text; cut short, if it is longer; refused: "" */
        struct endpoint remote; /* accepted; AF_UNSPEC: not by TCP, as `sshd -i` on a pipe says */
};

enum {
        SSHDLINE_E_OTHER = 1, /* it is no such line */
};

int sshdline_parse(const char *line, uint64_t now, struct sshdline *ret_line);

#endif
