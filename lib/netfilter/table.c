/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A table of one address family.
 *
 * Relies on: libiptc's init takes a snapshot of the whole table, and repeats it by itself when the
 * table changes under its hands; commit replaces the whole table, and carries the counters over.
 * errno 0 after a failure means that kernel and libiptc do not understand each other.
 */

#include "netfilter/table.h"

#include <errno.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <sys/socket.h>

/**
 * table_family_of() - find the functions for an address family
 * @family:     AF_INET or AF_INET6
 *
 * Return: the functions, NULL for another family.
 */
const struct table_family *table_family_of(sa_family_t family) {
        if (family == AF_INET)
                return &table_ipv4;
        if (family == AF_INET6)
                return &table_ipv6;
        return NULL;
}

/* ENOPROTOOPT: ip_tables is not there; ENOENT: the table, or an extension, is not;
 * EAFNOSUPPORT: a kernel without IPv6. See nf_sockopt.c, x_tables.c, iptc_strerror(). */
static int table_error(int error) {
        switch (error) {
        case 0:
        case ENOENT:
        case ENOPROTOOPT:
        case EAFNOSUPPORT:
        case EPROTONOSUPPORT:
                return TABLE_E_UNAVAILABLE;
        case EAGAIN:
        case EINTR:
                return TABLE_E_CHANGED;
        default:
                return -error;
        }
}

/**
 * table_probe() - see whether the mangle table is there, without reading it
 * @family:     its family
 *
 * The kernel loads the table's module for this, but not ip_tables itself.
 *
 * Return: 0, TABLE_E_UNAVAILABLE, or a negative errno.
 */
int table_probe(const struct table_family *family) {
        _cleanup_(fd_closep) int fd = -1;
        struct ipt_getinfo info = { .name = TABLE_MANGLE }; /* struct ip6t_getinfo is the same */
        socklen_t size = sizeof(info);

        fd = socket(family->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
        if (fd < 0)
                return table_error(errno);
        if (getsockopt(fd, family->probe_level, family->probe_option, &info, &size) < 0)
                return table_error(errno);
        return 0;
}

/**
 * table_open() - take a snapshot of a table, to read or to change it
 * @family:     its family
 * @name:       TABLE_MANGLE or TABLE_SECURITY
 * @ret_table:  the snapshot, to be given to table_close()
 *
 * Return: 0, TABLE_E_UNAVAILABLE, TABLE_E_CHANGED, or a negative errno.
 */
int table_open(const struct table_family *family, const char *name, struct table *ret_table) {
        struct xtc_handle *handle;

        errno = 0;
        handle = family->init(name);
        if (!handle)
                return table_error(errno);

        *ret_table = (struct table){ .family = family, .handle = handle };
        return 0;
}

/**
 * table_has_chain() - tell whether there is a chain
 * @table:      the snapshot
 * @chain:      its name
 *
 * Return: true if there is.
 */
bool table_has_chain(struct table *table, const char *chain) {
        return table->family->is_chain(chain, table->handle);
}

/**
 * table_is_referenced() - tell whether a rule sends packets to a chain
 * @table:      the snapshot
 * @chain:      a chain that is there
 *
 * Return: true if one does.
 */
bool table_is_referenced(struct table *table, const char *chain) {
        unsigned int references = 0;

        return table->family->get_references(&references, chain, table->handle) && references;
}

/* The result of a function of libiptc that changes the snapshot. */
static int table_change(struct table *table, int done) {
        if (!done)
                return errno > 0 ? -errno : -EPROTO;
        table->changed = true;
        return 0;
}

/**
 * table_create_chain() - make a chain of our own
 * @table:      the snapshot, which alone changes
 * @chain:      its name
 *
 * Return: 0 or a negative errno.
 */
int table_create_chain(struct table *table, const char *chain) {
        return table_change(table, table->family->create_chain(chain, table->handle));
}

/**
 * table_delete_chain() - take an empty chain away
 * @table:      the snapshot, which alone changes
 * @chain:      its name
 *
 * Return: 0 or a negative errno.
 */
int table_delete_chain(struct table *table, const char *chain) {
        return table_change(table, table->family->delete_chain(chain, table->handle));
}

/**
 * table_append() - add a rule at the end of a chain
 * @table:      the snapshot, which alone changes
 * @chain:      the chain
 * @rule:       the rule's bytes, copied
 *
 * Return: 0 or a negative errno.
 */
int table_append(struct table *table, const char *chain, const void *rule) {
        return table_change(table, table->family->append_rule(chain, rule, table->handle));
}

/**
 * table_prepend() - add a rule at the beginning of a chain
 * @table:      the snapshot, which alone changes
 * @chain:      the chain
 * @rule:       the rule's bytes, copied
 *
 * Return: 0 or a negative errno.
 */
int table_prepend(struct table *table, const char *chain, const void *rule) {
        return table_change(table, table->family->insert_rule(chain, rule, 0, table->handle));
}

/**
 * table_delete() - take a rule away
 * @table:      the snapshot, which alone changes
 * @chain:      the chain
 * @position:   of the rule, from 0
 *
 * Return: 0 or a negative errno.
 */
int table_delete(struct table *table, const char *chain, unsigned int position) {
        return table_change(table, table->family->delete_rule(chain, position, table->handle));
}

/* libiptc 1.8.8 and 1.8.9 zero the counters of all policies with every commit (netfilter bugzilla
 * 912). Set to what the snapshot has, they only miss what comes between it and the commit. */
static int table_keep_policies(struct table *table) {
        const struct table_family *family = table->family;

        for (const char *chain = family->first_chain(table->handle); chain;
             chain = family->next_chain(table->handle)) {
                struct xt_counters counters;
                const char *policy;
                int r;

                if (!family->is_builtin(chain, table->handle))
                        continue;
                policy = family->get_policy(chain, &counters, table->handle);
                r = policy ? family->set_policy(chain, policy, &counters, table->handle) : 0;
                r = table_change(table, r);
                if (r < 0)
                        return r;
        }
        return 0;
}

/**
 * table_commit() - put the changed snapshot in the place of the table
 * @table:      the snapshot; if nothing was changed, nothing happens
 *
 * The kernel notices a change in between by the number of rules. Where that happens between the
 * two steps of a commit, the table is replaced, but the counters are not carried over.
 *
 * Return: 0, TABLE_E_CHANGED, TABLE_E_UNAVAILABLE if the kernel lacks an extension that a new rule
 *         uses, or a negative errno.
 */
int table_commit(struct table *table) {
        int r;

        if (!table->changed)
                return 0;
        r = table_keep_policies(table);
        if (r < 0)
                return r;

        errno = 0;
        if (!table->family->commit(table->handle))
                return table_error(errno);
        table->changed = false;
        return 0;
}

/**
 * table_close() - let go of a snapshot
 * @table:      the snapshot; one that was never opened (all 0) is left alone
 */
void table_close(struct table *table) {
        if (table->handle)
                table->family->free(table->handle);
        table->handle = NULL;
}
