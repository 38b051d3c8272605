/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The chains of this project, in an opened table.
 *
 * Relies on: mangle INPUT sees addresses after DNAT, mangle OUTPUT before SNAT: those that the
 * socket has. A rule without a target counts and lets the packet go on.
 */

#include "netfilter/chain.h"

#include "netfilter/rule.h"

#include <string.h>

#define CHAIN_KEEP "PAM_TRAFFIC_KEEP"

enum { CHAIN_IN, CHAIN_OUT, CHAIN_COUNT };

static const struct {
        const char *name;
        const char *hook;
} chains[CHAIN_COUNT] = {
        [CHAIN_IN] = { "PAM_TRAFFIC_IN", "INPUT" },
        [CHAIN_OUT] = { "PAM_TRAFFIC_OUT", "OUTPUT" },
};

/* Find a rule at or behind a position; no chain has no rules. */
static bool chain_find(struct table *table, const char *chain, const struct rule *rule,
                       unsigned int from, unsigned int *ret_position, struct counter *ret_counter) {
        const struct table_family *family = table->family;
        unsigned int position = 0;

        for (const void *p = family->first_rule(chain, table->handle); p;
             p = family->next_rule(p, table->handle), position++) {
                const char *target;
                struct table_entry entry;

                if (position < from)
                        continue;
                target = family->get_target(p, table->handle);
                family->entry_read(p, &entry);
                if (!target || !rule_matches(rule, &entry, target))
                        continue;

                *ret_position = position;
                *ret_counter = entry.counter;
                return true;
        }
        return false;
}

/* Delete a rule, and its copies, at or behind a position. */
static int chain_delete(struct table *table, const char *chain, const struct rule *rule,
                        unsigned int from) {
        struct counter counter;

        while (chain_find(table, chain, rule, from, &from, &counter)) {
                int r = table_delete(table, chain, from);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* Make a chain, and the one jump to it, where they are missing. */
static int chain_setup_one(struct table *table, size_t i, bool *ret_made) {
        unsigned int position;
        struct counter counter;
        struct rule jump;

        if (!table_has_chain(table, chains[i].name)) {
                int r = table_create_chain(table, chains[i].name);

                if (r < 0)
                        return r;
                *ret_made = true;
        }

        /* In front: a verdict of somebody else's before it would hide packets. A second jump
         * would count each packet twice. */
        rule_jump(table->family, chains[i].name, &jump);
        if (chain_find(table, chains[i].hook, &jump, 0, &position, &counter))
                return chain_delete(table, chains[i].hook, &jump, position + 1);
        *ret_made = true;
        return table_prepend(table, chains[i].hook, jump.bytes);
}

/**
 * chain_setup() - make the base chains where they are missing
 * @table:      the table
 * @ret_made:   whether anything was missing
 *
 * A jump that is there stays where it is, also when somebody has put rules before it.
 *
 * Return: 0, or a negative errno.
 */
int chain_setup(struct table *table, bool *ret_made) {
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
        if (!chain_find(table, chains[CHAIN_IN].name, &keeper, 0, &position, &counter)) {
                r = table_prepend(table, chains[CHAIN_IN].name, keeper.bytes);
                if (r < 0)
                        return r;
                made = true;
        }

        *ret_made = made;
        return 0;
}

/* Delete the rules of all sessions; what remains is not ours. */
static int chain_delete_sessions(struct table *table, const char *chain) {
        const struct table_family *family = table->family;
        unsigned int position = 0;
        const void *p = family->first_rule(chain, table->handle);

        while (p) {
                const char *target = family->get_target(p, table->handle);
                struct table_entry entry;
                int r;

                family->entry_read(p, &entry);
                if (!target || !rule_is_session(family, &entry, target)) {
                        p = family->next_rule(p, table->handle);
                        position++;
                        continue;
                }

                /* a change ends libiptc's iteration: walk to where it was */
                r = table_delete(table, chain, position);
                if (r < 0)
                        return r;
                p = family->first_rule(chain, table->handle);
                for (unsigned int i = 0; p && i < position; i++)
                        p = family->next_rule(p, table->handle);
        }
        return 0;
}

static int chain_teardown_one(struct table *table, size_t i) {
        struct rule rule;
        int r;

        if (!table_has_chain(table, chains[i].name))
                return 0;

        r = chain_delete_sessions(table, chains[i].name);
        if (r < 0)
                return r;
        rule_keeper(table->family, &rule);
        r = chain_delete(table, chains[i].name, &rule, 0);
        if (r < 0)
                return r;
        if (table->family->first_rule(chains[i].name, table->handle))
                return 0;

        rule_jump(table->family, chains[i].name, &rule);
        r = chain_delete(table, chains[i].hook, &rule, 0);
        if (r < 0)
                return r;
        if (table_is_referenced(table, chains[i].name))
                return 0;
        return table_delete_chain(table, chains[i].name);
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
int chain_teardown(struct table *table) {
        for (size_t i = 0; i < CHAIN_COUNT; i++) {
                int r = chain_teardown_one(table, i);

                if (r < 0)
                        return r;
        }
        return 0;
}

/**
 * chain_keep() - make the chain that keeps conntrack on, where it is missing
 * @table:      a table other than that of the sessions
 *
 * The kernel turns conntrack on for a rule when it takes the table in, not when a packet meets the
 * rule (xt_check_match(), conntrack_mt_check()): without a jump it costs no packet anything.
 *
 * Return: 0, or a negative errno.
 */
int chain_keep(struct table *table) {
        unsigned int position;
        struct counter counter;
        struct rule keeper;
        int r;

        if (!table_has_chain(table, CHAIN_KEEP)) {
                r = table_create_chain(table, CHAIN_KEEP);
                if (r < 0)
                        return r;
        }
        rule_keeper(table->family, &keeper);
        if (chain_find(table, CHAIN_KEEP, &keeper, 0, &position, &counter))
                return 0;
        return table_append(table, CHAIN_KEEP, keeper.bytes);
}

/**
 * chain_unkeep() - take that chain away
 * @table:      the table
 *
 * One that somebody else uses, or has put rules into, stays.
 *
 * Return: 0, or a negative errno.
 */
int chain_unkeep(struct table *table) {
        struct rule keeper;
        int r;

        if (!table_has_chain(table, CHAIN_KEEP))
                return 0;
        rule_keeper(table->family, &keeper);
        r = chain_delete(table, CHAIN_KEEP, &keeper, 0);
        if (r < 0 || table->family->first_rule(CHAIN_KEEP, table->handle) ||
            table_is_referenced(table, CHAIN_KEEP))
                return r;
        return table_delete_chain(table, CHAIN_KEEP);
}

static void chain_rules(struct table *table, const struct connection *connection,
                        struct rule ret_rules[static CHAIN_COUNT]) {
        rule_session(table->family, &connection->remote, &connection->local, &ret_rules[CHAIN_IN]);
        rule_session(table->family, &connection->local, &connection->remote, &ret_rules[CHAIN_OUT]);
}

/**
 * chain_add() - add the two rules of a connection where they are missing
 * @table:      the table, with the base chains
 * @connection: the connection, of the table's family
 *
 * Return: 0, or a negative errno.
 */
int chain_add(struct table *table, const struct connection *connection) {
        struct rule rules[CHAIN_COUNT];

        chain_rules(table, connection, rules);
        for (size_t i = 0; i < CHAIN_COUNT; i++) {
                unsigned int position;
                struct counter counter;
                int r;

                if (chain_find(table, chains[i].name, &rules[i], 0, &position, &counter))
                        continue;
                r = table_append(table, chains[i].name, rules[i].bytes);
                if (r < 0)
                        return r;
        }
        return 0;
}

/**
 * chain_read() - read the counters of the two rules of a connection
 * @table:              the table
 * @connection:         the connection, of the table's family
 * @ret_traffic:        the counters
 *
 * Return: 0, CHAIN_E_NOT_FOUND if one of the two is missing.
 */
int chain_read(struct table *table, const struct connection *connection,
               struct traffic *ret_traffic) {
        struct rule rules[CHAIN_COUNT];
        struct counter counters[CHAIN_COUNT];

        chain_rules(table, connection, rules);
        for (size_t i = 0; i < CHAIN_COUNT; i++) {
                unsigned int position;

                if (!chain_find(table, chains[i].name, &rules[i], 0, &position, &counters[i]))
                        return CHAIN_E_NOT_FOUND;
        }

        ret_traffic->in = counters[CHAIN_IN];
        ret_traffic->out = counters[CHAIN_OUT];
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
int chain_remove(struct table *table, const struct connection *connection,
                 struct traffic *ret_traffic) {
        struct rule rules[CHAIN_COUNT];
        struct counter counters[CHAIN_COUNT] = { 0 };
        bool found = false;

        chain_rules(table, connection, rules);
        for (size_t i = 0; i < CHAIN_COUNT; i++) {
                unsigned int position;
                int r;

                if (!chain_find(table, chains[i].name, &rules[i], 0, &position, &counters[i]))
                        continue;
                found = true;
                r = chain_delete(table, chains[i].name, &rules[i], position);
                if (r < 0)
                        return r;
        }
        if (!found)
                return CHAIN_E_NOT_FOUND;

        ret_traffic->in = counters[CHAIN_IN];
        ret_traffic->out = counters[CHAIN_OUT];
        return 0;
}

/* Hand one chain's counters to a snapshot; no chain has none. */
static int chain_snapshot_one(struct table *table, size_t i, struct backend_snapshot *snapshot) {
        const struct table_family *family = table->family;
        struct connection connection = { 0 };
        struct endpoint *source = i == CHAIN_IN ? &connection.remote : &connection.local;
        struct endpoint *destination = i == CHAIN_IN ? &connection.local : &connection.remote;

        for (const void *p = family->first_rule(chains[i].name, table->handle); p;
             p = family->next_rule(p, table->handle)) {
                const char *target = family->get_target(p, table->handle);
                struct table_entry entry;
                int r = 0;

                family->entry_read(p, &entry);
                if (!target || !rule_read_session(family, &entry, target, source, destination))
                        continue;

                if (i == CHAIN_IN)
                        r = snapshot_add_in(snapshot, &connection, &entry.counter);
                else
                        snapshot_add_out(snapshot, &connection, &entry.counter);
                if (r < 0)
                        return r;
        }
        return 0;
}

/**
 * chain_snapshot() - read the counters of all connections' rules
 * @table:      the table
 * @snapshot:   gets them; what it has of another table stays
 *
 * A rule that is not one of ours is passed over.
 *
 * Return: 0 or a negative errno.
 */
int chain_snapshot(struct table *table, struct backend_snapshot *snapshot) {
        int r;

        r = chain_snapshot_one(table, CHAIN_IN, snapshot);
        if (r < 0)
                return r;
        snapshot_sort(snapshot);
        return chain_snapshot_one(table, CHAIN_OUT, snapshot);
}
