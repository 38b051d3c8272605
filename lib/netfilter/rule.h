/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rules of this project, as bytes for libiptc.
 *
 * Owns: what the four kinds of rules match, and the comparison with a rule of the table: a rule is
 * found again by what it matches.
 */

#ifndef NETFILTER_RULE_H
#define NETFILTER_RULE_H

#include "netfilter/iptable.h"
#include "netfilter/treename.h"

/* Room for the larger header (IPv6), the largest match (conntrack) and a standard target. */
#define RULE_ROOM 512

struct rule {
        const struct iptable_family *family;
        const char *target; /* a chain, or "" to fall through to the next rule */
        const char *match;  /* NULL: none */
        size_t match_size;  /* of its data, without padding */
        uint64_t bytes[RULE_ROOM / sizeof(uint64_t)]; /* the kernel wants XT_ALIGN */
};

void rule_jump(const struct iptable_family *family, const char *chain, struct rule *ret_rule);
void rule_branch(const struct iptable_family *family, const struct treename *name,
                 struct rule *ret_rule);
void rule_keeper(const struct iptable_family *family, struct rule *ret_rule);
void rule_session(const struct iptable_family *family, const struct endpoint *source,
                  const struct endpoint *destination, struct rule *ret_rule);

bool rule_matches(const struct rule *rule, const struct iptable_entry *entry, const char *target);
bool rule_read_session(const struct iptable_family *family, const struct iptable_entry *entry,
                       const char *target, struct endpoint *ret_source,
                       struct endpoint *ret_destination);

bool rule_find(struct iptable *table, const char *chain, const struct rule *rule, unsigned int from,
               unsigned int *ret_position, struct counter *ret_counter);
int rule_delete(struct iptable *table, const char *chain, const struct rule *rule,
                unsigned int from);

#endif
