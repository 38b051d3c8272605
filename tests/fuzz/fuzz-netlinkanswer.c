/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * netlinkanswer_parse(): every message that is handed on lies within the bytes, is for us, and none
 * comes behind a failure.
 */

#include "fuzz.h"
#include "netlink/netlinkanswer.h"

#include <errno.h>

#define FUZZ_PORT 1
#define FUZZ_SEQUENCE 2

struct seen {
        const uint8_t *from;
        const uint8_t *to;
        unsigned int count;
};

static int look(const struct nlmsghdr *message, void *data) {
        struct seen *seen = data;
        const uint8_t *bytes = (const uint8_t *)message;

        fuzz_assert(bytes >= seen->from && bytes + message->nlmsg_len <= seen->to);
        fuzz_assert(message->nlmsg_pid == FUZZ_PORT && message->nlmsg_seq == FUZZ_SEQUENCE);
        fuzz_assert(message->nlmsg_type >= NLMSG_MIN_TYPE);
        return ++seen->count < 5 ? 0 : -E2BIG;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        uint64_t *copy = malloc(size + sizeof(*copy)); /* aligned */
        struct seen seen = { 0 };
        struct netlinkanswer answer = { .take = look, .data = &seen };
        int result = 0;

        fuzz_assert(!!copy);
        if (size)
                memcpy(copy, data, size);
        seen.from = (const uint8_t *)copy;
        seen.to = seen.from + size;
        (void)netlinkanswer_parse(copy, size, FUZZ_PORT, FUZZ_SEQUENCE, &answer);
        fuzz_assert(seen.count <= 5 && answer.r >= -4095);
        if (!netlinkanswer_parse_verdicts(copy, size, FUZZ_PORT, FUZZ_SEQUENCE, FUZZ_SEQUENCE + 3,
                                          &result))
                fuzz_assert(!result);
        free(copy);
        return 0;
}
