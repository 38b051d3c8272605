/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a login is for: a shell, a command, a copy, or only to forward.
 *
 * Owns: what tells these apart: the name of the process that sshd starts for the user, and whether
 * it has a terminal. The user can make a process with any name. So this is a help to a reader, and
 * nothing is counted or refused by it.
 */

#ifndef NET_LOGINKIND_H
#define NET_LOGINKIND_H

#include "net/offspring.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A connection can be for several at once. The index keeps these numbers. */
enum loginkind {
        LOGINKIND_SHELL = 1, /* something in a terminal */
        LOGINKIND_COMMAND = 2,
        LOGINKIND_SCP = 4, /* with scp's own protocol; scp of today uses that of sftp */
        LOGINKIND_SFTP = 8,
        LOGINKIND_FORWARD = 16, /* sshd started nothing for the user */
        LOGINKIND_ALL = 31,
};

#define LOGINKIND_TEXT_MAX 40

void loginkind_format(unsigned int kinds, char ret_text[static LOGINKIND_TEXT_MAX]);
unsigned int loginkind_parse(const char *text);
unsigned int loginkind_look(const struct offspring *offspring, pid_t pid, bool root, uint64_t now,
                            bool settled);

#endif
