/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * portstate_decode(): what it accepts is written the same from then on.
 */

#include "fuzz.h"
#include "store/portstate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(portstate_freep) struct portstate *state = NULL, *again = NULL;
        _cleanup_(freep) char *text = NULL, *second = NULL;
        const char *field = NULL;
        size_t n, m;

        if (portstate_decode((const char *)data, size, &state, &field)) {
                fuzz_assert(field != NULL);
                return 0;
        }
        fuzz_assert(state->local_port >= 1 && state->local_port <= UINT16_MAX);
        fuzz_assert(portstate_encode(state, &text, &n) == 0);
        fuzz_assert(portstate_decode(text, n, &again, &field) == 0);
        fuzz_assert(portstate_encode(again, &second, &m) == 0);
        fuzz_assert(n == m && !memcmp(text, second, n));
        return 0;
}
