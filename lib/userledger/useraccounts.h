/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The accounts of the users' ledger, brought up to date.
 */

#ifndef USERLEDGER_USERACCOUNTS_H
#define USERLEDGER_USERACCOUNTS_H

#include "store/userstate.h"
#include "usermap/usermap.h"

/* The moment and the place of a reading. */
struct useraccounts_reading {
        const char *boot_id;
        int64_t map; /* FIELD_UNKNOWN: nothing counts */
        uint64_t realtime;
        uint64_t boottime;
        uint64_t since; /* since when the map counts everything, CLOCK_BOOTTIME in microseconds */
        uint64_t lost;  /* packets that found no row, since the map was made */
        bool whole;     /* all programs are attached */
        bool forgotten; /* the accounts of these rows are gone: the log may have what they had */
};

int useraccounts_begin(struct userstate *state, const struct useraccounts_reading *reading);
int useraccounts_take(struct userstate *state, const struct useraccounts_reading *reading,
                      const struct usermap_row *rows, size_t n);
void useraccounts_forget(struct userstate *state);
void useraccounts_over(struct useraccount *account, uint64_t realtime);
void useraccounts_settle(struct useraccount *account, int part, const struct traffic *last);
struct userlayout_key useraccounts_key(const struct useraccount *account, int part);
bool useraccounts_has_news(const struct useraccount *account);
bool useraccounts_is_due(const struct useraccount *account, uint64_t boottime, uint64_t interval);
bool useraccounts_slept(const struct userstate *state, const struct useraccount *account,
                        uint64_t boottime, uint64_t interval);
bool useraccounts_is_quiet(const struct useraccount *account, uint64_t boottime, uint64_t interval);

#endif
