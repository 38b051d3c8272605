/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The functions for IPv6: libip6tc.
 *
 * Owns: everything that knows struct ip6t_entry. iptable4.c is its twin; the one difference in
 * meaning is IP6T_F_PROTO, without which the kernel does not look at the protocol.
 */

#include "netfilter/iptable.h"

#include <libiptc/libip6tc.h>
#include <string.h>

static const void *iptable6_first_rule(const char *chain, struct xtc_handle *handle) {
        return ip6tc_first_rule(chain, handle);
}

static const void *iptable6_next_rule(const void *previous, struct xtc_handle *handle) {
        return ip6tc_next_rule(previous, handle);
}

static const char *iptable6_get_target(const void *rule, struct xtc_handle *handle) {
        return ip6tc_get_target(rule, handle);
}

static int iptable6_append_rule(const char *chain, const void *rule, struct xtc_handle *handle) {
        return ip6tc_append_entry(chain, rule, handle);
}

static int iptable6_insert_rule(const char *chain, const void *rule, unsigned int position,
                                struct xtc_handle *handle) {
        return ip6tc_insert_entry(chain, rule, position, handle);
}

static void iptable6_header_fill(void *rule, const struct address *source,
                                 const struct address *destination, size_t matches_size,
                                 size_t target_size) {
        struct ip6t_entry *entry = rule;

        entry->target_offset = (uint16_t)(sizeof(*entry) + matches_size);
        entry->next_offset = (uint16_t)(entry->target_offset + target_size);
        if (matches_size) {
                entry->ipv6.proto = IPPROTO_TCP;
                entry->ipv6.flags = IP6T_F_PROTO;
        }
        if (source) {
                memcpy(&entry->ipv6.src, source->bytes, sizeof(entry->ipv6.src));
                memset(&entry->ipv6.smsk, 0xff, sizeof(entry->ipv6.smsk));
        }
        if (destination) {
                memcpy(&entry->ipv6.dst, destination->bytes, sizeof(entry->ipv6.dst));
                memset(&entry->ipv6.dmsk, 0xff, sizeof(entry->ipv6.dmsk));
        }
}

static void iptable6_header_goto(void *rule) {
        struct ip6t_entry *entry = rule;

        entry->ipv6.flags |= IP6T_F_GOTO;
}

static void iptable6_header_count(void *rule, const struct counter *counter) {
        struct ip6t_entry *entry = rule;

        entry->counters.bcnt = counter->bytes;
        entry->counters.pcnt = counter->packets;
}

static void iptable6_entry_read(const void *rule, struct iptable_entry *ret_entry) {
        const struct ip6t_entry *entry = rule;

        *ret_entry = (struct iptable_entry){
                .ip = &entry->ipv6,
                .matches = entry->elems,
                .matches_size = entry->target_offset - sizeof(*entry),
                .counter = { .bytes = entry->counters.bcnt, .packets = entry->counters.pcnt },
                .source.family = AF_INET6,
                .destination.family = AF_INET6,
        };
        memcpy(ret_entry->source.bytes, &entry->ipv6.src, sizeof(entry->ipv6.src));
        memcpy(ret_entry->destination.bytes, &entry->ipv6.dst, sizeof(entry->ipv6.dst));
}

const struct iptable_family iptable_ipv6 = {
        .family = AF_INET6,
        .probe_level = IPPROTO_IPV6,
        .probe_option = IP6T_SO_GET_INFO,
        .ip_size = sizeof(struct ip6t_ip6),
        .header_size = sizeof(struct ip6t_entry),

        .init = ip6tc_init,
        .free = ip6tc_free,
        .commit = ip6tc_commit,
        .first_chain = ip6tc_first_chain,
        .next_chain = ip6tc_next_chain,
        .is_chain = ip6tc_is_chain,
        .is_builtin = ip6tc_builtin,
        .create_chain = ip6tc_create_chain,
        .delete_chain = ip6tc_delete_chain,
        .get_references = ip6tc_get_references,
        .get_policy = ip6tc_get_policy,
        .set_policy = ip6tc_set_policy,
        .first_rule = iptable6_first_rule,
        .next_rule = iptable6_next_rule,
        .get_target = iptable6_get_target,
        .append_rule = iptable6_append_rule,
        .insert_rule = iptable6_insert_rule,
        .delete_rule = ip6tc_delete_num_entry,

        .header_fill = iptable6_header_fill,
        .header_goto = iptable6_header_goto,
        .header_count = iptable6_header_count,
        .entry_read = iptable6_entry_read,
};
