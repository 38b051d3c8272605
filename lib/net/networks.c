/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A list of networks from the command line: CIDR[,CIDR...].
 */

#include "net/networks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NETWORKS_BETWEEN ", \t\n"
#define NETWORKS_TEXT_MAX 64

/**
 * networks_parse() - read a list
 * @text:               networks with commas or blanks between; "" is none
 * @ret_networks:       them; to be given to networks_clear()
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int networks_parse(const char *text, struct networks *ret_networks) {
        struct networks made = { .n = 0 };
        char one[NETWORKS_TEXT_MAX];

        /* each has a byte at least, and one between */
        made.networks = calloc(strlen(text) / 2 + 1, sizeof(*made.networks));
        if (!made.networks)
                return -ENOMEM;
        for (text += strspn(text, NETWORKS_BETWEEN); *text;
             text += strspn(text, NETWORKS_BETWEEN)) {
                size_t size = strcspn(text, NETWORKS_BETWEEN);

                if (size < sizeof(one)) {
                        memcpy(one, text, size);
                        one[size] = '\0';
                }
                if (size >= sizeof(one) || network_parse(one, &made.networks[made.n++]) < 0) {
                        free(made.networks);
                        return -EINVAL;
                }
                text += size;
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
