/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The text of SSH_CONNECTION.
 *
 * Relies on: ssh(1), ENVIRONMENT; sshd's ssh_remote_ipaddr() (packet.c), which says UNKNOWN and
 * port 65535 if the connection is no IP socket (sshd -i on a pipe or a vsock).
 * Does not: trust the text, because with pam_env's user_readenv a user may have written it.
 */

#include "net/sshconnection.h"

#include "base/number.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

/* An address, '%', a link's name, NUL */
#define SSHCONNECTION_FIELD_MAX (ADDRESS_TEXT_MAX + IF_NAMESIZE)

enum {
        SSHCONNECTION_REMOTE_ADDRESS,
        SSHCONNECTION_REMOTE_PORT,
        SSHCONNECTION_LOCAL_ADDRESS,
        SSHCONNECTION_LOCAL_PORT,
        SSHCONNECTION_FIELDS,
};

/* Cut the text into its fields, one space between each. */
static int sshconnection_split(const char *text,
                               char fields[SSHCONNECTION_FIELDS][SSHCONNECTION_FIELD_MAX]) {
        for (int i = 0; i < SSHCONNECTION_FIELDS; i++) {
                bool is_last = i == SSHCONNECTION_FIELDS - 1;
                size_t size = 0;

                while (size < SSHCONNECTION_FIELD_MAX && text[size] && text[size] != ' ')
                        size++;
                if (size >= SSHCONNECTION_FIELD_MAX || text[size] != (is_last ? '\0' : ' '))
                        return -EINVAL;
                memcpy(fields[i], text, size);
                fields[i][size] = '\0';
                text += size + 1;
        }
        return 0;
}

static int sshconnection_endpoint(const char *address, const char *port,
                                  struct endpoint *ret_endpoint) {
        struct endpoint endpoint = { 0 };
        uint64_t number;

        if (address_parse(address, &endpoint.address) < 0 ||
            number_parse(port, strlen(port), 10, UINT16_MAX, &number) < 0 || !number)
                return -EINVAL;
        endpoint.port = (uint16_t)number;

        *ret_endpoint = endpoint;
        return 0;
}

/**
 * sshconnection_parse() - read the value of SSH_CONNECTION
 * @text:               hostile text
 * @ret_connection:     both ends, which have one family; local is this host
 *
 * Return: 0, SSHCONNECTION_E_UNKNOWN, or -EINVAL if it is not what sshd writes.
 */
int sshconnection_parse(const char *text, struct connection *ret_connection) {
        char fields[SSHCONNECTION_FIELDS][SSHCONNECTION_FIELD_MAX];
        struct connection connection = { 0 };
        int r;

        r = sshconnection_split(text, fields);
        if (r < 0)
                return r;

        if (strcmp(fields[SSHCONNECTION_REMOTE_ADDRESS], "UNKNOWN") == 0)
                return SSHCONNECTION_E_UNKNOWN;

        r = sshconnection_endpoint(fields[SSHCONNECTION_REMOTE_ADDRESS],
                                   fields[SSHCONNECTION_REMOTE_PORT], &connection.remote);
        if (r < 0)
                return r;
        r = sshconnection_endpoint(fields[SSHCONNECTION_LOCAL_ADDRESS],
                                   fields[SSHCONNECTION_LOCAL_PORT], &connection.local);
        if (r < 0)
                return r;
        if (connection.local.address.family != connection.remote.address.family)
                return -EINVAL;

        *ret_connection = connection;
        return 0;
}
