/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rules of this project, as bytes for libiptc.
 *
 * Relies on: linux/netfilter/x_tables.h: header, matches, target, each aligned to XT_ALIGN;
 * xt_tcp revision 0; xt_conntrack revision 3 (Linux 2.6.37). A standard target without a name is
 * libiptc's form of "no target".
 */

#include "netfilter/rule.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <string.h>

#define RULE_MATCH_TCP "tcp"
#define RULE_MATCH_CONNTRACK "conntrack"
#define RULE_CONNTRACK_REVISION 3

static void rule_fill(const struct iptable_family *family, const struct address *source,
                      const struct address *destination, const char *match, uint8_t revision,
                      const void *match_data, size_t match_size, const char *chain,
                      struct rule *ret_rule) {
        size_t matches_size = match ? XT_ALIGN(sizeof(struct xt_entry_match) + match_size) : 0;
        struct xt_standard_target *target;
        uint8_t *p;

        memset(ret_rule, 0, sizeof(*ret_rule));
        ret_rule->family = family;
        ret_rule->target = chain;
        ret_rule->match = match;
        ret_rule->match_size = match_size;

        p = (uint8_t *)ret_rule->bytes;
        family->header_fill(p, source, destination, matches_size,
                            XT_ALIGN(sizeof(struct xt_standard_target)));
        p += family->header_size;

        if (match) {
                struct xt_entry_match *m = (struct xt_entry_match *)(void *)p;

                m->u.user.match_size = (uint16_t)matches_size;
                m->u.user.revision = revision;
                memcpy(m->u.user.name, match, strlen(match) + 1);
                memcpy(m->data, match_data, match_size);
                p += matches_size;
        }

        target = (struct xt_standard_target *)(void *)p;
        target->target.u.user.target_size = XT_ALIGN(sizeof(*target));
        memcpy(target->target.u.user.name, chain, strlen(chain) + 1);
}

/**
 * rule_jump() - make the rule that sends every packet to a chain
 * @family:     the family of the table
 * @chain:      the chain; not copied, must live as long as the rule
 * @ret_rule:   the rule
 */
void rule_jump(const struct iptable_family *family, const char *chain, struct rule *ret_rule) {
        rule_fill(family, NULL, NULL, NULL, 0, NULL, 0, chain, ret_rule);
}

/**
 * rule_branch() - make the rule that sends the packets of a chain's ports to it, not to come back
 * @family:     the family of the table
 * @name:       the chain; not copied, must live as long as the rule
 * @ret_rule:   the rule, which belongs into the chain above
 *
 * A goto: at the end of the chain a packet does not look at the other branches (ipt_do_table()).
 */
void rule_branch(const struct iptable_family *family, const struct treename *name,
                 struct rule *ret_rule) {
        struct xt_tcp tcp = { .spts = { 0, UINT16_MAX }, .dpts = { 0, UINT16_MAX } };
        bool local = name->level == TREENAME_PORT;
        /* the way out has them the other way round */
        uint16_t *ports = local == name->out ? tcp.spts : tcp.dpts;

        ports[0] = local ? name->local_port : name->first;
        ports[1] = local ? name->local_port : name->last;
        rule_fill(family, NULL, NULL, RULE_MATCH_TCP, 0, &tcp, sizeof(tcp), name->text, ret_rule);
        family->header_goto(ret_rule->bytes);
}

/**
 * rule_keeper() - make the rule that keeps conntrack on: -p tcp -m conntrack --ctstate NEW
 * @family:     the family of the table
 * @ret_rule:   the rule
 *
 * It decides nothing. That it is there is enough: nf_ct_netns_get() in conntrack_mt_check().
 */
void rule_keeper(const struct iptable_family *family, struct rule *ret_rule) {
        struct xt_conntrack_mtinfo3 info = {
                .match_flags = XT_CONNTRACK_STATE,
                .state_mask = XT_CONNTRACK_STATE_BIT(IP_CT_NEW),
        };

        rule_fill(family, NULL, NULL, RULE_MATCH_CONNTRACK, RULE_CONNTRACK_REVISION, &info,
                  sizeof(info), "", ret_rule);
}

/**
 * rule_session() - make the rule that counts one direction of a connection
 * @family:             the family of the table and of both ends
 * @source:             the end that sends
 * @destination:        the end that receives
 * @ret_rule:           the rule
 */
void rule_session(const struct iptable_family *family, const struct endpoint *source,
                  const struct endpoint *destination, struct rule *ret_rule) {
        struct xt_tcp tcp = {
                .spts = { source->port, source->port },
                .dpts = { destination->port, destination->port },
        };

        rule_fill(family, &source->address, &destination->address, RULE_MATCH_TCP, 0, &tcp,
                  sizeof(tcp), "", ret_rule);
}

/**
 * rule_matches() - compare a rule of the table with one of ours
 * @rule:       one of ours
 * @entry:      the rule of the table
 * @target:     its target, as libiptc names it
 *
 * Field by field: libiptc leaves what stands behind the name of a match undefined.
 *
 * Return: true if both match the same packets and have the same target.
 */
bool rule_matches(const struct rule *rule, const struct iptable_entry *entry, const char *target) {
        const uint8_t *p = (const uint8_t *)rule->bytes;
        const struct xt_entry_match *ours, *theirs;

        if (memcmp(p, entry->ip, rule->family->ip_size) != 0 || strcmp(rule->target, target) != 0)
                return false;
        if (!rule->match)
                return !entry->matches_size;

        ours = (const struct xt_entry_match *)(const void *)(p + rule->family->header_size);
        theirs = entry->matches;
        return entry->matches_size == ours->u.match_size &&
               theirs->u.match_size == ours->u.match_size &&
               theirs->u.user.revision == ours->u.user.revision &&
               strncmp(theirs->u.user.name, rule->match, sizeof(theirs->u.user.name)) == 0 &&
               memcmp(theirs->data, ours->data, rule->match_size) == 0;
}

/**
 * rule_read_session() - take the connection's two ends from a rule that rule_session() makes
 * @family:             the family of the table
 * @entry:              the rule of the table
 * @target:             its target, as libiptc names it
 * @ret_source:         the end that sends
 * @ret_destination:    the end that receives
 *
 * Return: true if rule_session() makes just this for these ends.
 */
bool rule_read_session(const struct iptable_family *family, const struct iptable_entry *entry,
                       const char *target, struct endpoint *ret_source,
                       struct endpoint *ret_destination) {
        struct endpoint source = { .address = entry->source };
        struct endpoint destination = { .address = entry->destination };
        struct xt_tcp tcp;
        struct rule rule;

        if (entry->matches_size != XT_ALIGN(sizeof(struct xt_entry_match) + sizeof(tcp)))
                return false;

        /* where it is another match of that size, the comparison says no */
        memcpy(&tcp, ((const struct xt_entry_match *)entry->matches)->data, sizeof(tcp));
        source.port = tcp.spts[0];
        destination.port = tcp.dpts[0];
        rule_session(family, &source, &destination, &rule);
        if (!rule_matches(&rule, entry, target))
                return false;

        *ret_source = source;
        *ret_destination = destination;
        return true;
}

/**
 * rule_find() - find a rule in a chain
 * @table:              the table
 * @chain:              the chain; one that is not there has no rules
 * @rule:               the rule
 * @from:               the first position to look at, from 0
 * @ret_position:       where it stands
 * @ret_counter:        its counter
 *
 * Return: true if it is there.
 */
bool rule_find(struct iptable *table, const char *chain, const struct rule *rule, unsigned int from,
               unsigned int *ret_position, struct counter *ret_counter) {
        const struct iptable_family *family = table->family;
        unsigned int position = 0;

        for (const void *p = family->first_rule(chain, table->handle); p;
             p = family->next_rule(p, table->handle), position++) {
                const char *target;
                struct iptable_entry entry;

                if (position < from)
                        continue;
                target = family->get_target(p, table->handle);
                family->entry_read(p, &entry);
                if (!target || !rule_matches(rule, &entry, target))
                        continue;

                *ret_position = position;
                *ret_counter = entry.counter;
                return true;
        }
        return false;
}

/**
 * rule_delete() - delete a rule and its copies from a chain
 * @table:      the table
 * @chain:      the chain
 * @rule:       the rule
 * @from:       the first position to look at, from 0
 *
 * Return: 0, also where it was not there, or a negative errno.
 */
int rule_delete(struct iptable *table, const char *chain, const struct rule *rule,
                unsigned int from) {
        struct counter counter;

        while (rule_find(table, chain, rule, from, &from, &counter)) {
                int r = iptable_delete(table, chain, from);

                if (r < 0)
                        return r;
        }
        return 0;
}
