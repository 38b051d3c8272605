/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Adding elements to the table.
 *
 * Relies on: something that was missing is made on the very ruleset that was read, or not at all.
 */

#include "netfilter/nftaddition.h"

#include "netfilter/nfttable.h"

#include <linux/netfilter/nf_tables.h>

/**
 * nftaddition_want_connection() - add the two elements of a connection
 * @addition:   what is to be made
 * @connection: the connection
 */
void nftaddition_want_connection(struct nftaddition *addition,
                                 const struct connection *connection) {
        nftelement_of(connection, false, &addition->keys[addition->n_keys++]);
        nftelement_of(connection, true, &addition->keys[addition->n_keys++]);
}

/**
 * nftaddition_want_port() - add the two elements of a local port
 * @addition:   what is to be made
 * @port:       the port
 */
void nftaddition_want_port(struct nftaddition *addition, uint16_t port) {
        nftelement_of_port(port, false, &addition->keys[addition->n_keys++]);
        nftelement_of_port(port, true, &addition->keys[addition->n_keys++]);
}

static int nftaddition_put_elements(struct nftlink *link, const struct nftaddition *addition) {
        int r = 0;

        for (size_t i = 0; !r && i < addition->n_keys; i++)
                r = nftelement_put(link, NFT_MSG_NEWSETELEM, &addition->keys[i]);
        return r;
}

/* Note which of the port's counters are missing, and so will begin at 0. If the elements must be
 * new, note whether there are some already. */
static int nftaddition_look(struct nftlink *link, struct nftaddition *addition) {
        for (size_t i = 0; i < addition->n_keys; i++) {
                enum nftset set = addition->keys[i].set;
                bool port = nftset_is_of_ports(set);
                struct counter counter;
                int r;

                if (!port && !addition->fresh)
                        continue;
                r = nftelement_read(link, &addition->keys[i], &counter);
                if (r && r != NFTLINK_E_NOT_FOUND)
                        return r;
                if (r && port)
                        addition->made.ports |= 1U << (nftset_is_out(set) ? PORT_OUT4 : PORT_IN4);
                else if (!r && !port)
                        addition->exists = true;
        }
        return 0;
}

/* The base is missing, or a part of it. */
static int nftaddition_repair(struct nftlink *link, struct nftaddition *addition,
                              const struct nfttable *table, uint32_t generation) {
        struct nfttable after = { 0 };
        int r;

        nftlink_begin(link, &generation);
        r = nfttable_put_missing(link, table);
        if (!r)
                r = nftaddition_put_elements(link, addition);
        if (!r)
                r = nftlink_commit(link);
        /* only a part of the kernel can be missing here (nft_expr_type_get()) */
        if (r)
                return r == NFTLINK_E_NOT_FOUND ? NFTLINK_E_UNAVAILABLE : r;
        addition->made.base = true;
        /* an older kernel accepts a set with counters, and makes one without */
        r = nfttable_read(link, &after);
        return r == NFTLINK_E_CHANGED ? 0 : r;
}

/**
 * nftaddition_make() - make the elements, and the base if it is missing
 * @link:       the link
 * @addition:   what is to be made; gets what was missing
 *
 * Return: 0, NFTLINK_E_..., or a negative errno.
 */
int nftaddition_make(struct nftlink *link, struct nftaddition *addition) {
        struct nfttable table = { 0 };
        uint32_t generation;
        int r;

        r = nftlink_generation(link, &generation);
        if (!r)
                r = nfttable_read(link, &table);
        if (!r)
                r = nftaddition_look(link, addition);
        if (r || addition->exists)
                return r;
        if (!nfttable_is_complete(&table))
                return nftaddition_repair(link, addition, &table, generation);

        nftlink_begin(link, NULL);
        r = nftaddition_put_elements(link, addition);
        if (!r)
                r = nftlink_commit(link);
        return r == NFTLINK_E_NOT_FOUND ? NFTLINK_E_CHANGED : r;
}
