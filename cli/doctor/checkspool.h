/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Logins that were left to a reap.
 */

#ifndef CLI_CHECKSPOOL_H
#define CLI_CHECKSPOOL_H

#include <time.h>

/* What waits in the spools. */
struct checkspool {
        long n;
        time_t oldest;    /* when the one that waits longest came */
        const char *path; /* where that is; after a failure, what cannot be read */
};

int checkspool_look(struct checkspool *ret_spool);

#endif
