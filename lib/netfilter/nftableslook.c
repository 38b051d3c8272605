/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What nf_tables has of ours. The kernel loads nf_tables when this asks for it.
 */

#include "netfilter/nftables.h"
#include "netfilter/nfttable.h"

/**
 * nftableslook_base() - look at the backend's base, and change nothing
 * @proc_fd:    not used
 * @lock_path:  likewise
 * @base:       gets how it stands
 */
void nftableslook_base(int proc_fd, const char *lock_path, struct survey_base *base) {
        _cleanup_(nftlink_freep) struct nftlink *link = NULL;
        struct nfttable table = { 0 };
        int r = nftlink_new(&link);

        (void)proc_fd;
        (void)lock_path;

        if (!r) {
                base->available = true;
                r = nfttable_read(link, &table);
        }
        if (r < 0)
                base->error = -r;
        if (r)
                return;
        base->there = table.exists;
        base->complete = nfttable_is_complete(&table);
}
