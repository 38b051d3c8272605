/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The functions of lib/netfilter as a command, for the scripts of this folder.
 *
 * Owns: nothing; prints the result's name, then what was handed out. Exit status 0 if the function
 * gave a result at all, also one that is an error: the script compares what is printed.
 */

#include "base/clock.h"
#include "base/number.h"
#include "helper/modules.h"
#include "netfilter/changes.h"
#include "netfilter/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <stdio.h>
#include <string.h>

#define TOOL_WAIT (10 * CLOCK_SECOND)

struct tool {
        int argc;
        char **argv;
        struct connection connection;
        uint64_t deadline;
        struct backend *backend;
};

static const char *const tool_backend_names[] = {
        [0] = "OK",
        [BACKEND_E_UNAVAILABLE] = "UNAVAILABLE",
        [BACKEND_E_BUSY] = "BUSY",
        [BACKEND_E_NOT_FOUND] = "NOT_FOUND",
        [BACKEND_E_UNKNOWN] = "UNKNOWN",
};

static const char *const tool_conntrack_names[] = {
        [0] = "OK",
        [CONNTRACK_E_NOT_FOUND] = "NOT_FOUND",
        [CONNTRACK_E_UNAVAILABLE] = "UNAVAILABLE",
};

static const char *const tool_modules_names[] = {
        [0] = "OK",
        [MODULES_E_DISABLED] = "DISABLED",
};

static const char *const tool_closer_names[] = {
        [CONNTRACK_CLOSER_UNKNOWN] = "unknown",
        [CONNTRACK_CLOSER_REMOTE] = "remote",
        [CONNTRACK_CLOSER_LOCAL] = "local",
};

static const char *const tool_tcp_names[TCP_CONNTRACK_MAX] = {
        [TCP_CONNTRACK_ESTABLISHED] = "ESTABLISHED", [TCP_CONNTRACK_FIN_WAIT] = "FIN_WAIT",
        [TCP_CONNTRACK_CLOSE_WAIT] = "CLOSE_WAIT",   [TCP_CONNTRACK_LAST_ACK] = "LAST_ACK",
        [TCP_CONNTRACK_TIME_WAIT] = "TIME_WAIT",     [TCP_CONNTRACK_CLOSE] = "CLOSE",
};

static void tool_result(const char *const *names, int r) {
        (void)printf("%s", r < 0 ? strerrorname_np(-r) : names[r]);
}

static void tool_traffic(const struct traffic *traffic) {
        (void)printf(" %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, traffic->in.bytes,
                     traffic->in.packets, traffic->out.bytes, traffic->out.packets);
}

static uint64_t tool_number(const char *text) {
        uint64_t number;

        if (number_parse(text, strlen(text), 10, UINT32_MAX, &number) < 0) {
                (void)fprintf(stderr, "nf_tool: not a number: %s\n", text);
                exit(2);
        }
        return number;
}

static void tool_endpoint(const char *address, const char *port, struct endpoint *ret) {
        *ret = (struct endpoint){ .port = (uint16_t)tool_number(port) };
        ret->address.family = strchr(address, ':') ? AF_INET6 : AF_INET;
        if (inet_pton(ret->address.family, address, ret->address.bytes) != 1) {
                (void)fprintf(stderr, "nf_tool: not an address: %s\n", address);
                exit(2);
        }
}

static void tool_setup(struct tool *tool) {
        bool made;

        tool_result(tool_backend_names,
                    tool->backend->changes->setup(tool->backend, tool->deadline, &made));
}

static void tool_teardown(struct tool *tool) {
        tool_result(tool_backend_names,
                    tool->backend->changes->teardown(tool->backend, tool->deadline));
}

static void tool_add(struct tool *tool) {
        struct backend_made made;
        int r = tool->backend->changes->add(tool->backend, &tool->connection, false, tool->deadline,
                                            &made);

        tool_result(tool_backend_names, r);
        if (!r)
                (void)printf(" %s", made.base ? "made" : "kept");
}

static void tool_count_port(struct tool *tool) {
        struct backend_made made;
        int r = tool->backend->changes->count_port(tool->backend,
                                                   (uint16_t)tool_number(tool->argv[0]),
                                                   tool->deadline, &made);

        tool_result(tool_backend_names, r);
        if (!r)
                (void)printf(" %s %u", made.base ? "made" : "kept", made.ports);
}

/* The counters of all local ports, a line for each. */
static void tool_ports(struct tool *tool) {
        _cleanup_(snapshot_freep) struct backend_snapshot *snapshot = NULL;
        const struct backend_port *ports;
        size_t n;
        int r = tool->backend->operations->snapshot(tool->backend, tool->deadline, &snapshot);

        tool_result(tool_backend_names, r);
        if (r)
                return;
        (void)printf(" %u", snapshot_counters(snapshot));
        ports = snapshot_ports(snapshot, &n);
        for (size_t i = 0; i < n; i++) {
                (void)printf("\n%" PRIu16, ports[i].port);
                for (size_t k = 0; k < PORT_COUNTERS; k++) {
                        const struct counter *c = &ports[i].counters[k].counter;

                        (void)printf(ports[i].counters[k].known ? " %" PRIu64 "/%" PRIu64 : " -",
                                     c->bytes, c->packets);
                }
        }
}

static void tool_read(struct tool *tool) {
        struct traffic traffic;
        int r = tool->backend->operations->read(tool->backend, &tool->connection, tool->deadline,
                                                &traffic);

        tool_result(tool_backend_names, r);
        if (!r)
                tool_traffic(&traffic);
}

static void tool_remove(struct tool *tool) {
        struct traffic traffic;
        int r = tool->backend->changes->remove(tool->backend, &tool->connection, tool->deadline,
                                               &traffic);

        tool_result(tool_backend_names, r);
        if (!r)
                tool_traffic(&traffic);
}

/* Take one snapshot and look for many connections, that differ in the remote port, in it: a line
 * for each that is found. */
static void tool_snapshot(struct tool *tool) {
        _cleanup_(snapshot_freep) struct backend_snapshot *snapshot = NULL;
        uint64_t count = tool_number(tool->argv[0]);
        struct connection connection = tool->connection;
        uint64_t start = clock_now(CLOCK_MONOTONIC), taken;
        int r;

        r = tool->backend->operations->snapshot(tool->backend, tool->deadline, &snapshot);
        taken = clock_now(CLOCK_MONOTONIC);
        tool_result(tool_backend_names, r);
        if (r)
                return;

        for (uint64_t i = 0; i < count; i++) {
                struct traffic traffic;

                connection.remote.port = (uint16_t)(tool->connection.remote.port + i);
                if (!snapshot_find(snapshot, &connection, &traffic))
                        continue;
                (void)printf("\n%" PRIu16, connection.remote.port);
                tool_traffic(&traffic);
        }
        (void)fprintf(stderr, "taken in %" PRIu64 " us, searched in %" PRIu64 " us\n",
                      taken - start, clock_now(CLOCK_MONOTONIC) - taken);
}

/* Add the rules of many connections, that differ in the remote port, as fast as it goes; with
 * "remove", every second is removed again. */
static void tool_churn(struct tool *tool) {
        uint64_t rounds = tool_number(tool->argv[0]);
        bool remove = strcmp(tool->argv[1], "remove") == 0;
        struct connection connection = tool->connection;

        for (uint64_t i = 0; i < rounds; i++) {
                struct traffic traffic;
                struct backend_made made;
                int r;

                connection.remote.port = (uint16_t)(tool->connection.remote.port + i);
                r = tool->backend->changes->add(tool->backend, &connection, false,
                                                clock_now(CLOCK_MONOTONIC) + 6 * TOOL_WAIT, &made);
                if (!r && remove && i % 2)
                        r = tool->backend->changes->remove(tool->backend, &connection,
                                                           clock_now(CLOCK_MONOTONIC) +
                                                                   6 * TOOL_WAIT,
                                                           &traffic);
                if (r) {
                        tool_result(tool_backend_names, r);
                        (void)printf(" in round %" PRIu64, i);
                        return;
                }
        }
        tool_result(tool_backend_names, 0);
}

/* Add and remove the rules of many connections in an order that is none, each once; two addresses
 * share each port. The seed is fixed: a failure can be had again. */
static void tool_shuffle(struct tool *tool) {
        uint64_t count = tool_number(tool->argv[0]), seed = 1;
        uint8_t *last = &tool->connection.remote.address
                                 .bytes[tool->connection.remote.address.family == AF_INET ? 3 : 15];
        struct connection connection = tool->connection;
        _cleanup_(freep) uint8_t *steps = calloc(count, 1);
        uint8_t first = *last;

        for (uint64_t left = 2 * count; steps && left > 0;) {
                uint64_t i, deadline = clock_now(CLOCK_MONOTONIC) + TOOL_WAIT;
                struct traffic traffic;
                struct backend_made made;
                int r;

                seed = seed * 6364136223846793005 + 1442695040888963407;
                i = (seed >> 33) % count;
                if (steps[i] == 2)
                        continue;
                *last = (uint8_t)(first + i % 2);
                connection = tool->connection;
                connection.remote.port = (uint16_t)(connection.remote.port + i / 2 * 27 % 28232);
                r = steps[i] ? tool->backend->changes->remove(tool->backend, &connection, deadline,
                                                              &traffic)
                             : tool->backend->changes->add(tool->backend, &connection, true,
                                                           deadline, &made);
                if (r) {
                        tool_result(tool_backend_names, r);
                        (void)printf(" %" PRIu16 " with %" PRIu64 " left", connection.remote.port,
                                     left);
                        return;
                }
                steps[i]++;
                left--;
        }
        tool_result(tool_backend_names, steps ? 0 : -ENOMEM);
}

static int tool_conntrack_get(struct tool *tool, struct conntrack_entry *ret_entry) {
        _cleanup_(conntrack_freep) struct conntrack *conntrack = NULL;
        int r = conntrack_new(&conntrack);

        return r ? r : conntrack_get(conntrack, &tool->connection, ret_entry);
}

static void tool_conntrack(struct tool *tool) {
        struct conntrack_entry entry;
        int r = tool_conntrack_get(tool, &entry);

        tool_result(tool_conntrack_names, r);
        if (!r && entry.has_counters)
                tool_traffic(&entry.traffic);
        else if (!r)
                (void)printf(" uncounted");
}

static void tool_state(struct tool *tool) {
        struct conntrack_entry entry;
        int r = tool_conntrack_get(tool, &entry);

        tool_result(tool_conntrack_names, r);
        if (!r)
                (void)printf(" %s id=%" PRIu32, conntrack_entry_ended(&entry) ? "ended" : "open",
                             entry.id);
}

static void tool_closer(struct tool *tool) {
        struct conntrack_entry entry = { 0 };
        int r = tool_conntrack_get(tool, &entry);
        const char *state =
                entry.tcp_state < TCP_CONNTRACK_MAX ? tool_tcp_names[entry.tcp_state] : NULL;

        tool_result(tool_conntrack_names, r);
        if (!r)
                (void)printf(" %s %s", tool_closer_names[entry.closer], state ? state : "other");
}

static void tool_accounting(struct tool *tool) {
        _cleanup_(fd_closep) int proc_fd = open(tool->argv[0], O_DIRECTORY | O_CLOEXEC);
        bool on;
        int r = conntrack_sysctl_accounting(proc_fd, &on);

        tool_result(tool_conntrack_names, r);
        if (!r)
                (void)printf(" %s", on ? "on" : "off");
}

static void tool_account(struct tool *tool) {
        _cleanup_(fd_closep) int proc_fd = open(tool->argv[0], O_DIRECTORY | O_CLOEXEC);

        tool_result(tool_conntrack_names,
                    conntrack_sysctl_set_accounting(proc_fd, strcmp(tool->argv[1], "on") == 0));
}

static void tool_modules(struct tool *tool) {
        _cleanup_(fd_closep) int proc_fd = open(tool->argv[0], O_DIRECTORY | O_CLOEXEC);

        tool_result(tool_modules_names, modules_load(proc_fd, tool->deadline));
}

static const struct {
        const char *name;
        void (*run)(struct tool *tool);
        bool backend;
        bool connection; /* LOCAL PORT REMOTE PORT come first */
        int arguments;
} tool_commands[] = {
        { "setup", tool_setup, true, false, 0 },
        { "count_port", tool_count_port, true, false, 1 },
        { "ports", tool_ports, true, false, 0 },
        { "teardown", tool_teardown, true, false, 0 },
        { "add", tool_add, true, true, 0 },
        { "read", tool_read, true, true, 0 },
        { "remove", tool_remove, true, true, 0 },
        { "snapshot", tool_snapshot, true, true, 1 },
        { "churn", tool_churn, true, true, 2 },
        { "shuffle", tool_shuffle, true, true, 1 },
        { "conntrack", tool_conntrack, false, true, 0 },
        { "state", tool_state, false, true, 0 },
        { "closer", tool_closer, false, true, 0 },
        { "accounting", tool_accounting, false, false, 1 },
        { "account", tool_account, false, false, 2 },
        { "modules", tool_modules, false, false, 1 },
};

/* nf_tool [-b BACKEND] [-w MILLISECONDS] COMMAND [LOCAL PORT REMOTE PORT] [ARGUMENT ...] */
int main(int argc, char **argv) {
        _cleanup_(backend_freep) struct backend *backend = NULL;
        struct tool tool = { .deadline = clock_now(CLOCK_MONOTONIC) + TOOL_WAIT };
        const char *name = "iptables";
        int c;

        while ((c = getopt(argc, argv, "+b:w:")) != -1) {
                if (c == 'b')
                        name = optarg;
                else if (c == 'w')
                        tool.deadline = clock_now(CLOCK_MONOTONIC) + tool_number(optarg) * 1000;
                else
                        return 2;
        }

        for (size_t i = 0; i < sizeof(tool_commands) / sizeof(*tool_commands); i++) {
                int used = tool_commands[i].connection ? 5 : 1;

                if (optind >= argc || strcmp(argv[optind], tool_commands[i].name) != 0)
                        continue;
                if (argc - optind != used + tool_commands[i].arguments)
                        break;

                if (tool_commands[i].connection) {
                        tool_endpoint(argv[optind + 1], argv[optind + 2], &tool.connection.local);
                        tool_endpoint(argv[optind + 3], argv[optind + 4], &tool.connection.remote);
                }
                tool.argc = argc - optind - used;
                tool.argv = argv + optind + used;
                if (tool_commands[i].backend) {
                        int r = backend_new(name, &backend);

                        if (r) {
                                tool_result(tool_backend_names, r);
                                (void)printf("\n");
                                return 0;
                        }
                        tool.backend = backend;
                }
                tool_commands[i].run(&tool);
                (void)printf("\n");
                return 0;
        }

        (void)fprintf(stderr, "nf_tool: wrong usage\n");
        return 2;
}
