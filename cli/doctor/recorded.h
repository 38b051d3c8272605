/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which of sshd's logins have a record.
 */

#ifndef CLI_RECORDED_H
#define CLI_RECORDED_H

#include "check.h"
#include "evidence.h"

int recorded_mark(const struct check_context *context, struct evidence *evidence);

#endif
