/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All chains of ours in a table at once.
 *
 * Relies on: a change ends libiptc's iteration. So the code first reads everything, and then
 * changes it.
 */

#include "netfilter/forest.h"

#include "base/cleanup.h"
#include "netfilter/tree.h"

#include <errno.h>
#include <stdlib.h>

struct forest_chain {
        struct treename name;
        bool is_empty;
        bool is_ours;       /* a rule of ours is in it */
        bool is_buried;     /* behind the branch to it stand rules that no packet reaches */
        unsigned int links; /* branches to it */
};

struct forest {
        struct forest_chain *chains; /* those of the way in first, then from the base down */
        size_t count;
};

static void forest_done(struct forest *forest) {
        free(forest->chains);
        forest->chains = NULL;
}

static int forest_compare(const void *left, const void *right) {
        const struct forest_chain *a = left;
        const struct forest_chain *b = right;

        return treename_compare(&a->name, &b->name);
}

static struct forest_chain *forest_search(const struct forest *forest,
                                          const struct treename *name) {
        const struct forest_chain key = { .name = *name };

        return bsearch(&key, forest->chains, forest->count, sizeof(key), forest_compare);
}

/* List the chains that are ours by their names. */
static int forest_list(struct iptable *table, struct forest *forest) {
        const struct iptable_family *family = table->family;
        size_t room = 0;

        for (const char *text = family->first_chain(table->handle); text;
             text = family->next_chain(table->handle)) {
                struct treename name;

                if (!treename_parse(text, &name))
                        continue;
                if (forest->count == room) {
                        struct forest_chain *chains;

                        room = room ? 2 * room : 64;
                        chains = reallocarray(forest->chains, room, sizeof(*chains));
                        if (!chains)
                                return -ENOMEM;
                        forest->chains = chains;
                }
                forest->chains[forest->count++] = (struct forest_chain){ .name = name };
        }
        if (forest->count)
                qsort(forest->chains, forest->count, sizeof(*forest->chains), forest_compare);
        return 0;
}

/* A rule of a connection: is one of the branches that stand before it the connection's? */
static void forest_look_behind(struct forest *forest, const struct treename *name,
                               const struct connection *connection) {
        struct forest_chain *chain;
        struct treename below;

        if (name->level == TREENAME_LAST)
                return;
        treename_make(name->out, connection->local.port, connection->remote.port, name->level + 1U,
                      &below);
        chain = forest_search(forest, &below);
        if (chain && chain->links)
                chain->is_buried = true;
}

static void forest_look(struct iptable *table, struct forest *forest, struct forest_chain *chain) {
        const struct iptable_family *family = table->family;
        bool branches = false;

        chain->is_empty = true;
        for (const void *p = family->first_rule(chain->name.text, table->handle); p;
             p = family->next_rule(p, table->handle)) {
                struct forest_chain *below;
                struct treechain_rule rule;

                treechain_read(table, &chain->name, p, &rule);
                chain->is_empty = false;
                chain->is_ours |= rule.kind != TREECHAIN_FOREIGN;
                if (rule.kind == TREECHAIN_SESSION && branches)
                        forest_look_behind(forest, &chain->name, &rule.connection);
                if (rule.kind != TREECHAIN_BRANCH)
                        continue;
                branches = true;
                below = forest_search(forest, &rule.branch);
                if (below)
                        below->links++;
        }
}

/* Delete the copies of the branch to a chain: they count nothing, but hold the chain. */
static int forest_unite(struct iptable *table, const struct treename *name) {
        struct treename parent;
        struct rule branch;
        unsigned int position;
        struct counter counter;

        treename_make(name->out, name->local_port, name->first, name->level - 1U, &parent);
        rule_branch(table->family, name, &branch);
        if (!rule_find(table, parent.text, &branch, 0, &position, &counter))
                return 0;
        return rule_delete(table, parent.text, &branch, position + 1);
}

static int forest_repair_one(struct iptable *table, const struct forest_chain *chain) {
        int r = 0;

        if (chain->name.level == TREENAME_BASE)
                return 0;
        if (chain->is_empty && chain->name.level > TREENAME_PORT)
                return treechain_prune(table, &chain->name);

        /* one without a branch that has nothing of ours is only called so */
        if (!chain->links && (chain->is_ours || chain->is_empty))
                r = treechain_connect(table, &chain->name);
        if (r >= 0 && chain->links > 1)
                r = forest_unite(table, &chain->name);
        if (r >= 0 && chain->is_buried)
                r = treechain_straighten(table, &chain->name);
        return r;
}

/**
 * forest_repair() - put right what somebody else broke
 * @table:      the table, with the base chains
 *
 * Packets reach every counting rule again, which keeps its counter; chains that were emptied go.
 * Where nothing is broken nothing changes.
 *
 * Return: 0 or a negative errno.
 */
int forest_repair(struct iptable *table) {
        _cleanup_(forest_done) struct forest forest = { 0 };
        int r;

        r = forest_list(table, &forest);
        if (r < 0)
                return r;
        for (size_t i = 0; i < forest.count; i++)
                forest_look(table, &forest, &forest.chains[i]);
        for (size_t i = 0; i < forest.count; i++) {
                r = forest_repair_one(table, &forest.chains[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Delete the rules of all sessions from a chain; what remains is not ours, or leads to such. */
static int forest_clear(struct iptable *table, const struct treename *name) {
        const struct iptable_family *family = table->family;
        unsigned int position = 0;
        const void *p = family->first_rule(name->text, table->handle);

        while (p) {
                struct treechain_rule rule;
                int r;

                treechain_read(table, name, p, &rule);
                if (rule.kind != TREECHAIN_SESSION) {
                        p = family->next_rule(p, table->handle);
                        position++;
                        continue;
                }

                /* a change ends libiptc's iteration: walk to where it was */
                r = iptable_delete(table, name->text, position);
                if (r < 0)
                        return r;
                p = family->first_rule(name->text, table->handle);
                for (unsigned int i = 0; p && i < position; i++)
                        p = family->next_rule(p, table->handle);
        }
        return 0;
}

static int forest_teardown_one(struct iptable *table, const struct treename *name) {
        struct treename parent;
        struct rule branch;
        int r;

        r = forest_clear(table, name);
        if (r < 0 || name->level == TREENAME_BASE ||
            table->family->first_rule(name->text, table->handle))
                return r;

        treename_make(name->out, name->local_port, name->first, name->level - 1U, &parent);
        rule_branch(table->family, name, &branch);
        r = rule_delete(table, parent.text, &branch, 0);
        if (r < 0 || iptable_is_referenced(table, name->text))
                return r;
        return iptable_delete_chain(table, name->text);
}

/**
 * forest_teardown() - take away the rules of all sessions, and the chains below the base
 * @table:      the table
 *
 * A rule of somebody else's goes on working: its chain stays, and the way to it.
 *
 * Return: 0 or a negative errno.
 */
int forest_teardown(struct iptable *table) {
        _cleanup_(forest_done) struct forest forest = { 0 };
        int r;

        r = forest_list(table, &forest);
        if (r < 0)
                return r;
        /* from below: a chain is empty once those below it are gone */
        for (size_t i = forest.count; i > 0; i--) {
                r = forest_teardown_one(table, &forest.chains[i - 1].name);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Which of a port's counters the branch to its chain is. */
static unsigned int forest_counter(const struct iptable *table, bool out) {
        return (table->family->family == AF_INET ? PORT_IN4 : PORT_IN6) + (unsigned int)out;
}

static int forest_snapshot_one(struct iptable *table, const struct treename *name,
                               struct backend_snapshot *snapshot) {
        const struct iptable_family *family = table->family;

        for (const void *p = family->first_rule(name->text, table->handle); p;
             p = family->next_rule(p, table->handle)) {
                struct treechain_rule rule;
                int r = 0;

                treechain_read(table, name, p, &rule);
                if (rule.kind == TREECHAIN_BRANCH && name->level == TREENAME_BASE) {
                        r = snapshot_add_port(snapshot, rule.branch.local_port,
                                              forest_counter(table, name->out), &rule.counter);
                        if (r < 0)
                                return r;
                }
                if (rule.kind != TREECHAIN_SESSION)
                        continue;
                if (name->out)
                        snapshot_add_out(snapshot, &rule.connection, &rule.counter);
                else
                        r = snapshot_add_in(snapshot, &rule.connection, &rule.counter);
                if (r < 0)
                        return r;
        }
        return 0;
}

/**
 * forest_snapshot() - read the counters of all connections' rules, and of local ports
 * @table:      the table
 * @snapshot:   gets them; what it has of another table stays
 *
 * Of a rule and its copies tree_find() reads the uppermost: it comes first here, too.
 *
 * Return: 0 or a negative errno.
 */
int forest_snapshot(struct iptable *table, struct backend_snapshot *snapshot) {
        _cleanup_(forest_done) struct forest forest = { 0 };
        bool out = false;
        int r;

        r = forest_list(table, &forest);
        if (r < 0)
                return r;
        for (size_t i = 0; i < forest.count; i++) {
                if (forest.chains[i].name.out && !out)
                        snapshot_sort(snapshot);
                out = forest.chains[i].name.out;
                r = forest_snapshot_one(table, &forest.chains[i].name, snapshot);
                if (r < 0)
                        return r;
        }
        if (!out)
                snapshot_sort(snapshot);
        snapshot_can_count(snapshot,
                           1U << forest_counter(table, false) | 1U << forest_counter(table, true));
        return 0;
}
