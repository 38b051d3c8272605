/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The elements of the sets in which sessions and local ports are counted.
 *
 * Owns: the key for one direction of a connection, reading a counter by that key, and the walk over
 * a whole set.
 * Relies on: the parts of a concatenated key begin at multiples of 4 bytes and are padded with
 * zeros; addresses and ports are in network order, as in the packet. If an existing element is made
 * again, it stays, with its counter (nft_add_set_elem(), without NLM_F_EXCL).
 */

#include "netfilter/nftelement.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/expr.h>
#include <libnftnl/set.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

CLEANUP_DEFINE(struct nftnl_set, nftnl_set_free)
CLEANUP_DEFINE(struct nftnl_set_elem, nftnl_set_elem_free)

static size_t nftelement_address_size(sa_family_t family) {
        return family == AF_INET ? 4 : 16;
}

static uint8_t *nftelement_write(uint8_t *key, const struct endpoint *endpoint) {
        size_t size = nftelement_address_size(endpoint->address.family);
        uint16_t port = htons(endpoint->port);

        memcpy(key, endpoint->address.bytes, size);
        memcpy(key + size, &port, sizeof(port));
        return key + size + 4;
}

static const uint8_t *nftelement_parse(const uint8_t *key, sa_family_t family,
                                       struct endpoint *ret_endpoint) {
        size_t size = nftelement_address_size(family);
        uint16_t port;

        memcpy(&port, key + size, sizeof(port));
        *ret_endpoint = (struct endpoint){ .address.family = family, .port = ntohs(port) };
        memcpy(ret_endpoint->address.bytes, key, size);
        return key + size + 4;
}

/**
 * nftelement_of() - make the key of a connection's way
 * @connection: the connection
 * @out:        the way out
 * @ret_key:    the key
 */
void nftelement_of(const struct connection *connection, bool out, struct nftelement_key *ret_key) {
        uint8_t *end;

        *ret_key = (struct nftelement_key){ .set = nftset_of(connection, out) };
        end = nftelement_write(ret_key->bytes, out ? &connection->local : &connection->remote);
        end = nftelement_write(end, out ? &connection->remote : &connection->local);
        ret_key->size = (uint32_t)(end - ret_key->bytes);
}

/**
 * nftelement_of_port() - make the key of a local port's way
 * @port:       the port
 * @out:        the way out
 * @ret_key:    the key
 */
void nftelement_of_port(uint16_t port, bool out, struct nftelement_key *ret_key) {
        uint16_t bytes = htons(port);

        *ret_key = (struct nftelement_key){ .set = out ? NFTSET_PORTS_OUT : NFTSET_PORTS_IN,
                                            .size = sizeof(bytes) };
        memcpy(ret_key->bytes, &bytes, sizeof(bytes));
}

/* A list of one element, which libnftnl calls a set. */
static int nftelement_new(const struct nftelement_key *key, struct nftnl_set **ret_list) {
        _cleanup_(nftnl_set_freep) struct nftnl_set *list = nftnl_set_alloc();
        _cleanup_(nftnl_set_elem_freep) struct nftnl_set_elem *element = nftnl_set_elem_alloc();

        if (!list || !element || nftnl_set_set_str(list, NFTNL_SET_TABLE, NFTSET_TABLE) < 0 ||
            nftnl_set_set_str(list, NFTNL_SET_NAME, nftset_name(key->set)) < 0 ||
            nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, key->bytes, key->size) < 0)
                return -ENOMEM;
        nftnl_set_elem_add(list, pointer_steal(&element));
        *ret_list = pointer_steal(&list);
        return 0;
}

/**
 * nftelement_put() - make or delete an element
 * @link:       the link, with a transaction that has room
 * @type:       NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM
 * @key:        its key
 *
 * Return: 0 or -ENOMEM.
 */
int nftelement_put(struct nftlink *link, uint16_t type, const struct nftelement_key *key) {
        _cleanup_(nftnl_set_freep) struct nftnl_set *list = NULL;
        struct nlmsghdr *message;
        int r;

        r = nftelement_new(key, &list);
        if (r < 0)
                return r;
        message = nftlink_put(link, type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0);
        nftnl_set_elems_nlmsg_build_payload(message, list);
        nftlink_done(link, message);
        return 0;
}

struct nftelement_counter {
        bool found;
        struct counter counter;
};

static int nftelement_counter(struct nftnl_expr *expression, void *data) {
        const char *name = nftnl_expr_get_str(expression, NFTNL_EXPR_NAME);
        struct nftelement_counter *found = data;

        if (!name || strcmp(name, "counter") != 0 || found->found)
                return 0;
        found->found = true;
        found->counter.bytes = nftnl_expr_get_u64(expression, NFTNL_EXPR_CTR_BYTES);
        found->counter.packets = nftnl_expr_get_u64(expression, NFTNL_EXPR_CTR_PACKETS);
        return 0;
}

/* What an answer is for. */
struct nftelement_walk {
        enum nftset set;
        struct backend_snapshot *snapshot;
        struct nftelement_counter one;
};

static int nftelement_first(struct nftnl_set_elem *element, void *data) {
        struct nftelement_walk *walk = data;

        return nftnl_set_elem_expr_foreach(element, nftelement_counter, &walk->one);
}

static int nftelement_take_port(const struct nftelement_walk *walk, const uint8_t *key,
                                uint32_t size, const struct nftelement_counter *counter) {
        uint16_t port;

        if (!key || size != sizeof(port) || !counter->found)
                return 0;
        memcpy(&port, key, sizeof(port));
        return snapshot_add_port(walk->snapshot, ntohs(port),
                                 nftset_is_out(walk->set) ? PORT_OUT4 : PORT_IN4,
                                 &counter->counter);
}

static int nftelement_take(struct nftnl_set_elem *element, void *data) {
        struct nftelement_walk *walk = data;
        struct nftelement_counter counter = { 0 };
        struct connection connection = { 0 };
        sa_family_t family = nftset_family(walk->set);
        bool out = nftset_is_out(walk->set);
        uint32_t size = 0;
        const uint8_t *key = nftnl_set_elem_get(element, NFTNL_SET_ELEM_KEY, &size);

        (void)nftnl_set_elem_expr_foreach(element, nftelement_counter, &counter);
        if (nftset_is_of_ports(walk->set))
                return nftelement_take_port(walk, key, size, &counter);
        /* not one that we made */
        if (!key || size != 2 * (nftelement_address_size(family) + 4) || !counter.found)
                return 0;

        key = nftelement_parse(key, family, out ? &connection.local : &connection.remote);
        (void)nftelement_parse(key, family, out ? &connection.remote : &connection.local);
        if (!out)
                return snapshot_add_in(walk->snapshot, &connection, &counter.counter);
        snapshot_add_out(walk->snapshot, &connection, &counter.counter);
        return 0;
}

/* One message has many elements. */
static int nftelement_message(const struct nlmsghdr *message, void *data) {
        _cleanup_(nftnl_set_freep) struct nftnl_set *list = nftnl_set_alloc();
        struct nftelement_walk *walk = data;

        if (!list)
                return -ENOMEM;
        if (nftnl_set_elems_nlmsg_parse(message, list) < 0)
                return -EPROTO;
        return nftnl_set_elem_foreach(list, walk->snapshot ? nftelement_take : nftelement_first,
                                      walk);
}

/**
 * nftelement_read() - read the counter of an element
 * @link:               the link
 * @key:                its key
 * @ret_counter:        the counter
 *
 * Asks for this element alone, however many there are.
 *
 * Return: 0, NFTLINK_E_NOT_FOUND, also without the set or the table, or as nftlink_ask().
 */
int nftelement_read(struct nftlink *link, const struct nftelement_key *key,
                    struct counter *ret_counter) {
        _cleanup_(nftnl_set_freep) struct nftnl_set *list = NULL;
        struct nftelement_walk walk = { .set = key->set };
        struct nlmsghdr *question;
        int r;

        r = nftelement_new(key, &list);
        if (r < 0)
                return r;
        question = nftlink_question(link, NFT_MSG_GETSETELEM, 0);
        nftnl_set_elems_nlmsg_build_payload(question, list);
        r = nftlink_ask(link, nftelement_message, &walk);
        if (r)
                return r;
        /* one that does not count is not ours */
        if (!walk.one.found)
                return NFTLINK_E_NOT_FOUND;
        *ret_counter = walk.one.counter;
        return 0;
}

/**
 * nftelement_snapshot() - read all counters of a set
 * @link:       the link
 * @set:        the set; none has no elements
 * @snapshot:   gets them, as snapshot.h says
 *
 * Return: as nftlink_ask(); after NFTLINK_E_CHANGED the snapshot has all but some of the elements
 *         that came or went meanwhile.
 */
int nftelement_snapshot(struct nftlink *link, enum nftset set, struct backend_snapshot *snapshot) {
        struct nftelement_walk walk = { .set = set, .snapshot = snapshot };
        struct nlmsghdr *question = nftlink_question(link, NFT_MSG_GETSETELEM, NLM_F_DUMP);
        int r;

        mnl_attr_put_strz(question, NFTA_SET_ELEM_LIST_TABLE, NFTSET_TABLE);
        mnl_attr_put_strz(question, NFTA_SET_ELEM_LIST_SET, nftset_name(set));
        r = nftlink_ask(link, nftelement_message, &walk);
        return r == NFTLINK_E_NOT_FOUND ? 0 : r;
}
