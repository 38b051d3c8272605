/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A table of one address family.
 *
 * Relies on: libiptc's init takes a snapshot of the whole table, and repeats that by itself if the
 * table changes meanwhile; commit replaces the whole table, and keeps the counters. errno 0 after a
 * failure means that kernel and libiptc do not understand each other.
 */

#include "netfilter/iptable.h"

#include <errno.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <sys/socket.h>

/* ENOPROTOOPT: ip_tables is not there; ENOENT: the table, or an extension, is not;
 * EAFNOSUPPORT: a kernel without IPv6. See nf_sockopt.c, x_tables.c, iptc_strerror(). */
static int iptable_error(int error) {
        switch (error) {
        case 0:
        case ENOENT:
        case ENOPROTOOPT:
        case EAFNOSUPPORT:
        case EPROTONOSUPPORT:
                return IPTABLE_E_UNAVAILABLE;
        case EAGAIN:
        case EINTR:
                return IPTABLE_E_CHANGED;
        default:
                return -error;
        }
}

/**
 * iptable_probe() - see whether the mangle table is there, without reading it
 * @family:     its family
 *
 * The kernel loads the table's module for this, but not ip_tables itself.
 *
 * Return: 0, IPTABLE_E_UNAVAILABLE, or a negative errno.
 */
int iptable_probe(const struct iptable_family *family) {
        _cleanup_(fd_closep) int fd = -1;
        struct ipt_getinfo info = { .name = IPTABLE_MANGLE }; /* struct ip6t_getinfo is the same */
        socklen_t size = sizeof(info);

        fd = socket(family->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
        if (fd < 0)
                return iptable_error(errno);
        if (getsockopt(fd, family->probe_level, family->probe_option, &info, &size) < 0)
                return iptable_error(errno);
        return 0;
}

/**
 * iptable_open() - take a snapshot of a table, to read or to change it
 * @family:     its family
 * @name:       the table's name
 * @ret_table:  the snapshot, to be given to iptable_close()
 *
 * Return: 0, IPTABLE_E_UNAVAILABLE, IPTABLE_E_CHANGED, or a negative errno.
 */
int iptable_open(const struct iptable_family *family, const char *name, struct iptable *ret_table) {
        struct xtc_handle *handle;

        errno = 0;
        handle = family->init(name);
        if (!handle)
                return iptable_error(errno);

        *ret_table = (struct iptable){ .family = family, .handle = handle };
        return 0;
}

/**
 * iptable_has_chain() - tell whether there is a chain
 * @table:      the snapshot
 * @chain:      its name
 *
 * Return: true if there is.
 */
bool iptable_has_chain(struct iptable *table, const char *chain) {
        return table->family->is_chain(chain, table->handle);
}

/**
 * iptable_is_referenced() - tell whether a rule sends packets to a chain
 * @table:      the snapshot
 * @chain:      a chain that is there
 *
 * Return: true if one does.
 */
bool iptable_is_referenced(struct iptable *table, const char *chain) {
        unsigned int references = 0;

        return table->family->get_references(&references, chain, table->handle) && references;
}

/* The result of a function of libiptc that changes the snapshot. */
static int iptable_change(struct iptable *table, int done) {
        if (!done)
                return errno > 0 ? -errno : -EPROTO;
        table->changed = true;
        return 0;
}

/**
 * iptable_create_chain() - make a chain of our own
 * @table:      the snapshot, which alone changes
 * @chain:      its name
 *
 * Return: 0 or a negative errno.
 */
int iptable_create_chain(struct iptable *table, const char *chain) {
        return iptable_change(table, table->family->create_chain(chain, table->handle));
}

/**
 * iptable_delete_chain() - take an empty chain away
 * @table:      the snapshot, which alone changes
 * @chain:      its name
 *
 * Return: 0 or a negative errno.
 */
int iptable_delete_chain(struct iptable *table, const char *chain) {
        return iptable_change(table, table->family->delete_chain(chain, table->handle));
}

/**
 * iptable_append() - add a rule at the end of a chain
 * @table:      the snapshot, which alone changes
 * @chain:      the chain
 * @rule:       the rule's bytes, copied
 *
 * Return: 0 or a negative errno.
 */
int iptable_append(struct iptable *table, const char *chain, const void *rule) {
        return iptable_change(table, table->family->append_rule(chain, rule, table->handle));
}

/**
 * iptable_prepend() - add a rule at the beginning of a chain
 * @table:      the snapshot, which alone changes
 * @chain:      the chain
 * @rule:       the rule's bytes, copied
 *
 * Return: 0 or a negative errno.
 */
int iptable_prepend(struct iptable *table, const char *chain, const void *rule) {
        return iptable_change(table, table->family->insert_rule(chain, rule, 0, table->handle));
}

/**
 * iptable_delete() - take a rule away
 * @table:      the snapshot, which alone changes
 * @chain:      the chain
 * @position:   of the rule, from 0
 *
 * Return: 0 or a negative errno.
 */
int iptable_delete(struct iptable *table, const char *chain, unsigned int position) {
        return iptable_change(table, table->family->delete_rule(chain, position, table->handle));
}

/* libiptc 1.8.8 and 1.8.9 zero the counters of all policies with every commit (netfilter bugzilla
 * 912). Set to what the snapshot has, they only miss what comes between it and the commit. */
static int iptable_keep_policies(struct iptable *table) {
        const struct iptable_family *family = table->family;

        for (const char *chain = family->first_chain(table->handle); chain;
             chain = family->next_chain(table->handle)) {
                struct xt_counters counters;
                const char *policy;
                int r;

                if (!family->is_builtin(chain, table->handle))
                        continue;
                policy = family->get_policy(chain, &counters, table->handle);
                r = policy ? family->set_policy(chain, policy, &counters, table->handle) : 0;
                r = iptable_change(table, r);
                if (r < 0)
                        return r;
        }
        return 0;
}

/**
 * iptable_commit() - put the changed snapshot in the place of the table
 * @table:      the snapshot; if nothing was changed, nothing happens
 *
 * The kernel notices a change in between by the number of rules. Where that happens between the
 * two steps of a commit, the table is replaced, but the counters are not carried over.
 *
 * Return: 0, IPTABLE_E_CHANGED, IPTABLE_E_UNAVAILABLE if the kernel lacks an extension that a new
 * rule uses, or a negative errno.
 */
int iptable_commit(struct iptable *table) {
        int r;

        if (!table->changed)
                return 0;
        r = iptable_keep_policies(table);
        if (r < 0)
                return r;

        errno = 0;
        if (!table->family->commit(table->handle))
                return iptable_error(errno);
        table->changed = false;
        return 0;
}

/**
 * iptable_close() - let go of a snapshot
 * @table:      the snapshot; one that was never opened (all 0) is left alone
 */
void iptable_close(struct iptable *table) {
        if (table->handle)
                table->family->free(table->handle);
        table->handle = NULL;
}
