/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * flow_parse(): the bytes are a message of ctnetlink. What it accepts has addresses.
 */

#include "fuzz.h"
#include "netfilter/flow.h"

#include <linux/netlink.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct flow flow = { .id = 0 };
        struct nlmsghdr *message;
        int r;

        if (size < sizeof(*message) || size > 65536)
                return 0;
        message = malloc(size);
        fuzz_assert(!!message);
        memcpy(message, data, size);
        /* as mnl_nlmsg_ok() makes sure; what a captured one says is in another byte order elsewhere
         */
        message->nlmsg_len = (uint32_t)size;
        r = flow_parse(message, &flow);
        fuzz_assert(r == 0 || r == FLOW_E_OTHER || r == FLOW_E_INVALID);
        if (r)
                fuzz_assert(flow.protocol == 0 && flow.original.source.address.family == 0);
        else
                fuzz_assert(flow.original.source.address.family != 0 &&
                            flow.reply.destination.address.family != 0);
        free(message);
        return 0;
}
