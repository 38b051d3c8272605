/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Connections, or their sums, on standard output: for people, or for programs.
 */

#ifndef CLI_SOCKETPRINT_H
#define CLI_SOCKETPRINT_H

#include "socketlist.h"

struct socketprint {
        const enum socketrow_column *columns;
        size_t n_columns;
        bool noheadings;
        bool exact;
};

int socketprint_table(const struct socketprint *print, const struct socketrow_world *world,
                      const struct socketlist *list);
void socketprint_csv(const struct socketprint *print, const struct socketrow_world *world,
                     const struct socketlist *list);
void socketprint_json(const struct socketprint *print, const struct socketrow_world *world,
                      const struct socketlist *list, const char *name);

#endif
