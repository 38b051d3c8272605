/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The account of a session.
 *
 * Owns: which source is believed, and what becomes of a source that was reset.
 *
 * Rules and conntrack both see every packet. Each has an offset: total = offset + counter. Either
 * can lose packets (tables flushed or zeroed, rules gone, entry expired); neither can invent one.
 * So the larger total counts, per direction. A source that lost something gets a new offset from
 * the total that the other one saved. If both lost in the same interval, TCP's own counters say
 * about how much is missing, and the account is not whole any more.
 *
 * An offset is exact only if the readings speak of the same moment (sample.quiet): else the sources
 * may differ by what flowed in between, the larger is right all the same, and nothing is mended
 * that still works.
 *
 * Does not: read anything. Pure.
 */

#include "session/account.h"

#include <string.h>

/* One source while an update lasts. */
struct source {
        bool usable; /* it can be added to its offset */
        bool whole;  /* ... and then misses nothing */
        const struct counter *counter;
        const struct counter *offset;
};

static uint64_t account_difference(uint64_t a, uint64_t b) {
        return a > b ? a - b : 0;
}

static bool account_shrank(const struct known_traffic *now, const struct known_traffic *before) {
        const struct traffic *n = &now->traffic, *b = &before->traffic;

        return before->known && (n->in.bytes < b->in.bytes || n->in.packets < b->in.packets ||
                                 n->out.bytes < b->out.bytes || n->out.packets < b->out.packets);
}

static struct counter account_sum(const struct source *source) {
        return (struct counter){ source->offset->bytes + source->counter->bytes,
                                 source->offset->packets + source->counter->packets };
}

static struct counter account_larger(struct counter a, struct counter b) {
        return (struct counter){ a.bytes > b.bytes ? a.bytes : b.bytes,
                                 a.packets > b.packets ? a.packets : b.packets };
}

/*
 * The new total of one direction. Sources that miss nothing are believed; else whatever there is.
 * ret_whole becomes false if nothing that was usable is whole.
 */
static struct counter account_direction(const struct counter *total, const struct source *rules,
                                        const struct source *conntrack, bool *ret_whole) {
        struct counter sum = *total;
        bool whole = (rules->usable && rules->whole) || (conntrack->usable && conntrack->whole);

        if (rules->usable && rules->whole == whole)
                sum = account_larger(sum, account_sum(rules));
        if (conntrack->usable && conntrack->whole == whole)
                sum = account_larger(sum, account_sum(conntrack));
        *ret_whole = whole;
        return sum;
}

/* Nothing saw everything: TCP's own counters, since the last update, say about how much it was. */
static void account_estimate(struct account *account, const struct sample *sample,
                             const struct tcpinfo *before, sa_family_t family) {
        struct traffic *total = &account->total.traffic;
        uint64_t in, out, old_in = 0, old_out = 0;
        struct traffic moved = { 0 };

        if (sample->info.known) {
                tcpinfo_wire(&sample->info, family, &in, &out);
                if (before->known)
                        tcpinfo_wire(before, family, &old_in, &old_out);
                moved.in.bytes = account_difference(in, old_in);
                moved.out.bytes = account_difference(out, old_out);
        }
        /* what either has counted since it began anew is no less than that */
        if (sample->conntrack.known) {
                moved.in = account_larger(moved.in, sample->conntrack.traffic.in);
                moved.out = account_larger(moved.out, sample->conntrack.traffic.out);
        }
        if (sample->rules.known) {
                moved.in = account_larger(moved.in, sample->rules.traffic.in);
                moved.out = account_larger(moved.out, sample->rules.traffic.out);
        }
        total->in.bytes += moved.in.bytes;
        total->in.packets += moved.in.packets;
        total->out.bytes += moved.out.bytes;
        total->out.packets += moved.out.packets;
        account->total.known = account->total.known || sample->info.known;
}

/* An IP packet is longer than the payload in it: a smaller total has lost something unseen. */
static bool account_is_short(const struct account *account, const struct tcpinfo *info) {
        const struct traffic *total = &account->total.traffic;

        return account->total.known && info->known &&
               (total->in.bytes < info->in_bytes || total->out.bytes < info->out_bytes);
}

static void account_raise(struct account *account, const struct tcpinfo *info, sa_family_t family) {
        struct traffic *total = &account->total.traffic;
        uint64_t in, out;

        tcpinfo_wire(info, family, &in, &out);
        if (total->in.bytes < info->in_bytes)
                total->in.bytes = in;
        if (total->out.bytes < info->out_bytes)
                total->out.bytes = out;
}

/* Give a source the offset that makes it agree with the total. */
static void account_rebase(const struct account *account, const struct known_traffic *counters,
                           struct known_traffic *offset) {
        const struct traffic *t = &account->total.traffic, *c = &counters->traffic;

        offset->known = true;
        offset->traffic = (struct traffic){
                .in = { account_difference(t->in.bytes, c->in.bytes),
                        account_difference(t->in.packets, c->in.packets) },
                .out = { account_difference(t->out.bytes, c->out.bytes),
                         account_difference(t->out.packets, c->out.packets) },
        };
}

static bool account_agrees(const struct account *account, const struct known_traffic *counters,
                           const struct known_traffic *offset) {
        struct known_traffic wanted;

        account_rebase(account, counters, &wanted);
        return offset->known && traffic_equal(&wanted.traffic, &offset->traffic);
}

/* After an update: sources that lost something, or are not exact yet, get a new offset. */
static unsigned int account_mend(struct account *account, const struct sample *sample,
                                 bool rules_usable, bool conntrack_usable) {
        bool rules_agree, conntrack_agree, quiet = sample->quiet;
        unsigned int findings = 0;

        if (!account->total.known)
                return 0;

        rules_agree = sample->rules.known &&
                      account_agrees(account, &sample->rules, &account->rules_offset);
        if (sample->rules.known && (!rules_agree || !account->rules_whole) &&
            (quiet || !rules_usable)) {
                if (rules_usable && account->rules_whole && !rules_agree)
                        findings |= ACCOUNT_DIFFERENT;
                account_rebase(account, &sample->rules, &account->rules_offset);
                account->rules_whole = quiet && conntrack_usable && account->conntrack_whole;
        }

        conntrack_agree = sample->conntrack.known &&
                          account_agrees(account, &sample->conntrack, &account->conntrack_offset);
        if (sample->conntrack.known && (!conntrack_agree || !account->conntrack_whole) &&
            (quiet || !conntrack_usable)) {
                if (conntrack_usable && account->conntrack_whole && !conntrack_agree)
                        findings |= ACCOUNT_DIFFERENT;
                account_rebase(account, &sample->conntrack, &account->conntrack_offset);
                account->conntrack_whole = quiet && rules_usable && account->rules_whole;
        }
        return findings;
}

/**
 * account_update() - take a new reading into the account
 * @account:    the account
 * @sample:     the reading
 * @family:     of the connection, for the length of its headers
 *
 * Return: ACCOUNT_..., what was found out about the sources; 0 if all is well.
 */
unsigned int account_update(struct account *account, const struct sample *sample,
                            sa_family_t family) {
        const struct known_traffic *c = &sample->conntrack, *r = &sample->rules;
        struct tcpinfo before = account->info;
        unsigned int findings = 0;
        bool rules_usable, conntrack_usable, in_whole, out_whole;

        rules_usable =
                r->known && account->rules_offset.known && !account_shrank(r, &account->rules_last);
        conntrack_usable = c->known && account->conntrack_offset.known &&
                           account->conntrack_id == sample->conntrack_id &&
                           !account_shrank(c, &account->conntrack_last);
        if (!rules_usable && account->rules_offset.known)
                findings |= ACCOUNT_RULES_LOST;
        if (!conntrack_usable && account->conntrack_offset.known)
                findings |= ACCOUNT_CONNTRACK_LOST;

        if (sample->info.known)
                account->info = sample->info;

        if (rules_usable || conntrack_usable) {
                struct traffic *total = &account->total.traffic;
                const struct traffic *ro = &account->rules_offset.traffic;
                const struct traffic *co = &account->conntrack_offset.traffic;
                const struct source rules_in = { rules_usable, account->rules_whole, &r->traffic.in,
                                                 &ro->in };
                const struct source rules_out = { rules_usable, account->rules_whole,
                                                  &r->traffic.out, &ro->out };
                const struct source conntrack_in = { conntrack_usable, account->conntrack_whole,
                                                     &c->traffic.in, &co->in };
                const struct source conntrack_out = { conntrack_usable, account->conntrack_whole,
                                                      &c->traffic.out, &co->out };

                total->in = account_direction(&total->in, &rules_in, &conntrack_in, &in_whole);
                total->out = account_direction(&total->out, &rules_out, &conntrack_out, &out_whole);
                account->total.known = true;
                if (!in_whole || !out_whole)
                        account->whole = false;
        } else {
                account_estimate(account, sample, &before, family);
                account->whole = false;
                findings |= ACCOUNT_LOST;
        }
        if (account_is_short(account, &account->info)) {
                account_raise(account, &account->info, family);
                account->whole = false;
                findings |= ACCOUNT_LOST;
        }

        findings |= account_mend(account, sample, rules_usable, conntrack_usable);
        account->rules_last = *r;
        account->conntrack_last = *c;
        account->conntrack_id = c->known ? sample->conntrack_id : -1;
        if (!c->known) {
                account->conntrack_offset.known = false;
                account->conntrack_whole = false;
        }
        if (!r->known) {
                account->rules_offset.known = false;
                account->rules_whole = false;
        }
        return findings;
}

/**
 * account_is_settled() - tell whether both sources can now stand in for each other
 * @account:    the account
 *
 * Return: true if a flush of either would cost nothing.
 */
bool account_is_settled(const struct account *account) {
        return account->rules_whole && account->conntrack_whole;
}
