/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * networks_parse(): as many networks as there are words between commas and blanks.
 */

#include "fuzz.h"
#include "net/networks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char *text = fuzz_text(data, size);
        struct networks networks = { .n = 0 };
        size_t n = 0;

        for (const char *at = text; *at; at++)
                n += !strchr(", \t\n", *at) && (at == text || strchr(", \t\n", at[-1]));
        if (!networks_parse(text, &networks)) {
                fuzz_assert(networks.n == n);
                for (size_t i = 0; i < networks.n; i++)
                        fuzz_assert(network_contains(&networks.networks[i],
                                                     &networks.networks[i].address));
        }
        networks_clear(&networks);
        free(text);
        return 0;
}
