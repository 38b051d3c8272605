/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One reading of what the kernel has counted for users.
 */

#ifndef USERLEDGER_USERREADING_H
#define USERLEDGER_USERREADING_H

#include "store/userstate.h"
#include "userledger/useraccounts.h"

struct userreading {
        struct usermap *map; /* NULL: nothing counts */
        struct usermap_row *rows;
        size_t n_rows;
        bool forgot;       /* there were accounts of these rows, which are gone */
        bool whole;        /* when it was opened, everything was counted */
        uint64_t since;    /* from when on, CLOCK_BOOTTIME in microseconds */
        uint64_t lost;     /* packets that found no row */
        uint64_t boottime; /* the moment, CLOCK_BOOTTIME in microseconds */
};

enum {
        USERREADING_E_NONE = 100, /* nothing counts; beside USERMAP_E_... */
};

int userreading_open(struct userreading *reading);
int userreading_read(struct userreading *reading);
int userreading_update(struct userreading *reading, const char *boot_id, struct userstate *state,
                       bool fresh);
void userreading_close(struct userreading *reading);

#endif
