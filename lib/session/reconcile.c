/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * From the readings of several sources to one total.
 *
 * Owns: which source is believed. Rules and conntrack see every packet and should be equal; either
 * can lose some (tables flushed, entry expired or zeroed), none can invent any. So the larger
 * counts, per direction, and the total is complete if one of them saw everything.
 * Does not: read anything. Pure.
 */

#include "session/reconcile.h"

static struct counter reconcile_larger(const struct counter *a, const struct counter *b) {
        return a->packets > b->packets || (a->packets == b->packets && a->bytes >= b->bytes) ? *a
                                                                                             : *b;
}

static struct known_traffic reconcile_rules(const struct readings *readings) {
        const struct traffic *offset = &readings->offset.traffic, *rules = &readings->rules.traffic;

        if (!readings->rules.known || !readings->offset.known)
                return (struct known_traffic){ 0 };
        return (struct known_traffic){
                .known = true,
                .traffic = { .in = { offset->in.bytes + rules->in.bytes,
                                     offset->in.packets + rules->in.packets },
                             .out = { offset->out.bytes + rules->out.bytes,
                                      offset->out.packets + rules->out.packets } },
        };
}

/**
 * reconcile() - decide what a session moved
 * @readings:   what each source says
 * @ret_result: the total, whether it is complete, and what the log should say
 */
void reconcile(const struct readings *readings, struct reconciled *ret_result) {
        struct known_traffic rules = reconcile_rules(readings);
        const struct known_traffic *conntrack = &readings->conntrack;
        struct reconciled result = { 0 };
        bool rules_whole = rules.known && readings->offset_exact;
        bool conntrack_whole = conntrack->known && readings->conntrack_whole;

        if (rules.known && conntrack->known &&
            (readings->offset_exact || !readings->conntrack_whole)) {
                result.total.known = true;
                result.total.traffic.in =
                        reconcile_larger(&rules.traffic.in, &conntrack->traffic.in);
                result.total.traffic.out =
                        reconcile_larger(&rules.traffic.out, &conntrack->traffic.out);
                if (readings->offset_exact && readings->conntrack_whole &&
                    !traffic_equal(&rules.traffic, &conntrack->traffic))
                        result.findings |= RECONCILE_DIFFERENT;
        } else if (conntrack->known) {
                /* the offset is a near guess: conntrack, which saw everything, settles it */
                result.total = *conntrack;
        } else {
                result.total = rules;
        }

        result.complete = readings->ended && (rules_whole || conntrack_whole);

        /* an IP packet is longer than the payload in it */
        if (result.total.known && readings->info.known &&
            (result.total.traffic.in.bytes < readings->info.in_bytes ||
             result.total.traffic.out.bytes < readings->info.out_bytes)) {
                result.findings |= RECONCILE_SHORT;
                result.complete = false;
        }
        *ret_result = result;
}
