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

#include <getopt.h>
#include <string.h>

#define SOCKETOPTIONS_SECONDS_MAX 86400

enum {
        SOCKETS_BY = 1,
        SOCKETS_BYTES,
        SOCKETS_COLUMNS,
        SOCKETS_CONFIG,
        SOCKETS_COUNT,
        SOCKETS_CSV,
        SOCKETS_EXCLUDE,
        SOCKETS_JSON,
        SOCKETS_LIMIT,
        SOCKETS_LISTEN,
        SOCKETS_NOHEADINGS,
        SOCKETS_ONLY,
        SOCKETS_PORT,
        SOCKETS_PROTO,
        SOCKETS_SORT,
        SOCKETS_USER,
        SOCKETS_WATCH,
};

static const struct option_entry socketoptions_entries[] = {
        { SOCKETS_BY, "by", "KEY", "sums: user, uid, program, session, remote or port" },
        { SOCKETS_BYTES, "bytes", NULL, "exact numbers of bytes, not 4.7K (1K is 1024 bytes)" },
        { SOCKETS_COLUMNS, "columns", "LIST", "these columns, in this order" },
        { SOCKETS_CONFIG, "config", "PATH", "configuration (default: " PATH_CONFIG ")" },
        { SOCKETS_COUNT, "count", "N", "with --watch: so many times (default: no end)" },
        { SOCKETS_CSV, "csv", NULL, "for spreadsheets: CSV, exact numbers" },
        { SOCKETS_EXCLUDE, "exclude", "LIST",
          "not these remote networks (default: as configured)" },
        { SOCKETS_JSON, "json", NULL, "for programs: JSON, exact numbers" },
        { SOCKETS_LIMIT, "limit", "N", "the first N rows only" },
        { SOCKETS_LISTEN, "listen", NULL, "also sockets that wait for others" },
        { SOCKETS_NOHEADINGS, "noheadings", NULL, "no line with the columns' names" },
        { SOCKETS_ONLY, "only", "LIST", "only these remote networks" },
        { SOCKETS_PORT, "port", "N", "only this port, local or remote" },
        { SOCKETS_PROTO, "proto", "NAME", "this protocol only: tcp or udp" },
        { SOCKETS_SORT, "sort", "COLUMN", "sort by this (default: by all bytes)" },
        { SOCKETS_USER, "user", "NAME", "only this user's, by name or uid" },
        { SOCKETS_WATCH, "watch", "SECONDS", "what moved since the last look, again and again" },
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
                "A flow without a socket is shown without a user, forwarded if neither end is\n"
                "here: the sum of all rows is conntrack's. A connection with both ends here is\n"
                "counted at one: in an SSH login, else where it was opened. A UDP socket without\n"
                "a remote end (*) has the sum of its flows.\n"
                "\n"
                "With --watch: bytes and packets since the last look, rates in bytes per second,\n"
                "only what moved. --json prints a line each time, --csv a column TIME.\n",
};

static bool socketoptions_columns_parse(struct socketoptions *options, const char *text) {
        size_t n = 0;

        for (;;) {
                size_t size = strcspn(text, ",");

                if (n == SOCKETROW_COLUMNS ||
                    !socketrow_column_parse(text, size, &options->columns[n++]))
                        return false;
                if (!text[size])
                        break;
                text += size + 1;
        }
        options->print.n_columns = n;
        return true;
}

static bool socketoptions_key_parse(const char *text, enum socketrow_column *ret_column) {
        static const enum socketrow_column keys[] = {
                SOCKETROW_USER,    SOCKETROW_UID,    SOCKETROW_PROGRAM,
                SOCKETROW_SESSION, SOCKETROW_REMOTE, SOCKETROW_PORT,
        };

        for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
                if (!strcmp(socketrow_name(keys[i]), text)) {
                        *ret_column = keys[i];
                        return true;
                }
        return false;
}

static bool socketoptions_number(const char *text, uint64_t least, uint64_t most,
                                 uint64_t *ret_number) {
        uint64_t number;

        if (number_parse(text, strlen(text), 10, most, &number) < 0 || number < least)
                return false;
        *ret_number = number;
        return true;
}

/* One option; false: its value is none. */
static bool socketoptions_option(struct socketoptions *options, int id, const char *value) {
        struct socketlist_wish *wish = &options->wish;
        uint64_t number = 0;
        bool good = true;

        switch (id) {
        case SOCKETS_BY:
                wish->sums = true;
                return socketoptions_key_parse(value, &wish->by);
        case SOCKETS_BYTES:
                options->print.exact = true;
                break;
        case SOCKETS_COLUMNS:
                return socketoptions_columns_parse(options, value);
        case SOCKETS_CONFIG:
                options->config = value;
                break;
        case SOCKETS_COUNT:
                return socketoptions_number(value, 1, UINT32_MAX, &options->count);
        case SOCKETS_CSV:
                options->csv = true;
                break;
        case SOCKETS_EXCLUDE:
                networks_clear(&options->exclude);
                options->has_exclude = true;
                return networks_parse(value, &options->exclude) == 0;
        case SOCKETS_JSON:
                options->json = true;
                break;
        case SOCKETS_LIMIT:
                return socketoptions_number(value, 1, UINT32_MAX, &wish->limit);
        case SOCKETS_LISTEN:
                wish->listen = true;
                break;
        case SOCKETS_NOHEADINGS:
                options->print.headings = false;
                break;
        case SOCKETS_ONLY:
                networks_clear(&options->only);
                return networks_parse(value, &options->only) == 0 && options->only.n;
        case SOCKETS_PORT:
                good = socketoptions_number(value, 0, UINT16_MAX, &number);
                wish->has_port = true;
                wish->port = (uint16_t)number;
                break;
        case SOCKETS_PROTO:
                wish->protocol = !strcmp(value, "tcp") ? IPPROTO_TCP : IPPROTO_UDP;
                return !strcmp(value, "tcp") || !strcmp(value, "udp");
        case SOCKETS_SORT:
                wish->sorted = true;
                return socketrow_column_parse(value, strlen(value), &wish->sort);
        case SOCKETS_USER:
                wish->has_uid = true;
                return users_uid(value, &wish->uid);
        case SOCKETS_WATCH:
                return socketoptions_number(value, 1, SOCKETOPTIONS_SECONDS_MAX, &options->watch);
        default:
                break;
        }
        return good;
}

static void socketoptions_choose(struct socketoptions *options,
                                 const enum socketrow_column *columns, size_t n) {
        (void)memcpy(options->columns, columns, n * sizeof(*columns));
        options->print.n_columns = n;
}

/* The columns where the admin named none. */
static void socketoptions_default_columns(struct socketoptions *options) {
        enum socketrow_column columns[SOCKETROW_COLUMNS];
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
        socketoptions_choose(options, columns, n);
}

/**
 * socketoptions_read() - read the command line
 * @argc:               how many words
 * @argv:               the command's name, options
 * @ret_options:        what was asked, to be given to socketoptions_clear() in any case
 * @ret_done:           whether that was the help, and it was printed
 *
 * Return: EXIT_DONE, or EXIT_USAGE after a line on standard error.
 */
int socketoptions_read(int argc, char **argv, struct socketoptions *ret_options, bool *ret_done) {
        struct socketoptions *options = ret_options;
        const char *value = NULL;
        int id;

        *options = (struct socketoptions){ .print = { .headings = true } };
        *ret_done = false;
        while ((id = options_next(&socketoptions_table, argc, argv, &value)) > 0)
                if (!socketoptions_option(options, id, value))
                        return options_wrong(&socketoptions_table, "value not known", value);
        *ret_done = id == OPTIONS_HELP;
        if (id < 0)
                return id == OPTIONS_HELP ? EXIT_DONE : EXIT_USAGE;
        if (optind < argc)
                return options_wrong(&socketoptions_table, "not an option", argv[optind]);
        if (options->json && options->csv)
                return options_wrong(&socketoptions_table, "either --json or --csv", NULL);
        if (options->count && !options->watch)
                return options_wrong(&socketoptions_table, "--count is for --watch", NULL);
        if (!options->print.n_columns)
                socketoptions_default_columns(options);
        options->print.columns = options->columns;
        return EXIT_DONE;
}

/**
 * socketoptions_clear() - forget what was asked
 * @options:    it
 */
void socketoptions_clear(struct socketoptions *options) {
        networks_clear(&options->exclude);
        networks_clear(&options->only);
}
