/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which source of an account is right if the two differ.
 *
 * Owns: what a difference means. Rules count every packet that has the connection's addresses and
 * ports; conntrack counts only packets inside of the window and with a right checksum. Both can
 * lose packets. The socket's own counters (bounds.h) tell which of the two lost packets, or has too
 * many. If they do not tell, nothing does.
 * Does not: read anything. Pure.
 */

#include "account/judge.h"

/* A RST has no options, with IPv6 60 bytes. */
#define JUDGE_RESETS 2
#define JUDGE_RESET_SIZE 60

static bool judge_is_more(const struct traffic *a, const struct traffic *b) {
        return a->in.bytes > b->in.bytes || a->in.packets > b->in.packets ||
               a->out.bytes > b->out.bytes || a->out.packets > b->out.packets;
}

/* Whether all that one has beyond the other is a RST, or its repetition. */
static bool judge_is_reset(const struct traffic *more, const struct traffic *less) {
        uint64_t packets = more->in.packets - less->in.packets;

        return counter_equal(&more->out, &less->out) && packets - 1 < JUDGE_RESETS &&
               more->in.bytes - less->in.bytes <= packets * JUDGE_RESET_SIZE;
}

/**
 * judge_compare() - compare two sources that miss nothing, as far as they know
 * @account:    the account
 * @sample:     the readings
 * @bounds:     what TCP has moved
 * @rules:      the one
 * @conntrack:  the other; not usable any more if it is wrong
 *
 * Of a quiet moment, what TCP has moved tells which is right; of any other, only that conntrack has
 * less than that.
 *
 * Return: ACCOUNT_...
 */
unsigned int judge_compare(struct account *account, const struct sample *sample,
                           const struct bounds *bounds, struct source *rules,
                           struct source *conntrack) {
        const struct traffic *r = &rules->sum, *c = &conntrack->sum;
        bool rules_fit = !bounds_lack(bounds, r) && !bounds_exceed(bounds, r);
        bool conntrack_fits = !bounds_lack(bounds, c) && !bounds_exceed(bounds, c);

        if (traffic_equal(r, c))
                return 0;
        if (!sample->quiet && !sample->last) {
                if (bounds_lack(bounds, c) && (sample->stale || !bounds_lack(bounds, r))) {
                        conntrack->usable = false;
                        return ACCOUNT_CONNTRACK_LOST;
                }
                return sample->stale ? ACCOUNT_UNEVEN : 0;
        }
        if (rules_fit && !conntrack_fits) {
                conntrack->usable = false;
                return ACCOUNT_CONNTRACK_LOST;
        }
        /* on its way to itself a segment may be cut between the hooks: conntrack's is the first */
        if (sample->loopback)
                return 0;
        /* conntrack passes over a RST that TCP takes, if it is ahead of what was acknowledged */
        if (conntrack_fits && !sample->info.known && judge_is_reset(r, c)) {
                conntrack->usable = false;
                return 0;
        }
        if (conntrack_fits && (bounds_lack(bounds, r) || !judge_is_more(r, c)))
                return ACCOUNT_RULES_LOST;
        /* had conntrack lost a payload that TCP took, it would not fit: if TCP was asked now, and
         * all headers have one length */
        if (conntrack_fits && (sample->info.known || (sample->after.known && !sample->reset)) &&
            (!rules_fit || bounds_have_payload(bounds, r, c)))
                return ACCOUNT_FOREIGN;
        /* who had stopped sshd, so that TCP cannot be asked, may have replaced conntrack's entry */
        if (!sample->info.known && !sample->after.known && judge_is_more(r, c))
                conntrack->usable = false;
        account_spoil(account, ACCOUNT_CAUSE_DIFFER);
        return ACCOUNT_DIFFERENT;
}

/**
 * judge_prove() - tell whether what was counted is this connection's alone
 * @account:    the account; its total becomes TCP's estimate if not
 * @sample:     the readings
 * @bounds:     what TCP has moved
 * @rules:      a source
 * @conntrack:  the other
 *
 * Once: at the opening (open.c), at the first quiet moment, or by what TCP had counted at the end.
 * Conntrack's entry may have been that of a connection before, whose end conntrack did not see.
 *
 * Return: ACCOUNT_...
 */
unsigned int judge_prove(struct account *account, const struct sample *sample,
                         const struct bounds *bounds, struct source *rules,
                         struct source *conntrack) {
        const struct source *source = conntrack->usable && conntrack->whole ? conntrack : rules;

        if (account->proven || !sample->after.known || !source->usable || !source->whole)
                return 0;
        account->proven = true;
        if (bounds_explain(bounds, &source->sum))
                return 0;
        account_spoil(account, ACCOUNT_CAUSE_FOREIGN);
        bounds_estimate(bounds, &account->total.traffic);
        rules->sum = conntrack->sum = account->total.traffic;
        if (rules->usable)
                account_rebase(account, &sample->rules, &account->rules_offset);
        if (conntrack->usable)
                account_rebase(account, &sample->conntrack, &account->conntrack_offset);
        return ACCOUNT_STRANGE;
}
