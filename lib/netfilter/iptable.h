/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A table of one address family, as libiptc keeps it between init and commit.
 *
 * Owns: the table of functions that gives libip4tc and libip6tc one interface, so that no logic is
 * written twice; and the meaning of libiptc's errors.
 * Relies on: libiptc; linux/netfilter/x_tables.h. Callers hold the xtables lock.
 * Does not: know a rule or a chain of ours.
 */

#ifndef NETFILTER_IPTABLE_H
#define NETFILTER_IPTABLE_H

#include "base/cleanup.h"
#include "base/traffic.h"
#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        IPTABLE_E_UNAVAILABLE = 1, /* no such family, table or extension in this kernel */
        IPTABLE_E_CHANGED,         /* somebody changed the table in between: begin again */
};

struct xt_counters;
struct xtc_handle;

/* What rules are made of: the parts of struct ipt_entry and struct ip6t_entry that matter here. */
struct iptable_entry {
        const void *ip; /* struct ipt_ip or struct ip6t_ip6, ip_size bytes */
        const void *matches;
        size_t matches_size;
        struct counter counter;
        struct address source;
        struct address destination;
};

/* Functions return as libiptc's do: 0 or NULL with errno on failure. */
struct iptable_family {
        sa_family_t family;
        int probe_level; /* getsockopt(2) that tells whether the table is there */
        int probe_option;
        size_t ip_size;     /* sizeof(struct ipt_ip), struct ip6t_ip6 */
        size_t header_size; /* sizeof(struct ipt_entry), struct ip6t_entry */

        struct xtc_handle *(*init)(const char *table);
        void (*free)(struct xtc_handle *handle);
        int (*commit)(struct xtc_handle *handle);
        const char *(*first_chain)(struct xtc_handle *handle);
        const char *(*next_chain)(struct xtc_handle *handle);
        int (*is_chain)(const char *chain, struct xtc_handle *handle);
        int (*is_builtin)(const char *chain, struct xtc_handle *handle);
        int (*create_chain)(const char *chain, struct xtc_handle *handle);
        int (*delete_chain)(const char *chain, struct xtc_handle *handle);
        int (*get_references)(unsigned int *ret_references, const char *chain,
                              struct xtc_handle *handle);
        const char *(*get_policy)(const char *chain, struct xt_counters *ret_counters,
                                  struct xtc_handle *handle);
        int (*set_policy)(const char *chain, const char *policy, struct xt_counters *counters,
                          struct xtc_handle *handle);
        const void *(*first_rule)(const char *chain, struct xtc_handle *handle);
        const void *(*next_rule)(const void *previous, struct xtc_handle *handle);
        const char *(*get_target)(const void *rule, struct xtc_handle *handle);
        int (*append_rule)(const char *chain, const void *rule, struct xtc_handle *handle);
        int (*insert_rule)(const char *chain, const void *rule, unsigned int position,
                           struct xtc_handle *handle);
        int (*delete_rule)(const char *chain, unsigned int position, struct xtc_handle *handle);

        /* Write the header into zeroed room. source, destination: NULL for any. A rule with
         * matches is for TCP, one without is for every packet. */
        void (*header_fill)(void *rule, const struct address *source,
                            const struct address *destination, size_t matches_size,
                            size_t target_size);
        void (*header_goto)(void *rule);
        void (*header_count)(void *rule, const struct counter *counter);
        void (*entry_read)(const void *rule, struct iptable_entry *ret_entry);
};

extern const struct iptable_family iptable_ipv4;
extern const struct iptable_family iptable_ipv6;

struct iptable {
        const struct iptable_family *family;
        struct xtc_handle *handle;
        bool changed;
};

/* Where the sessions' rules are. */
#define IPTABLE_MANGLE "mangle"

int iptable_probe(const struct iptable_family *family);
int iptable_open(const struct iptable_family *family, const char *name, struct iptable *ret_table);
bool iptable_has_chain(struct iptable *table, const char *chain);
bool iptable_is_referenced(struct iptable *table, const char *chain);
int iptable_create_chain(struct iptable *table, const char *chain);
int iptable_delete_chain(struct iptable *table, const char *chain);
int iptable_append(struct iptable *table, const char *chain, const void *rule);
int iptable_prepend(struct iptable *table, const char *chain, const void *rule);
int iptable_delete(struct iptable *table, const char *chain, unsigned int position);
int iptable_commit(struct iptable *table);
void iptable_close(struct iptable *table);

#endif
