/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A session as a row of CSV (RFC 4180).
 */

#ifndef CLI_SESSIONCSV_H
#define CLI_SESSIONCSV_H

#include "store/store.h"

void sessioncsv_headings(void);
int sessioncsv_print(const struct record *record);

#endif
