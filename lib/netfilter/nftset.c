/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The six sets of nf_tables in which sessions and local ports are counted.
 *
 * Owns: their names and form: a hash of (source address . source port . destination address .
 * destination port), or of a local port, each element with a counter.
 * Relies on: nft_set_hash.c: an element costs the same, however many there are; kernel 5.7,
 * NFTA_SET_EXPR: the set says that its elements count, and nft_lookup_eval() counts. The type of
 * the key matters only to nft(8): it has nft's numbers of ipv4_addr, ipv6_addr and inet_service
 * (nft's datatype.h, enum datatypes), 6 bits each.
 */

#include "netfilter/nftset.h"

/* libnftnl/expr.h needs it and does not say so */
#include <stdio.h>

#include <errno.h>
#include <libnftnl/expr.h>
#include <libnftnl/set.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

CLEANUP_DEFINE(struct nftnl_expr, nftnl_expr_free)
CLEANUP_DEFINE(struct nftnl_set, nftnl_set_free)

#define NFTSET_TYPE_IPV4 7u
#define NFTSET_TYPE_IPV6 8u
#define NFTSET_TYPE_PORT 13u
#define NFTSET_TYPE(address) \
        ((address) << 18 | NFTSET_TYPE_PORT << 12 | (address) << 6 | NFTSET_TYPE_PORT)

static const struct {
        const char *name;
        sa_family_t family;
        bool out;
        uint32_t key_type;
        uint32_t key_size; /* each part padded to 4 bytes */
} nftset_table[NFTSET_COUNT] = {
        [NFTSET_IN4] = { "in4", AF_INET, false, NFTSET_TYPE(NFTSET_TYPE_IPV4), 2 * (4 + 4) },
        [NFTSET_IN6] = { "in6", AF_INET6, false, NFTSET_TYPE(NFTSET_TYPE_IPV6), 2 * (16 + 4) },
        [NFTSET_OUT4] = { "out4", AF_INET, true, NFTSET_TYPE(NFTSET_TYPE_IPV4), 2 * (4 + 4) },
        [NFTSET_OUT6] = { "out6", AF_INET6, true, NFTSET_TYPE(NFTSET_TYPE_IPV6), 2 * (16 + 4) },
        [NFTSET_PORTS_IN] = { "ports_in", AF_UNSPEC, false, NFTSET_TYPE_PORT, 2 },
        [NFTSET_PORTS_OUT] = { "ports_out", AF_UNSPEC, true, NFTSET_TYPE_PORT, 2 },
};

/**
 * nftset_of() - the set of a connection's way
 * @connection: the connection
 * @out:        the way out
 *
 * Return: the set.
 */
enum nftset nftset_of(const struct connection *connection, bool out) {
        if (connection->local.address.family == AF_INET)
                return out ? NFTSET_OUT4 : NFTSET_IN4;
        return out ? NFTSET_OUT6 : NFTSET_IN6;
}

/**
 * nftset_name() - the name of a set
 * @set:        the set
 *
 * Return: the name.
 */
const char *nftset_name(enum nftset set) {
        return nftset_table[set].name;
}

/**
 * nftset_family() - the address family of a set
 * @set:        the set
 *
 * Return: AF_INET, AF_INET6, or AF_UNSPEC for one of ports, which has packets of both.
 */
sa_family_t nftset_family(enum nftset set) {
        return nftset_table[set].family;
}

/**
 * nftset_is_of_ports() - tell whether local ports are counted in a set, or sessions
 * @set:        the set
 *
 * Return: true for ports.
 */
bool nftset_is_of_ports(enum nftset set) {
        return nftset_table[set].family == AF_UNSPEC;
}

/**
 * nftset_is_out() - the direction of a set
 * @set:        the set
 *
 * Return: true if its packets go out.
 */
bool nftset_is_out(enum nftset set) {
        return nftset_table[set].out;
}

static int nftset_new(enum nftset set, struct nftnl_set **ret_set) {
        _cleanup_(nftnl_set_freep) struct nftnl_set *object = nftnl_set_alloc();

        if (!object || nftnl_set_set_str(object, NFTNL_SET_TABLE, NFTSET_TABLE) < 0 ||
            nftnl_set_set_str(object, NFTNL_SET_NAME, nftset_table[set].name) < 0)
                return -ENOMEM;
        *ret_set = pointer_steal(&object);
        return 0;
}

/**
 * nftset_put() - make a set
 * @link:       the link, with a transaction that has room
 * @set:        the set
 *
 * Return: 0 or -ENOMEM.
 */
int nftset_put(struct nftlink *link, enum nftset set) {
        _cleanup_(nftnl_expr_freep) struct nftnl_expr *counter = NULL;
        _cleanup_(nftnl_set_freep) struct nftnl_set *object = NULL;
        struct nlmsghdr *message;
        int r;

        r = nftset_new(set, &object);
        if (r < 0)
                return r;
        counter = nftnl_expr_alloc("counter");
        if (!counter)
                return -ENOMEM;
        nftnl_set_set_u32(object, NFTNL_SET_KEY_TYPE, nftset_table[set].key_type);
        nftnl_set_set_u32(object, NFTNL_SET_KEY_LEN, nftset_table[set].key_size);
        /* any number that is another one for each set of the transaction */
        nftnl_set_set_u32(object, NFTNL_SET_ID, (uint32_t)set + 1);
        nftnl_set_add_expr(object, pointer_steal(&counter));

        message = nftlink_put(link, NFT_MSG_NEWSET, NLM_F_CREATE);
        nftnl_set_nlmsg_build_payload(message, object);
        nftlink_done(link, message);
        return 0;
}

/* A message that names the set and says no more about it. */
static int nftset_put_name(struct nftlink *link, uint16_t type, enum nftset set,
                           void (*build)(struct nlmsghdr *, struct nftnl_set *)) {
        _cleanup_(nftnl_set_freep) struct nftnl_set *object = NULL;
        struct nlmsghdr *message;
        int r;

        r = nftset_new(set, &object);
        if (r < 0)
                return r;
        message = nftlink_put(link, type, 0);
        build(message, object);
        nftlink_done(link, message);
        return 0;
}

/**
 * nftset_put_delete() - delete a set, with its elements
 * @link:       the link, with a transaction that has room
 * @set:        the set
 *
 * Return: 0 or -ENOMEM.
 */
int nftset_put_delete(struct nftlink *link, enum nftset set) {
        return nftset_put_name(link, NFT_MSG_DELSET, set, nftnl_set_nlmsg_build_payload);
}

/**
 * nftset_put_empty() - delete all elements of a set
 * @link:       the link, with a transaction that has room
 * @set:        the set
 *
 * Return: 0 or -ENOMEM.
 */
int nftset_put_empty(struct nftlink *link, enum nftset set) {
        return nftset_put_name(link, NFT_MSG_DELSETELEM, set, nftnl_set_elems_nlmsg_build_payload);
}

static int nftset_is_counter(struct nftnl_expr *expression, void *data) {
        const char *name = nftnl_expr_get_str(expression, NFTNL_EXPR_NAME);
        bool *counter = data;

        if (name && !strcmp(name, "counter"))
                *counter = true;
        return 0;
}

/**
 * nftset_check() - tell whether a set of our table is one of ours
 * @message:    the kernel's description of it
 * @ret_set:    the set; NFTSET_COUNT if it has another name
 *
 * Return: 0, -EOPNOTSUPP if its elements do not count, -EEXIST if it has our name and is otherwise
 *         not what we make, or another negative errno.
 */
int nftset_check(const struct nlmsghdr *message, enum nftset *ret_set) {
        _cleanup_(nftnl_set_freep) struct nftnl_set *object = nftnl_set_alloc();
        bool counter = false;
        const char *name, *table;
        size_t i;

        if (!object)
                return -ENOMEM;
        if (nftnl_set_nlmsg_parse(message, object) < 0)
                return -EPROTO;
        name = nftnl_set_get_str(object, NFTNL_SET_NAME);
        table = nftnl_set_get_str(object, NFTNL_SET_TABLE);
        for (i = 0; i < NFTSET_COUNT; i++)
                if (name && table && !strcmp(table, NFTSET_TABLE) &&
                    !strcmp(name, nftset_table[i].name))
                        break;
        *ret_set = (enum nftset)i;
        if (i == NFTSET_COUNT)
                return 0;

        if (nftnl_set_get_u32(object, NFTNL_SET_KEY_LEN) != nftset_table[i].key_size ||
            nftnl_set_get_u32(object, NFTNL_SET_FLAGS))
                return -EEXIST;
        (void)nftnl_set_expr_foreach(object, nftset_is_counter, &counter);
        return counter ? 0 : -EOPNOTSUPP;
}
