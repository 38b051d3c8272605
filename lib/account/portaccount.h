/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The account of a local port. It makes one total from the readings of the port's counters.
 */

#ifndef ACCOUNT_PORTACCOUNT_H
#define ACCOUNT_PORTACCOUNT_H

#include "store/portstate.h"

enum {
        PORTACCOUNT_CHANGED = 1 << 0, /* another reading than the last one */
        PORTACCOUNT_MISSED = 1 << 1,  /* counters are gone, or began anew */
};

unsigned int portaccount_update(struct portstate *state, const struct known_counter *counters);
void portaccount_made(struct portstate *state, unsigned int made);
bool portaccount_moved(const struct portstate *state);

#endif
