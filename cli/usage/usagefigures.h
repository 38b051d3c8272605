/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What users moved today, in the running month and in those before.
 */

#ifndef CLI_USAGEFIGURES_H
#define CLI_USAGEFIGURES_H

#include "base/base.h"
#include "index/index.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>

/* today, the running month, and two before it */
#define USAGEFIGURES_PERIODS 4

struct usagefigures {
        struct usageline **lines; /* USAGEFIGURES_PERIODS for each user */
        size_t n_users;
};

int usagefigures_new(struct index *index, struct index *users, const struct settings *settings,
                     const char *user, struct usagefigures **ret_figures);
struct usagefigures *usagefigures_free(struct usagefigures *figures);
CLEANUP_DEFINE(struct usagefigures, usagefigures_free)

#endif
