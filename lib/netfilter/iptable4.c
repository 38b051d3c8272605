/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The functions for IPv4: libip4tc.
 *
 * Owns: everything that knows struct ipt_entry. iptable6.c is its twin.
 */

#include "netfilter/iptable.h"

#include <libiptc/libiptc.h>
#include <string.h>

static const void *iptable4_first_rule(const char *chain, struct xtc_handle *handle) {
        return iptc_first_rule(chain, handle);
}

static const void *iptable4_next_rule(const void *previous, struct xtc_handle *handle) {
        return iptc_next_rule(previous, handle);
}

static const char *iptable4_get_target(const void *rule, struct xtc_handle *handle) {
        return iptc_get_target(rule, handle);
}

static int iptable4_append_rule(const char *chain, const void *rule, struct xtc_handle *handle) {
        return iptc_append_entry(chain, rule, handle);
}

static int iptable4_insert_rule(const char *chain, const void *rule, unsigned int position,
                                struct xtc_handle *handle) {
        return iptc_insert_entry(chain, rule, position, handle);
}

static void iptable4_header_fill(void *rule, const struct address *source,
                                 const struct address *destination, size_t matches_size,
                                 size_t target_size) {
        struct ipt_entry *entry = rule;

        entry->target_offset = (uint16_t)(sizeof(*entry) + matches_size);
        entry->next_offset = (uint16_t)(entry->target_offset + target_size);
        if (matches_size)
                entry->ip.proto = IPPROTO_TCP;
        if (source) {
                memcpy(&entry->ip.src, source->bytes, sizeof(entry->ip.src));
                memset(&entry->ip.smsk, 0xff, sizeof(entry->ip.smsk));
        }
        if (destination) {
                memcpy(&entry->ip.dst, destination->bytes, sizeof(entry->ip.dst));
                memset(&entry->ip.dmsk, 0xff, sizeof(entry->ip.dmsk));
        }
}

static void iptable4_header_goto(void *rule) {
        struct ipt_entry *entry = rule;

        entry->ip.flags |= IPT_F_GOTO;
}

static void iptable4_header_count(void *rule, const struct counter *counter) {
        struct ipt_entry *entry = rule;

        entry->counters.bcnt = counter->bytes;
        entry->counters.pcnt = counter->packets;
}

static void iptable4_entry_read(const void *rule, struct iptable_entry *ret_entry) {
        const struct ipt_entry *entry = rule;

        *ret_entry = (struct iptable_entry){
                .ip = &entry->ip,
                .matches = entry->elems,
                .matches_size = entry->target_offset - sizeof(*entry),
                .counter = { .bytes = entry->counters.bcnt, .packets = entry->counters.pcnt },
                .source.family = AF_INET,
                .destination.family = AF_INET,
        };
        memcpy(ret_entry->source.bytes, &entry->ip.src, sizeof(entry->ip.src));
        memcpy(ret_entry->destination.bytes, &entry->ip.dst, sizeof(entry->ip.dst));
}

const struct iptable_family iptable_ipv4 = {
        .family = AF_INET,
        .probe_level = IPPROTO_IP,
        .probe_option = IPT_SO_GET_INFO,
        .ip_size = sizeof(struct ipt_ip),
        .header_size = sizeof(struct ipt_entry),

        .init = iptc_init,
        .free = iptc_free,
        .commit = iptc_commit,
        .first_chain = iptc_first_chain,
        .next_chain = iptc_next_chain,
        .is_chain = iptc_is_chain,
        .is_builtin = iptc_builtin,
        .create_chain = iptc_create_chain,
        .delete_chain = iptc_delete_chain,
        .get_references = iptc_get_references,
        .get_policy = iptc_get_policy,
        .set_policy = iptc_set_policy,
        .first_rule = iptable4_first_rule,
        .next_rule = iptable4_next_rule,
        .get_target = iptable4_get_target,
        .append_rule = iptable4_append_rule,
        .insert_rule = iptable4_insert_rule,
        .delete_rule = iptc_delete_num_entry,

        .header_fill = iptable4_header_fill,
        .header_goto = iptable4_header_goto,
        .header_count = iptable4_header_count,
        .entry_read = iptable4_entry_read,
};
