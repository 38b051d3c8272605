/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * subuid_parse(): each range that it hands out has an owner, and does not reach beyond all uids.
 */

#include "fuzz.h"
#include "usermap/subuid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char *text = fuzz_text(data, size);
        struct subuid subuid = { .n = 0 };

        if (!subuid_parse(text, &subuid))
                for (size_t i = 0; i < subuid.n; i++) {
                        const struct subuid_range *range = &subuid.ranges[i];

                        fuzz_assert(range->n && *range->owner);
                        fuzz_assert(range->n <= UINT32_MAX - range->first);
                        fuzz_assert(subuid_owner(&subuid, range->first) != NULL);
                        fuzz_assert(subuid_owner(&subuid, range->first + range->n - 1) != NULL);
                }
        fuzz_assert(!subuid_owner(&subuid, UINT32_MAX));
        subuid_clear(&subuid);
        free(text);
        return 0;
}
