/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What `top` shows, as lines of at most so many columns.
 */

#ifndef CLI_TOPTEXT_H
#define CLI_TOPTEXT_H

#include "toplook.h"

/* As wide as a terminal may be here, in bytes of UTF-8, and the NUL. */
#define TOPTEXT_WIDTH_MAX 400
#define TOPTEXT_LINE_MAX (TOPTEXT_WIDTH_MAX * 4 + 1)

void toptext_head(const struct toplook *look, unsigned int width,
                  char ret_line[static TOPTEXT_LINE_MAX]);
void toptext_columns(unsigned int width, char ret_line[static TOPTEXT_LINE_MAX]);
void toptext_row(const struct toplook *look, size_t i, unsigned int width,
                 char ret_line[static TOPTEXT_LINE_MAX]);
void toptext_total(const struct toplook *look, unsigned int width,
                   char ret_line[static TOPTEXT_LINE_MAX]);

#endif
