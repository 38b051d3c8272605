/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * request_decode(): what it accepts survives being written and read again.
 */

#include "base/cleanup.h"
#include "fuzz.h"
#include "request/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size), *room = NULL;
        struct request request, again;
        const char *field = NULL;
        size_t n;

        switch (request_decode(text, size, &request, &field)) {
        case 0:
                break;
        case REQUEST_E_INVALID:
                fuzz_assert(field != NULL);
                return 0;
        default:
                return 0;
        }

        room = malloc(size + REQUEST_MAX);
        fuzz_assert(room != NULL);
        fuzz_assert(request_encode(&request, room, size + REQUEST_MAX, &n) == 0);
        fuzz_assert(request_decode(room, n, &again, &field) == 0);
        fuzz_assert(!strcmp(request.user, again.user));
        fuzz_assert(address_connection_equal(&request.connection, &again.connection));
        return 0;
}
