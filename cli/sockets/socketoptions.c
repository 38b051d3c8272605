/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The options of pam_traffic sockets.
 *
 * Owns: the options, and the columns if the admin names none.
 */

#include "socketoptions.h"

#include "base/base.h"
#include "cli/command.h"
#include "cli/shared/options.h"
#include "config.h"

#include <string.h>

#define SOCKETOPTIONS_SECONDS_MAX 86400
#define SOCKETOPTIONS_NO_COLUMN "is not the name of a column"
#define SOCKETOPTIONS_NO_NETWORK \
        "is not an address or a network such as 10.0.0.0/8 (the bits behind the prefix must be 0)"

static const char *socketoptions_by(const char *value, void *place) {
        static const enum socketrow_column keys[] = {
                SOCKETROW_USER,    SOCKETROW_UID,    SOCKETROW_PROGRAM,
                SOCKETROW_SESSION, SOCKETROW_REMOTE, SOCKETROW_PORT,
        };
        struct socketlist_wish *wish = place;

        wish->sums = true;
        for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
                if (!strcmp(socketrow_name(keys[i]), value)) {
                        wish->by = keys[i];
                        return NULL;
                }
        return "is not user, uid, program, session, remote or port";
}

static const char *socketoptions_columns(const char *value, void *place) {
        struct socketoptions *options = place;
        size_t n = 0;

        for (;;) {
                size_t size = strcspn(value, ",");

                if (n == SOCKETROW_COLUMNS ||
                    !socketrow_column_parse(value, size, &options->columns[n++]))
                        return SOCKETOPTIONS_NO_COLUMN;
                if (!value[size])
                        break;
                value += size + 1;
        }
        options->print.n_columns = n;
        return NULL;
}

static const char *socketoptions_exclude(const char *value, void *place) {
        struct socketoptions *options = place;

        networks_clear(&options->exclude);
        options->has_exclude = true;
        return networks_parse(value, &options->exclude) ? SOCKETOPTIONS_NO_NETWORK : NULL;
}

static const char *socketoptions_only(const char *value, void *place) {
        struct networks *only = place;

        networks_clear(only);
        return networks_parse(value, only) || !only->n ? SOCKETOPTIONS_NO_NETWORK : NULL;
}

static const char *socketoptions_port(const char *value, void *place) {
        struct socketlist_wish *wish = place;
        uint64_t number;

        if (number_parse(value, strlen(value), 10, UINT16_MAX, &number) < 0)
                return "is not a port number from 0 to 65535";
        wish->has_port = true;
        wish->port = (uint16_t)number;
        return NULL;
}

static const char *socketoptions_proto(const char *value, void *place) {
        struct socketlist_wish *wish = place;

        wish->protocol = !strcmp(value, "tcp") ? IPPROTO_TCP : IPPROTO_UDP;
        return strcmp(value, "tcp") && strcmp(value, "udp") ? "is not tcp or udp" : NULL;
}

static const char *socketoptions_sort(const char *value, void *place) {
        struct socketlist_wish *wish = place;

        wish->sorted = true;
        return socketrow_column_parse(value, strlen(value), &wish->sort) ? NULL
                                                                         : SOCKETOPTIONS_NO_COLUMN;
}

static const char *socketoptions_user(const char *value, void *place) {
        struct socketlist_wish *wish = place;

        wish->has_uid = true;
        return users_uid(value, &wish->uid) ? NULL : "is neither a user of this host nor a uid";
}

static const struct option_entry socketoptions_entries[] = {
        { "by", "KEY", "add up by: user, uid, program, session, remote or port",
          OPTION_CALL(struct socketoptions, wish, socketoptions_by) },
        OPTION_BYTES(struct socketoptions, print.exact),
        { "columns", "LIST", "these columns, in this order", .read = socketoptions_columns,
          .list = true },
        OPTION_CONFIG(struct socketoptions, config),
        { "count", "N", "with --watch: stop after N looks (default: never)",
          OPTION_NUMBER(struct socketoptions, count, 1, UINT32_MAX) },
        { "csv", NULL, "for spreadsheets: CSV, exact numbers",
          OPTION_FLAG(struct socketoptions, csv) },
        { "exclude", "LIST", "not these remote networks (default: as configured)",
          .read = socketoptions_exclude, .list = true },
        { "json", NULL, "for programs: JSON, exact numbers",
          OPTION_FLAG(struct socketoptions, json) },
        { "limit", "N", "the first N rows only",
          OPTION_NUMBER(struct socketoptions, wish.limit, 1, UINT32_MAX) },
        { "listen", NULL, "also sockets that listen, and wait for connections",
          OPTION_FLAG(struct socketoptions, wish.listen) },
        OPTION_NOHEADINGS(struct socketoptions, print.noheadings),
        { "only", "LIST", "only these remote networks",
          OPTION_CALL(struct socketoptions, only, socketoptions_only), .list = true },
        { "port", "N", "only this port, local or remote",
          OPTION_CALL(struct socketoptions, wish, socketoptions_port) },
        { "proto", "NAME", "this protocol only: tcp or udp",
          OPTION_CALL(struct socketoptions, wish, socketoptions_proto) },
        { "sort", "COLUMN", "sort by this (default: bytes in and out)",
          OPTION_CALL(struct socketoptions, wish, socketoptions_sort) },
        { "user", "NAME", "only this user's and of his SSH logins, by name or uid",
          OPTION_CALL(struct socketoptions, wish, socketoptions_user) },
        { "watch", "SECONDS", "what moved since the last look, again and again",
          OPTION_NUMBER(struct socketoptions, watch, 1, SOCKETOPTIONS_SECONDS_MAX) },
};

static const struct options socketoptions_table = {
        .command = "sockets",
        .operands = "",
        .sentence =
                "List this host's connections: whose they are, and what they moved as conntrack\n"
                "counts it. The one with the most bytes is the first.",
        .entries = socketoptions_entries,
        .n_entries = sizeof(socketoptions_entries) / sizeof(*socketoptions_entries),
        .notes =
                "Columns: user, uid, pid, program, session, proto, state, local, local_port,\n"
                "remote, remote_port, in_bytes, in_packets, out_bytes, out_packets, in_rate,\n"
                "out_rate, age, port, sockets, time. IN is towards the local end. LIST is a,b,c;\n"
                "networks are CIDR. What is not known is an empty cell, and null in JSON.\n"
                "\n"
                "SESSION is the SSH login that the socket's process belongs to, and ssh for a\n"
                "login's own connection (in JSON its id, and \"login\": true). Do not add the two\n"
                "up: what a login forwards is also inside its own connection.\n"
                "\n"
                "A flow without a socket has no user; its state is forwarded if neither end is on\n"
                "this host. So the sum of all rows is conntrack's. A connection with both ends\n"
                "on this host is counted at one end: in an SSH login, else where it was opened.\n"
                "A UDP socket without a remote end (*) has the sum of its flows.\n"
                "\n"
                "With --watch: bytes and packets since the last look, rates in bytes per second,\n"
                "only what moved. --json prints a line each time, --csv a column TIME.\n",
};

/* The columns where the admin named none. */
static void socketoptions_default_columns(struct socketoptions *options) {
        enum socketrow_column *columns = options->columns;
        bool people = !options->json && !options->csv;
        size_t n = 0;

        if (options->csv && options->watch)
                columns[n++] = SOCKETROW_TIME;
        if (options->wish.sums) {
                columns[n++] = options->wish.by;
                columns[n++] = SOCKETROW_SOCKETS;
        } else {
                for (enum socketrow_column i = SOCKETROW_USER; i <= SOCKETROW_REMOTE_PORT; i++)
                        if (!people || (i != SOCKETROW_UID && i != SOCKETROW_LOCAL_PORT &&
                                        i != SOCKETROW_REMOTE_PORT))
                                columns[n++] = i;
        }
        for (enum socketrow_column i = SOCKETROW_IN_BYTES; i <= SOCKETROW_OUT_RATE; i++)
                if (i >= SOCKETROW_IN_RATE
                            ? options->watch != 0
                            : !people || i == SOCKETROW_IN_BYTES || i == SOCKETROW_OUT_BYTES)
                        columns[n++] = i;
        if (!people && !options->wish.sums)
                columns[n++] = SOCKETROW_AGE;
        options->print.n_columns = n;
}

/**
 * socketoptions_read() - read the command line
 * @argc:               how many words
 * @argv:               the command's name, options
 * @options:            gets what was asked; to be given to socketoptions_clear() in any case
 *
 * Return: OPTIONS_GO, or the exit status to end with, after --help or a line on standard error.
 */
int socketoptions_read(int argc, char **argv, struct socketoptions *options) {
        int r;

        *options = (struct socketoptions){ .count = 0 };
        r = options_read(&socketoptions_table, argc, argv, options);
        if (r != OPTIONS_GO)
                return r;
        if (options->json && options->csv)
                return options_wrong(&socketoptions_table, "take either --json or --csv, not both");
        if (options->count && !options->watch)
                return options_wrong(&socketoptions_table, "--count needs --watch SECONDS");
        if (!options->print.n_columns)
                socketoptions_default_columns(options);
        options->print.columns = options->columns;
        return OPTIONS_GO;
}

/**
 * socketoptions_clear() - forget what was asked
 * @options:    it
 */
void socketoptions_clear(struct socketoptions *options) {
        networks_clear(&options->exclude);
        networks_clear(&options->only);
}
