/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A list of networks from the command line: CIDR[,CIDR...].
 */

#include "net/networks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NETWORKS_TEXT_MAX 64

/**
 * networks_parse() - read a list
 * @text:               networks between commas; "" is none
 * @ret_networks:       them; to be given to networks_clear()
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int networks_parse(const char *text, struct networks *ret_networks) {
        struct networks made = { .n = 0 };
        char one[NETWORKS_TEXT_MAX];
        size_t n = 1;

        for (const char *at = text; *at; at++)
                n += *at == ',';
        made.networks = calloc(n, sizeof(*made.networks));
        if (!made.networks)
                return -ENOMEM;
        while (*text) {
                size_t size = strcspn(text, ",");

                if (size < sizeof(one)) {
                        memcpy(one, text, size);
                        one[size] = '\0';
                }
                /* no comma at the end either */
                if (size >= sizeof(one) || network_parse(one, &made.networks[made.n++]) < 0 ||
                    (text[size] && !text[size + 1])) {
                        free(made.networks);
                        return -EINVAL;
                }
                text += size + !!text[size];
        }
        *ret_networks = made;
        return 0;
}

/**
 * networks_clear() - forget a list
 * @networks:   the list
 */
void networks_clear(struct networks *networks) {
        free(networks->networks);
        *networks = (struct networks){ .n = 0 };
}
