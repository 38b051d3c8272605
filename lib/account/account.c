/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The account of a session.
 *
 * Owns: which source is believed, and what is done about a source that lost its counters.
 *
 * Rules and conntrack both see every packet. Each has an offset: total = offset + counter, modulo
 * 2^64, so an offset may be below 0. Conntrack gives the total as long as it has lost nothing. It
 * does not count a packet that is outside of the connection's window or has a wrong checksum; the
 * rules do, because they look at addresses and ports alone. A source that lost something (tables
 * flushed or zeroed, rules removed, entry expired) gets a new offset from the total that the other
 * one still has. If both lost something between two readings, TCP's own counters tell roughly how
 * much is missing, and the account is no longer whole.
 *
 * The counters of the socket tell which of the two lost something, or has packets of another
 * connection (judge.c). If they do not tell, the account is not whole.
 *
 * An offset is exact only if the readings speak of the same moment (sample.quiet). Otherwise the
 * sources may differ by the traffic in between, and the account changes no offset that still works.
 *
 * If the rules could not be read, because another program had the tables, they have lost nothing.
 * Conntrack then counts alone if it misses nothing; else the next reading decides.
 *
 * Does not: read anything. Pure.
 */

#include "account/account.h"

#include "account/bounds.h"
#include "account/judge.h"

#include <string.h>

static uint64_t account_difference(uint64_t a, uint64_t b) {
        return a > b ? a - b : 0;
}

static bool account_shrank(const struct known_traffic *now, const struct known_traffic *before) {
        const struct traffic *n = &now->traffic, *b = &before->traffic;

        return before->known && (n->in.bytes < b->in.bytes || n->in.packets < b->in.packets ||
                                 n->out.bytes < b->out.bytes || n->out.packets < b->out.packets);
}

static struct traffic account_sum(const struct known_traffic *offset,
                                  const struct known_traffic *counters) {
        const struct traffic *o = &offset->traffic, *c = &counters->traffic;

        return (struct traffic){
                .in = { o->in.bytes + c->in.bytes, o->in.packets + c->in.packets },
                .out = { o->out.bytes + c->out.bytes, o->out.packets + c->out.packets },
        };
}

/* Whether a sum can be a total: an offset that does not go with its counter makes it fall below 0.
 */
static bool account_is_total(const struct traffic *sum) {
        return sum->in.bytes <= INT64_MAX && sum->in.packets <= INT64_MAX &&
               sum->out.bytes <= INT64_MAX && sum->out.packets <= INT64_MAX;
}

static struct counter account_larger(struct counter a, struct counter b) {
        return a.bytes > b.bytes ? a : b;
}

/**
 * account_spoil() - note that the total may be wrong, and why
 * @account:    the account
 * @cause:      ACCOUNT_CAUSE_...; the first that there was stays
 */
void account_spoil(struct account *account, int64_t cause) {
        account->whole = false;
        if (account->cause <= ACCOUNT_CAUSE_NONE)
                account->cause = cause;
}

/**
 * account_rebase() - give a source the offset that makes it agree with the total
 * @account:    the account
 * @counters:   what the source says
 * @offset:     its offset
 */
void account_rebase(const struct account *account, const struct known_traffic *counters,
                    struct known_traffic *offset) {
        const struct traffic *t = &account->total.traffic, *c = &counters->traffic;

        offset->known = true;
        offset->traffic = (struct traffic){
                .in = { t->in.bytes - c->in.bytes, t->in.packets - c->in.packets },
                .out = { t->out.bytes - c->out.bytes, t->out.packets - c->out.packets },
        };
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

/*
 * What TCP has moved is in the packets, behind their headers: a total with less room than that has
 * lost something that neither source shows, as when conntrack stood still (no rule used it any
 * more) while the rules were gone. What is missing at the least is added.
 *
 * Return: whether there was something missing.
 */
static bool account_raise(struct account *account, const struct bounds *bounds) {
        struct traffic *total = &account->total.traffic;

        if (!account->total.known || !bounds_lack(bounds, total))
                return false;
        bounds_raise(bounds, total);
        return true;
}

static bool account_agrees(const struct account *account, const struct known_traffic *counters,
                           const struct known_traffic *offset) {
        struct known_traffic wanted;

        account_rebase(account, counters, &wanted);
        return offset->known && traffic_equal(&wanted.traffic, &offset->traffic);
}

static void account_mend_one(const struct account *account, const struct known_traffic *counters,
                             bool usable, bool quiet, bool other_whole,
                             struct known_traffic *offset, bool *whole) {
        if (!counters->known || (account_agrees(account, counters, offset) && *whole) ||
            (!quiet && usable))
                return;
        account_rebase(account, counters, offset);
        *whole = quiet && other_whole;
}

/* After an update: sources that lost something, or are not exact yet, get a new offset. */
static void account_mend(struct account *account, const struct sample *sample,
                         const struct source *rules, const struct source *conntrack) {
        if (!account->total.known)
                return;
        account_mend_one(account, &sample->rules, rules->usable, sample->quiet,
                         conntrack->usable && account->conntrack_whole, &account->rules_offset,
                         &account->rules_whole);
        account_mend_one(account, &sample->conntrack, conntrack->usable, sample->quiet,
                         rules->usable && account->rules_whole, &account->conntrack_offset,
                         &account->conntrack_whole);
}

/* The new total. Sources that miss nothing are believed, and conntrack first; else whatever there
 * is. */
static void account_take(struct account *account, const struct source *rules,
                         const struct source *conntrack) {
        struct traffic *total = &account->total.traffic;

        account->total.known = true;
        if (conntrack->usable && conntrack->whole) {
                *total = conntrack->sum;
                return;
        }
        if (rules->usable && rules->whole) {
                *total = rules->sum;
                return;
        }
        account_spoil(account, ACCOUNT_CAUSE_LOST);
        for (int i = 0; i < 2; i++) {
                const struct source *source = i ? rules : conntrack;

                if (!source->usable)
                        continue;
                total->in = account_larger(total->in, source->sum.in);
                total->out = account_larger(total->out, source->sum.out);
        }
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
        struct source rules = { .whole = account->rules_whole };
        struct source conntrack = { .whole = account->conntrack_whole };
        struct tcpinfo before = account->info;
        unsigned int findings = 0;
        struct bounds bounds;

        rules.sum = account_sum(&account->rules_offset, r);
        rules.usable = r->known && account->rules_offset.known &&
                       !account_shrank(r, &account->rules_last) && account_is_total(&rules.sum);
        conntrack.sum = account_sum(&account->conntrack_offset, c);
        conntrack.usable = c->known && account->conntrack_offset.known &&
                           account->conntrack_id == sample->conntrack_id &&
                           !account_shrank(c, &account->conntrack_last) &&
                           account_is_total(&conntrack.sum);
        if (sample->busy && account->rules_offset.known && !(conntrack.usable && conntrack.whole))
                return ACCOUNT_PUT_OFF;
        if (!rules.usable && account->rules_offset.known && !sample->busy)
                findings |= ACCOUNT_RULES_LOST;
        if (!conntrack.usable && account->conntrack_offset.known)
                findings |= ACCOUNT_CONNTRACK_LOST;

        if (sample->info.known)
                account->info = sample->info;
        bounds_of(&bounds, family, &account->info, &sample->after,
                  !sample->info.known && sample->reset);
        findings |= judge_prove(account, sample, &bounds, &rules, &conntrack);
        if (rules.usable && rules.whole && conntrack.usable && conntrack.whole)
                findings |= judge_compare(account, sample, &bounds, &rules, &conntrack);

        if (rules.usable || conntrack.usable) {
                account_take(account, &rules, &conntrack);
        } else {
                account_estimate(account, sample, &before, family);
                account_spoil(account, ACCOUNT_CAUSE_LOST);
                findings |= ACCOUNT_LOST;
        }
        /* with rules that were read before TCP it is conntrack alone that can tell */
        if ((!sample->stale || (conntrack.usable && conntrack.whole)) &&
            account_raise(account, &bounds)) {
                account_spoil(account, ACCOUNT_CAUSE_LOST);
                findings |= ACCOUNT_LOST;
        }
        if (account->total.known && account->whole &&
            bounds_exceed(&bounds, &account->total.traffic)) {
                account_spoil(account, ACCOUNT_CAUSE_FOREIGN);
                findings |= ACCOUNT_STRANGE;
        }

        account_mend(account, sample, &rules, &conntrack);
        if (!sample->busy)
                account->rules_last = *r;
        account->conntrack_last = *c;
        account->conntrack_id = c->known ? sample->conntrack_id : -1;
        if (!c->known) {
                account->conntrack_offset.known = false;
                account->conntrack_whole = false;
        }
        if (!r->known && !sample->busy) {
                account->rules_offset.known = false;
                account->rules_whole = false;
        }
        return findings;
}

/**
 * account_is_tight() - tell whether a total has what TCP moved, and hardly anything else
 * @account:    the account
 * @family:     of the connection
 *
 * Return: true if so.
 */
bool account_is_tight(const struct account *account, sa_family_t family) {
        struct bounds bounds;

        bounds_of(&bounds, family, &account->info, &account->info, false);
        return bounds_are_tight(&bounds, &account->total.traffic);
}

/**
 * account_compare_last() - compare a total that is final with what TCP had counted at the end
 * @account:    the account, with that
 * @family:     of the connection
 *
 * It is raised where it misses something, and not whole any more where it has too much.
 */
void account_compare_last(struct account *account, sa_family_t family) {
        struct bounds bounds;

        bounds_of(&bounds, family, &account->info, &account->info, true);
        if (account_raise(account, &bounds))
                account_spoil(account, ACCOUNT_CAUSE_LOST);
        else if (account->total.known && bounds_exceed(&bounds, &account->total.traffic))
                account_spoil(account, ACCOUNT_CAUSE_FOREIGN);
}

/**
 * account_at_rules() - tell what had been moved when the rules were last read
 * @account:    the account
 * @reported:   what is in the log, which never goes back
 *
 * Rules that were read in one snapshot with others are of the same moment as they; the total may be
 * of a later one.
 *
 * Return: that, or the total where the rules do not tell.
 */
struct traffic account_at_rules(const struct account *account, const struct traffic *reported) {
        struct traffic sum = account_sum(&account->rules_offset, &account->rules_last);

        if (!account->rules_whole || !account->rules_offset.known || !account->rules_last.known ||
            !account_is_total(&sum) || sum.in.bytes < reported->in.bytes ||
            sum.out.bytes < reported->out.bytes)
                return account->total.traffic;
        return sum;
}

/**
 * account_equal() - compare an account at two moments
 * @a:  the one
 * @b:  the other
 *
 * Return: true if nothing has changed.
 */
bool account_equal(const struct account *a, const struct account *b) {
        return known_traffic_equal(&a->total, &b->total) && a->whole == b->whole &&
               a->cause == b->cause && a->proven == b->proven &&
               known_traffic_equal(&a->rules_last, &b->rules_last) &&
               known_traffic_equal(&a->rules_offset, &b->rules_offset) &&
               a->rules_whole == b->rules_whole &&
               known_traffic_equal(&a->conntrack_last, &b->conntrack_last) &&
               known_traffic_equal(&a->conntrack_offset, &b->conntrack_offset) &&
               a->conntrack_whole == b->conntrack_whole && a->conntrack_id == b->conntrack_id &&
               tcpinfo_equal(&a->info, &b->info);
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
        struct traffic rules = account_sum(&account->rules_offset, &sample->rules);
        struct traffic conntrack = account_sum(&account->conntrack_offset, &sample->conntrack);

        return sample->rules.known && sample->conntrack.known && account->rules_offset.known &&
               account->conntrack_offset.known && traffic_equal(&rules, &conntrack);
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
