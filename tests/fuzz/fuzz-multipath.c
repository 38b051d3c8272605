/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * multipath_joins_parse(): a number that a record can hold, or none. multipath_judge(): whatever
 * sizes a kernel answers with.
 */

#include "fuzz.h"
#include "net/multipath.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        uint64_t joins;

        if (!multipath_joins_parse((const char *)data, size, &joins))
                fuzz_assert(joins < INT64_MAX);
        fuzz_assert(multipath_judge(data, size / 2, data + size / 2, size - size / 2) !=
                    MULTIPATH_NONE);
        return 0;
}
