/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the kernel answers to a question or a transaction, as bytes.
 */

#ifndef NETFILTER_NFTANSWER_H
#define NETFILTER_NFTANSWER_H

#include "netfilter/nftlink.h"

#include <stddef.h>

struct nftanswer {
        nftlink_function function; /* called for each message, until it fails */
        void *data;
        bool interrupted; /* the ruleset changed meanwhile */
        int r;            /* the first failure */
};

int nftanswer_error(int error);
bool nftanswer_parse(const void *bytes, size_t size, uint32_t port, uint32_t sequence,
                     struct nftanswer *answer);
bool nftanswer_parse_commit(const void *bytes, size_t size, uint32_t port, uint32_t first,
                            uint32_t last, int *result);

#endif
