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

/*
 * Nothing saw everything. What either has counted since it began anew is in any case missing, and
 * account_raise() adds what TCP knows beyond it. Where neither is there, TCP's own counters say
 * about how much it was: what a router would have counted.
 */
static void account_estimate(struct account *account, const struct sample *sample,
                             const struct tcpinfo *before, sa_family_t family) {
        struct traffic *total = &account->total.traffic;
        uint64_t in, out, old_in = 0, old_out = 0;
        struct traffic moved = { 0 };

        if (sample->info.known && !sample->conntrack.known && !sample->rules.known) {
                tcpinfo_wire(&sample->info, family, &in, &out);
                if (before->known)
                        tcpinfo_wire(before, family, &old_in, &old_out);
                moved.in.bytes = account_difference(in, old_in);
                moved.out.bytes = account_difference(out, old_out);
        }
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

/* The length of a segment's headers, as tcpinfo_wire() has it. */
static uint64_t account_header(const struct tcpinfo *info, sa_family_t family, bool timestamps) {
        const struct tcpinfo segment = { .in_segments = 1,
                                         .timestamps = info->timestamps && timestamps };
        uint64_t in, out;

        tcpinfo_wire(&segment, family, &in, &out);
        return in;
}

static bool account_raise_direction(struct counter *total, uint64_t payload, uint64_t header) {
        uint64_t least = payload + total->packets * header;

        if (total->bytes >= least)
                return false;
        total->bytes = least;
        return true;
}

/*
 * What TCP has moved is in the packets, behind their headers: a total with less room than that has
 * lost something that neither source shows, as when conntrack stood still (no rule used it any
 * more) while the rules were gone. What is missing at the least is added.
 *
 * A RST for a socket that is gone has no timestamps (tcp_v4_send_reset()); and TCP counts as sent
 * what found no route, and so no netfilter: only what was confirmed has gone out for sure.
 *
 * Return: whether there was something missing.
 */
static bool account_raise(struct account *account, const struct sample *sample,
                          sa_family_t family) {
        const struct tcpinfo *info = &account->info;
        struct traffic *total = &account->total.traffic;
        bool raised = false;
        uint64_t header;

        if (!account->total.known || !info->known)
                return false;
        header = account_header(info, family, sample->info.known || !sample->reset);
        raised |= account_raise_direction(&total->in, info->in_bytes, header);
        raised |= account_raise_direction(&total->out, info->acked_bytes, header);
        return raised;
}

/*
 * What a stale sample tells about sources that both miss nothing: its rules were read first. So
 * conntrack has all of theirs, or has lost something. And if the rules are behind by more than what
 * flows between two readings, they may have been zeroed and have since counted more than before.
 */
static unsigned int account_compare(const struct counter *rules, const struct counter *conntrack,
                                    const struct counter *total) {
        if (conntrack->bytes < rules->bytes || conntrack->packets < rules->packets)
                return ACCOUNT_CONNTRACK_LOST;
        if (conntrack->bytes - rules->bytes >
            account_difference(conntrack->bytes, total->bytes) / 8)
                return ACCOUNT_UNEVEN;
        return 0;
}

static unsigned int account_compare_all(const struct account *account,
                                        const struct sample *sample) {
        const struct traffic *r = &sample->rules.traffic, *ro = &account->rules_offset.traffic;
        const struct traffic *c = &sample->conntrack.traffic;
        const struct traffic *co = &account->conntrack_offset.traffic;
        const struct source rules_in = { true, true, &r->in, &ro->in };
        const struct source rules_out = { true, true, &r->out, &ro->out };
        const struct source conntrack_in = { true, true, &c->in, &co->in };
        const struct source conntrack_out = { true, true, &c->out, &co->out };
        struct counter a, b;
        unsigned int findings;

        a = account_sum(&rules_in);
        b = account_sum(&conntrack_in);
        findings = account_compare(&a, &b, &account->total.traffic.in);
        a = account_sum(&rules_out);
        b = account_sum(&conntrack_out);
        return findings | account_compare(&a, &b, &account->total.traffic.out);
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

        if (rules_usable && conntrack_usable && sample->stale && account->rules_whole &&
            account->conntrack_whole) {
                findings |= account_compare_all(account, sample);
                conntrack_usable = !(findings & ACCOUNT_CONNTRACK_LOST);
        }

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
        /* with rules that were read before TCP it is conntrack alone that can tell */
        if ((!sample->stale || (conntrack_usable && account->conntrack_whole)) &&
            account_raise(account, sample, family)) {
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

/**
 * account_sources_agree() - tell whether rules and conntrack give the same totals
 * @account:    the account
 * @sample:     readings of one moment
 *
 * Return: false also where one of them is not known.
 */
bool account_sources_agree(const struct account *account, const struct sample *sample) {
        const struct traffic *r = &sample->rules.traffic, *ro = &account->rules_offset.traffic;
        const struct traffic *c = &sample->conntrack.traffic;
        const struct traffic *co = &account->conntrack_offset.traffic;

        return sample->rules.known && sample->conntrack.known && account->rules_offset.known &&
               account->conntrack_offset.known &&
               r->in.bytes + ro->in.bytes == c->in.bytes + co->in.bytes &&
               r->in.packets + ro->in.packets == c->in.packets + co->in.packets &&
               r->out.bytes + ro->out.bytes == c->out.bytes + co->out.bytes &&
               r->out.packets + ro->out.packets == c->out.packets + co->out.packets;
}

/**
 * account_stands_still() - tell whether no packet came between two samples
 * @before:     the first
 * @after:      the second
 *
 * Return: true if the counters are the same.
 */
bool account_stands_still(const struct sample *before, const struct sample *after) {
        return before->rules.known == after->rules.known &&
               before->conntrack.known == after->conntrack.known &&
               traffic_equal(&before->rules.traffic, &after->rules.traffic) &&
               traffic_equal(&before->conntrack.traffic, &after->conntrack.traffic);
}
