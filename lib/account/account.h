/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The account of a session: from readings of several sources, over its whole life, to one total.
 */

#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "net/address.h"
#include "store/state.h"

/* One reading of every source. TCP is read first: what it has seen, the others have, too; but for
 * rules that are stale. */
struct sample {
        struct known_traffic rules;
        struct known_traffic conntrack;
        int64_t conntrack_id;
        bool picked_up; /* conntrack's entry began in the middle of a connection */
        struct tcpinfo info;
        struct tcpinfo after; /* TCP once more, after the others; not known unless it is quiet */
        bool busy;            /* the rules could not be read: somebody else had the tables */
        bool stale;           /* the rules were read before TCP and conntrack */
        bool reset;           /* the connection ended, or may have ended, with a RST */
        bool quiet;           /* no packet was on its way: the readings speak of the same moment */
        bool last;     /* the connection is over: what the sources have is all there will be */
        bool loopback; /* its packets do not leave this host */
};

enum {
        ACCOUNT_RULES_LOST = 1 << 0,     /* the rules are gone, or began anew */
        ACCOUNT_CONNTRACK_LOST = 1 << 1, /* conntrack's entry is gone, or began anew */
        ACCOUNT_DIFFERENT = 1 << 2, /* both are there and disagree: nothing tells which is right */
        ACCOUNT_LOST = 1 << 3,      /* no source saw everything: the total is an estimate */
        ACCOUNT_UNEVEN = 1 << 4,    /* they may disagree: a quiet sample will tell */
        ACCOUNT_FOREIGN = 1 << 5,   /* the rules have packets that TCP and conntrack did not take */
        ACCOUNT_STRANGE = 1 << 6,   /* what counts has more than the socket can have moved */
        ACCOUNT_PUT_OFF = 1 << 7,   /* nothing was taken: rules would tell that are busy */
};

unsigned int account_update(struct account *account, const struct sample *sample,
                            sa_family_t family);
bool account_is_tight(const struct account *account, sa_family_t family);
void account_compare_last(struct account *account, sa_family_t family);
void account_rebase(const struct account *account, const struct known_traffic *counters,
                    struct known_traffic *offset);
void account_spoil(struct account *account, int64_t cause);
bool account_equal(const struct account *a, const struct account *b);
bool account_is_settled(const struct account *account);
bool account_sources_agree(const struct account *account, const struct sample *sample);
bool account_stands_still(const struct sample *before, const struct sample *after);

#endif
