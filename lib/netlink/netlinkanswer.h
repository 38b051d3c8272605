/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the kernel answers to a question by netlink, as bytes.
 */

#ifndef NETLINK_NETLINKANSWER_H
#define NETLINK_NETLINKANSWER_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Look at one message of an answer. Return: 0, or what is to be returned. */
typedef int (*netlink_take)(const struct nlmsghdr *message, void *data);

struct netlinkanswer {
        netlink_take take; /* called for each message, until it returns something */
        void *data;
        bool changed; /* what was asked for changed meanwhile: some may be missing */
        int r;        /* the first failure */
};

bool netlinkanswer_parse(const void *bytes, size_t size, uint32_t port, uint32_t sequence,
                         struct netlinkanswer *answer);
bool netlinkanswer_parse_verdicts(const void *bytes, size_t size, uint32_t port, uint32_t first,
                                  uint32_t last, int *result);

#endif
