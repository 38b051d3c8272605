/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which source of an account is right if the two differ.
 */

#ifndef ACCOUNT_JUDGE_H
#define ACCOUNT_JUDGE_H

#include "account/account.h"
#include "account/bounds.h"

/* One source while an update lasts. */
struct source {
        bool usable; /* it can be added to its offset */
        bool whole;  /* ... and then misses nothing */
        struct traffic sum;
};

unsigned int judge_compare(struct account *account, const struct sample *sample,
                           const struct bounds *bounds, struct source *rules,
                           struct source *conntrack);
unsigned int judge_prove(struct account *account, const struct sample *sample,
                         const struct bounds *bounds, struct source *rules,
                         struct source *conntrack);

#endif
