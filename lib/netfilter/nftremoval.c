/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Removing what is ours from nf_tables.
 *
 * Relies on: the kernel deletes no set that a rule uses, and no chain to which another one jumps.
 * So what somebody else uses stays.
 */

#include "netfilter/nftremoval.h"

#include "netfilter/nfttable.h"

/**
 * nftremoval_rules() - delete our rules and chains
 * @link:       the link
 *
 * Return: 0, NFTLINK_E_..., or a negative errno.
 */
int nftremoval_rules(struct nftlink *link) {
        struct nfttable table = { .list_all = true };
        uint32_t generation;
        int r;

        r = nftlink_generation(link, &generation);
        if (!r)
                r = nfttable_read(link, &table);
        if (r)
                return r;
        nftlink_begin(link, &generation);
        r = nfttable_put_dismantled(link, &table);
        if (!r)
                r = nftlink_commit(link);
        return !r && table.n_listed == NFTTABLE_LISTED_MAX ? NFTLINK_E_CHANGED : r;
}

/**
 * nftremoval_sets() - delete our sets; one that somebody's rule uses is emptied
 * @link:       the link
 *
 * Return: 0, NFTLINK_E_..., or a negative errno.
 */
int nftremoval_sets(struct nftlink *link) {
        for (unsigned int i = 0; i < NFTSET_COUNT; i++) {
                int r;

                nftlink_begin(link, NULL);
                r = nftset_put_delete(link, i);
                if (!r)
                        r = nftlink_commit(link);
                if (r == NFTLINK_E_IN_USE) {
                        nftlink_begin(link, NULL);
                        r = nftset_put_empty(link, i);
                        if (!r)
                                r = nftlink_commit(link);
                }
                if (r && r != NFTLINK_E_NOT_FOUND)
                        return r;
        }
        return 0;
}

/**
 * nftremoval_table() - delete the table, if nobody has anything in it
 * @link:       the link
 *
 * Return: 0, NFTLINK_E_..., or a negative errno.
 */
int nftremoval_table(struct nftlink *link) {
        struct nfttable table = { 0 };
        uint32_t generation;
        int r;

        r = nftlink_generation(link, &generation);
        if (!r)
                r = nfttable_read(link, &table);
        if (r || !table.exists || table.use)
                return r;
        nftlink_begin(link, &generation);
        r = nfttable_put_delete(link);
        return r ? r : nftlink_commit(link);
}
