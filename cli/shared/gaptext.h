/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A time in which logins were not recorded, or users not counted, in words.
 */

#ifndef CLI_GAPTEXT_H
#define CLI_GAPTEXT_H

#include "store/store.h"

#define GAPTEXT_MAX 512

void gaptext_make(const struct gap *gap, bool users, char ret_text[static GAPTEXT_MAX]);

#endif
