/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The base chains of this project, in an opened table.
 *
 * Relies on: mangle INPUT sees addresses after DNAT, mangle OUTPUT before SNAT. These are the
 * addresses of the socket. A rule without a target counts a packet, and the packet goes on.
 */

#include "netfilter/chain.h"

#include "netfilter/forest.h"
#include "netfilter/tree.h"

enum { CHAIN_IN, CHAIN_OUT, CHAIN_COUNT };

static const struct {
        const char *name;
        const char *hook;
} chains[CHAIN_COUNT] = {
        [CHAIN_IN] = { "PAM_TRAFFIC_IN", "INPUT" },
        [CHAIN_OUT] = { "PAM_TRAFFIC_OUT", "OUTPUT" },
};

/* Make a chain, and the one jump to it, where they are missing. */
static int chain_setup_one(struct iptable *table, size_t i, bool *ret_made) {
        unsigned int position;
        struct counter counter;
        struct rule jump;

        if (!iptable_has_chain(table, chains[i].name)) {
                int r = iptable_create_chain(table, chains[i].name);

                if (r < 0)
                        return r;
                *ret_made = true;
        }

        /* In front: a verdict of somebody else's before it would hide packets. A second jump
         * would count each packet twice. */
        rule_jump(table->family, chains[i].name, &jump);
        if (rule_find(table, chains[i].hook, &jump, 0, &position, &counter))
                return rule_delete(table, chains[i].hook, &jump, position + 1);
        *ret_made = true;
        return iptable_prepend(table, chains[i].hook, jump.bytes);
}

/* Make the base chains where they are missing. A jump that is there stays where it is, also when
 * somebody has put rules before it. */
static int chain_setup_base(struct iptable *table, bool *ret_made) {
        unsigned int position;
        struct counter counter;
        struct rule keeper;
        bool made = false;
        int r;

        for (size_t i = 0; i < CHAIN_COUNT; i++) {
                r = chain_setup_one(table, i, &made);
                if (r < 0)
                        return r;
        }

        rule_keeper(table->family, &keeper);
        if (!rule_find(table, chains[CHAIN_IN].name, &keeper, 0, &position, &counter)) {
                r = iptable_prepend(table, chains[CHAIN_IN].name, keeper.bytes);
                if (r < 0)
                        return r;
                made = true;
        }

        *ret_made = made;
        return 0;
}

/**
 * chain_setup() - make the base chains where they are missing, and put right what is below them
 * @table:      the table
 * @ret_made:   whether anything of the base was missing
 *
 * Return: 0, or a negative errno.
 */
int chain_setup(struct iptable *table, bool *ret_made) {
        bool made;
        int r = chain_setup_base(table, &made);

        if (!r)
                r = forest_repair(table);
        if (!r)
                *ret_made = made;
        return r;
}

/**
 * chain_look() - see what there is of the base, and change nothing
 * @table:      the table
 * @ret_look:   what there is
 */
void chain_look(struct iptable *table, struct chain_look *ret_look) {
        struct chain_look look = { .complete = true };
        struct counter counter, seen[CHAIN_COUNT] = { 0 };
        unsigned int position;
        struct rule rule;

        for (size_t i = 0; i < CHAIN_COUNT; i++) {
                if (!iptable_has_chain(table, chains[i].name)) {
                        look.complete = false;
                        continue;
                }
                look.there = true;
                rule_jump(table->family, chains[i].name, &rule);
                if (!rule_find(table, chains[i].hook, &rule, 0, &position, &seen[i]))
                        look.complete = false;
        }
        rule_keeper(table->family, &rule);
        if (look.complete &&
            !rule_find(table, chains[CHAIN_IN].name, &rule, 0, &position, &counter))
                look.complete = false;
        look.seen = (struct traffic){ .in = seen[CHAIN_IN], .out = seen[CHAIN_OUT] };
        *ret_look = look;
}

static int chain_teardown_one(struct iptable *table, size_t i) {
        struct rule rule;
        int r;

        if (!iptable_has_chain(table, chains[i].name))
                return 0;

        rule_keeper(table->family, &rule);
        r = rule_delete(table, chains[i].name, &rule, 0);
        if (r < 0)
                return r;
        if (table->family->first_rule(chains[i].name, table->handle))
                return 0;

        rule_jump(table->family, chains[i].name, &rule);
        r = rule_delete(table, chains[i].hook, &rule, 0);
        if (r < 0)
                return r;
        if (iptable_is_referenced(table, chains[i].name))
                return 0;
        return iptable_delete_chain(table, chains[i].name);
}

/**
 * chain_teardown() - take away all rules of ours, the jumps and the chains
 * @table:      the table
 *
 * A rule of somebody else's in one of our chains goes on working: then that chain and the jump to
 * it stay. So does an empty chain to which somebody else jumps.
 *
 * Return: 0, or a negative errno.
 */
int chain_teardown(struct iptable *table) {
        int r = forest_teardown(table);

        for (size_t i = 0; r >= 0 && i < CHAIN_COUNT; i++)
                r = chain_teardown_one(table, i);
        return r;
}

/**
 * chain_count_port() - count what a local port moves, and make the base chains, where it is missing
 * @table:      the table
 * @port:       the port
 * @ret_made:   what was missing
 *
 * Return: 0, or a negative errno.
 */
int chain_count_port(struct iptable *table, uint16_t port, struct backend_made *ret_made) {
        unsigned int in = table->family->family == AF_INET ? PORT_IN4 : PORT_IN6;
        struct backend_made made = { 0 };
        bool in_made, out_made;
        int r;

        r = chain_setup_base(table, &made.base);
        if (!r)
                r = treechain_count_port(table, false, port, &in_made);
        if (!r)
                r = treechain_count_port(table, true, port, &out_made);
        if (r < 0)
                return r;
        made.ports = (unsigned int)in_made << in | (unsigned int)out_made << (in + 1);
        *ret_made = made;
        return 0;
}

/**
 * chain_add() - add the two rules of a connection, and what leads to them, where they are missing
 * @table:      the table
 * @connection: the connection, of the table's family
 * @ret_made:   what of the base, and of the counters of the local port, was missing
 *
 * Return: 0, or a negative errno.
 */
int chain_add(struct iptable *table, const struct connection *connection,
              struct backend_made *ret_made) {
        struct backend_made made = { 0 };
        int r;

        r = chain_count_port(table, connection->local.port, &made);
        if (!r)
                r = tree_add(table, false, connection);
        if (!r)
                r = tree_add(table, true, connection);
        if (!r)
                *ret_made = made;
        return r;
}

/**
 * chain_has() - tell whether there is any rule of a connection
 * @table:      the table
 * @connection: the connection, of the table's family
 *
 * Return: true if there is one, of either way.
 */
bool chain_has(struct iptable *table, const struct connection *connection) {
        struct counter counter;

        return tree_find(table, false, connection, &counter) ||
               tree_find(table, true, connection, &counter);
}

/**
 * chain_read() - read the counters of the two rules of a connection
 * @table:              the table
 * @connection:         the connection, of the table's family
 * @ret_traffic:        the counters
 *
 * Return: 0, CHAIN_E_NOT_FOUND if one of the two is missing.
 */
int chain_read(struct iptable *table, const struct connection *connection,
               struct traffic *ret_traffic) {
        struct traffic traffic;

        if (!tree_find(table, false, connection, &traffic.in) ||
            !tree_find(table, true, connection, &traffic.out))
                return CHAIN_E_NOT_FOUND;
        *ret_traffic = traffic;
        return 0;
}

/**
 * chain_remove() - remove the two rules of a connection
 * @table:              the table
 * @connection:         the connection, of the table's family
 * @ret_traffic:        their counters, 0 for one that was missing
 *
 * Return: 0, CHAIN_E_NOT_FOUND if both are missing, or a negative errno.
 */
int chain_remove(struct iptable *table, const struct connection *connection,
                 struct traffic *ret_traffic) {
        struct traffic traffic = { 0 };
        int in, out;

        in = tree_remove(table, false, connection, &traffic.in);
        if (in < 0)
                return in;
        out = tree_remove(table, true, connection, &traffic.out);
        if (out < 0)
                return out;
        if (in && out)
                return CHAIN_E_NOT_FOUND;

        *ret_traffic = traffic;
        return 0;
}
