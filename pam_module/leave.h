/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Leaving a request for the next reap.
 */

#ifndef PAM_MODULE_LEAVE_H
#define PAM_MODULE_LEAVE_H

#include <stddef.h>

int leave_request(const char *session, const char *verb, const char *request, size_t size);

#endif
