/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The account of a session. It makes one total from the readings of several sources, over the whole
 * life of the session.
 */

#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "net/address.h"
#include "store/state.h"

/* One reading of every source. TCP is read first. So the other sources have counted at least what
 * TCP has, unless the rules are stale. */
struct sample {
        struct known_traffic rules;
        struct known_traffic conntrack;
        int64_t conntrack_id;
        bool picked_up; /* conntrack's entry began in the middle of a connection */
        struct tcpinfo info;
        struct tcpinfo after; /* TCP again, after the others; known only if quiet */
        bool busy;            /* the rules could not be read: another program had the tables */
        bool stale;           /* the rules were read before TCP and conntrack */
        bool reset;           /* the connection ended, or may have ended, with a RST */
        bool quiet;           /* no packet was on its way: the readings speak of the same moment */
        bool last;            /* the connection is over: the sources will count no more */
        bool loopback;        /* its packets do not leave this host */
};

enum {
        ACCOUNT_RULES_LOST = 1 << 0,     /* the rules are gone, or began anew */
        ACCOUNT_CONNTRACK_LOST = 1 << 1, /* conntrack's entry is gone, or began anew */
        ACCOUNT_DIFFERENT = 1 << 2,      /* both differ, and nothing tells which is right */
        ACCOUNT_LOST = 1 << 3,           /* no source saw everything: the total is an estimate */
        ACCOUNT_UNEVEN = 1 << 4,         /* they may disagree: a quiet sample will tell */
        ACCOUNT_FOREIGN = 1 << 5,        /* the rules have packets that TCP and conntrack refused */
        ACCOUNT_STRANGE = 1 << 6,        /* the total has more than the socket can have moved */
        ACCOUNT_PUT_OFF = 1 << 7,        /* no update: it needs the rules, which are busy */
};

unsigned int account_update(struct account *account, const struct sample *sample,
                            sa_family_t family);
bool account_is_tight(const struct account *account, sa_family_t family);
void account_compare_last(struct account *account, sa_family_t family);
void account_rebase(const struct account *account, const struct known_traffic *counters,
                    struct known_traffic *offset);
void account_spoil(struct account *account, int64_t cause);
struct traffic account_at_rules(const struct account *account, const struct traffic *reported);
bool account_equal(const struct account *a, const struct account *b);
bool account_is_settled(const struct account *account);
bool account_sources_agree(const struct account *account, const struct sample *sample);
bool account_stands_still(const struct sample *before, const struct sample *after);

#endif
