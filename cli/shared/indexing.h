/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The index as a command uses it: up to date, and with all messages about that printed.
 */

#ifndef CLI_INDEXING_H
#define CLI_INDEXING_H

#include "index/index.h"
#include "store/store.h"

int indexing_open(const struct settings *settings, char *const *paths, size_t n,
                  enum index_ledger ledger, bool again, struct index **ret_index);
int indexing_open_now(const struct settings *settings, char *const *paths, size_t n,
                      enum index_ledger ledger, bool again, struct index **ret_index);
int indexing_failed(struct index *index, int error);

/* What is wrong with a user of whom nothing can be known. */
#define INDEXING_NO_USER "user %s is neither in the log nor a user of this host"

bool indexing_has_user(struct index *index, const char *user);

#endif
