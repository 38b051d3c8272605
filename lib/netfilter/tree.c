/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The counting rules of one connection, in the tree of chains of one way.
 *
 * A rule cannot be moved with its counter: what it counts between the reading of the table and the
 * commit would be lost. So a chain that is full keeps its rules, sends what comes later to branches
 * below, and fills up again only when the last of these is gone. Its own rules stand before its
 * branches, since no packet comes back from a branch.
 *
 * Why a chain is full with 8: a few sessions stay in one chain that a person can read. With 1,000
 * sessions the table has 3,400 entries (full with 4: 4,500; flat: 2,000) and the speed of
 * treename.c is 0.85 (flat: 0.45). With 10,000 it is 0.78 (4: 0.83; 16: 0.76), and more once the
 * sessions have ended that came before the branches.
 *
 * Why a counting rule ends in nothing, not in RETURN, which would spare a packet the rules behind
 * it (0.80 instead of 0.78): one kind of rule is found, and flat ones from before an upgrade are
 * the same.
 */

#include "netfilter/tree.h"

#define TREE_FULL 8

static void tree_name(bool out, const struct connection *connection, unsigned int level,
                      struct treename *ret_name) {
        treename_make(out, connection->local.port, connection->remote.port, level, ret_name);
}

static void tree_rule(struct iptable *table, bool out, const struct connection *connection,
                      struct rule *ret_rule) {
        const struct endpoint *local = &connection->local, *remote = &connection->remote;

        rule_session(table->family, out ? local : remote, out ? remote : local, ret_rule);
}

/* Find the rule of a connection in the uppermost chain that has it, whether or not packets reach
 * it there. */
static bool tree_locate(struct iptable *table, const struct rule *rule, bool out,
                        const struct connection *connection, struct treename *ret_name,
                        unsigned int *ret_position, struct counter *ret_counter) {
        for (unsigned int level = TREENAME_BASE; level <= TREENAME_LAST; level++) {
                struct treename name;

                tree_name(out, connection, level, &name);
                if (!rule_find(table, name.text, rule, 0, ret_position, ret_counter))
                        continue;
                *ret_name = name;
                return true;
        }
        return false;
}

/* Make sure that packets reach a rule. */
static int tree_reach(struct iptable *table, const struct treename *name, unsigned int position,
                      const struct connection *connection) {
        struct treename below;
        struct rule branch;
        unsigned int turn;
        struct counter counter;
        int r;

        r = treechain_connect(table, name);
        if (r || name->level == TREENAME_LAST)
                return r;

        tree_name(name->out, connection, name->level + 1U, &below);
        rule_branch(table->family, &below, &branch);
        if (!rule_find(table, name->text, &branch, 0, &turn, &counter) || turn > position)
                return 0;
        return treechain_straighten(table, &below);
}

/* Choose the chain for a new rule, and make the way to it. */
static int tree_place(struct iptable *table, bool out, const struct connection *connection,
                      struct treename *ret_name) {
        struct treename name;

        tree_name(out, connection, TREENAME_BASE, &name);
        while (name.level < TREENAME_LAST) {
                struct treechain chain;
                struct treename below;
                int r;

                if (name.level > TREENAME_BASE) {
                        treechain_look(table, &name, &chain);
                        if (!chain.branches && chain.sessions < TREE_FULL)
                                break;
                }
                tree_name(out, connection, name.level + 1U, &below);
                r = treechain_link(table, &below);
                if (r < 0)
                        return r;
                if (r == TREECHAIN_E_FOREIGN)
                        break;
                name = below;
        }
        *ret_name = name;
        return 0;
}

/**
 * tree_add() - add the rule of a connection where it is missing
 * @table:      the table, with the base chains
 * @out:        the way out, else the way in
 * @connection: the connection, of the table's family
 *
 * One that is there is kept, with its counter, and the way to it put right.
 *
 * Return: 0 or a negative errno.
 */
int tree_add(struct iptable *table, bool out, const struct connection *connection) {
        struct treename name;
        struct rule rule;
        unsigned int position;
        struct counter counter;
        int r;

        tree_rule(table, out, connection, &rule);
        if (tree_locate(table, &rule, out, connection, &name, &position, &counter)) {
                r = tree_reach(table, &name, position, connection);
                if (r != TREECHAIN_E_FOREIGN)
                        return r;
        }

        r = tree_place(table, out, connection, &name);
        if (r < 0)
                return r;
        return iptable_append(table, name.text, rule.bytes);
}

/**
 * tree_find() - read the counter of a connection's rule
 * @table:              the table
 * @out:                the way out, else the way in
 * @connection:         the connection, of the table's family
 * @ret_counter:        the counter
 *
 * Return: true if the rule is there.
 */
bool tree_find(struct iptable *table, bool out, const struct connection *connection,
               struct counter *ret_counter) {
        struct treename name;
        struct rule rule;
        unsigned int position;

        tree_rule(table, out, connection, &rule);
        return tree_locate(table, &rule, out, connection, &name, &position, ret_counter);
}

/**
 * tree_remove() - remove the rule of a connection, its copies, and the chains that become empty
 * @table:              the table
 * @out:                the way out, else the way in
 * @connection:         the connection, of the table's family
 * @ret_counter:        the rule's counter
 *
 * Return: 0, TREE_E_NOT_FOUND, or a negative errno.
 */
int tree_remove(struct iptable *table, bool out, const struct connection *connection,
                struct counter *ret_counter) {
        struct treename name;
        struct rule rule;
        unsigned int position;
        struct counter counter;
        int r;

        tree_rule(table, out, connection, &rule);
        if (!tree_locate(table, &rule, out, connection, &name, &position, &counter))
                return TREE_E_NOT_FOUND;

        for (unsigned int level = name.level; level <= TREENAME_LAST; level++) {
                tree_name(out, connection, level, &name);
                r = rule_delete(table, name.text, &rule, 0);
                if (r < 0)
                        return r;
        }
        r = treechain_prune(table, &name);
        if (r < 0)
                return r;

        *ret_counter = counter;
        return 0;
}
