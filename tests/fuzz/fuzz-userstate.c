/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * userstate_decode(): what it accepts is written the same from then on.
 */

#include "fuzz.h"
#include "store/userstate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(userstate_freep) struct userstate *state = NULL, *again = NULL;
        _cleanup_(freep) char *text = NULL, *second = NULL;
        const char *field = NULL;
        size_t n, m;

        if (userstate_decode((const char *)data, size, &state, &field)) {
                fuzz_assert(field != NULL);
                return 0;
        }
        fuzz_assert(userstate_encode(state, &text, &n) == 0);
        fuzz_assert(userstate_decode(text, n, &again, &field) == 0);
        fuzz_assert(userstate_encode(again, &second, &m) == 0);
        fuzz_assert(n == m && !memcmp(text, second, n));
        return 0;
}
