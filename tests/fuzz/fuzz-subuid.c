/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * subuid_parse(): each range that it hands out has an owner, and does not reach beyond all uids. Of
 * its uids, those of the host's users are nobody's; the owner of another one, if that is one alone,
 * is whoever has the range.
 */

#include "fuzz.h"
#include "usermap/subuid.h"

static void fuzz_uid(const struct subuid *subuid, const struct subuid_range *range, uint32_t uid) {
        const char *owner = subuid_owner(subuid, uid);

        fuzz_assert(subuid_has(subuid, uid) == (uid >= SUBUID_LOWEST));
        fuzz_assert(subuid_is_of(subuid, uid, range->owner, -1) == (uid >= SUBUID_LOWEST));
        fuzz_assert(!owner || (uid >= SUBUID_LOWEST && !strcmp(owner, range->owner)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char *text = fuzz_text(data, size);
        struct subuid subuid = { .n = 0 };

        if (!subuid_parse(text, &subuid))
                for (size_t i = 0; i < subuid.n; i++) {
                        const struct subuid_range *range = &subuid.ranges[i];

                        fuzz_assert(range->n && *range->owner && range->line > i);
                        fuzz_assert(range->n <= UINT32_MAX - range->first);
                        fuzz_uid(&subuid, range, range->first);
                        fuzz_uid(&subuid, range, range->first + range->n - 1);
                }
        fuzz_assert(!subuid_has(&subuid, UINT32_MAX));
        subuid_clear(&subuid);
        free(text);
        return 0;
}
