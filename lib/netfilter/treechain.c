/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A chain of the tree.
 *
 * Relies on: a packet that takes the branch to a chain does not come back (rule_branch()).
 */

#include "netfilter/treechain.h"

/**
 * treechain_read() - tell which kind of our rules a rule is
 * @table:      the table
 * @name:       the chain it stands in, one of ours
 * @p:          the rule, as libiptc has it
 * @ret_rule:   what it is
 */
void treechain_read(struct iptable *table, const struct treename *name, const void *p,
                    struct treechain_rule *ret_rule) {
        const struct iptable_family *family = table->family;
        const char *target = family->get_target(p, table->handle);
        struct endpoint source, destination;
        struct iptable_entry entry;
        struct rule rule;

        family->entry_read(p, &entry);
        ret_rule->kind = TREECHAIN_FOREIGN;
        ret_rule->counter = entry.counter;
        if (!target)
                return;

        if (rule_read_session(family, &entry, target, &source, &destination)) {
                ret_rule->connection.local = name->out ? source : destination;
                ret_rule->connection.remote = name->out ? destination : source;
                if (treename_covers(name, ret_rule->connection.local.port,
                                    ret_rule->connection.remote.port))
                        ret_rule->kind = TREECHAIN_SESSION;
                return;
        }

        if (!treename_parse(target, &ret_rule->branch) ||
            !treename_is_below(&ret_rule->branch, name))
                return;
        rule_branch(family, &ret_rule->branch, &rule);
        if (rule_matches(&rule, &entry, target))
                ret_rule->kind = TREECHAIN_BRANCH;
}

/**
 * treechain_look() - count what is in a chain; one that is not there is empty
 * @table:      the table
 * @name:       the chain
 * @ret_chain:  what is in it
 */
void treechain_look(struct iptable *table, const struct treename *name,
                    struct treechain *ret_chain) {
        const struct iptable_family *family = table->family;

        *ret_chain = (struct treechain){ 0 };
        for (const void *p = family->first_rule(name->text, table->handle); p;
             p = family->next_rule(p, table->handle)) {
                struct treechain_rule rule;

                treechain_read(table, name, p, &rule);
                ret_chain->rules++;
                ret_chain->sessions += rule.kind == TREECHAIN_SESSION;
                ret_chain->branches += rule.kind == TREECHAIN_BRANCH;
        }
}

static void treechain_parent(const struct treename *name, struct treename *ret_parent) {
        treename_make(name->out, name->local_port, name->first, name->level - 1U, ret_parent);
}

/**
 * treechain_link() - make a chain and the branch to it in the chain above, if they are missing
 * @table:      the table
 * @name:       the chain
 *
 * A chain that has only foreign rules, and no branch of ours to it, belongs to somebody else.
 *
 * Return: 0, TREECHAIN_E_FOREIGN if it does, or a negative errno.
 */
int treechain_link(struct iptable *table, const struct treename *name) {
        struct treename parent;
        struct rule branch;
        unsigned int position;
        struct counter counter;

        treechain_parent(name, &parent);
        rule_branch(table->family, name, &branch);
        /* there is no branch to a chain that is not there, so the chain is there, too */
        if (rule_find(table, parent.text, &branch, 0, &position, &counter))
                return 0;

        if (iptable_has_chain(table, name->text)) {
                struct treechain chain;

                treechain_look(table, name, &chain);
                if (chain.rules && !chain.sessions && !chain.branches)
                        return TREECHAIN_E_FOREIGN;
        } else {
                int r = iptable_create_chain(table, name->text);

                if (r < 0)
                        return r;
        }
        return iptable_append(table, parent.text, branch.bytes);
}

/**
 * treechain_connect() - make a chain and the path to it from the base, if they are missing
 * @table:      the table
 * @name:       the chain
 *
 * Return: 0, TREECHAIN_E_FOREIGN if a chain on the way is somebody else's, or a negative errno.
 */
int treechain_connect(struct iptable *table, const struct treename *name) {
        for (unsigned int level = TREENAME_PORT; level <= name->level; level++) {
                struct treename step;
                int r;

                treename_make(name->out, name->local_port, name->first, level, &step);
                r = treechain_link(table, &step);
                if (r)
                        return r;
        }
        return 0;
}

/**
 * treechain_straighten() - put the branch to a chain behind all rules of the chain above
 * @table:      the table
 * @name:       the chain
 *
 * Somebody put it in front of rules that no packet reaches any more. Its counter is kept but for
 * what passes meanwhile; the counting rules stay where they are.
 *
 * Return: 0, also without a branch, or a negative errno.
 */
int treechain_straighten(struct iptable *table, const struct treename *name) {
        struct treename parent;
        struct rule branch;
        unsigned int position;
        struct counter counter;
        int r;

        treechain_parent(name, &parent);
        rule_branch(table->family, name, &branch);
        if (!rule_find(table, parent.text, &branch, 0, &position, &counter))
                return 0;
        r = rule_delete(table, parent.text, &branch, position);
        if (r < 0)
                return r;
        table->family->header_count(branch.bytes, &counter);
        return iptable_append(table, parent.text, branch.bytes);
}

/**
 * treechain_prune() - take a chain away if it is empty, and those above it that become empty
 * @table:      the table
 * @name:       the chain
 *
 * That of a local port stays: the counter of the rule that leads to it is the port's traffic. A
 * chain to which somebody else jumps stays, too.
 *
 * Return: 0 or a negative errno.
 */
int treechain_prune(struct iptable *table, const struct treename *name) {
        for (unsigned int level = name->level; level > TREENAME_PORT; level--) {
                struct treename step, parent;
                struct rule branch;
                int r;

                treename_make(name->out, name->local_port, name->first, level, &step);
                if (table->family->first_rule(step.text, table->handle))
                        break;
                if (!iptable_has_chain(table, step.text))
                        continue;

                treechain_parent(&step, &parent);
                rule_branch(table->family, &step, &branch);
                r = rule_delete(table, parent.text, &branch, 0);
                if (!r && !iptable_is_referenced(table, step.text))
                        r = iptable_delete_chain(table, step.text);
                if (r < 0)
                        return r;
        }
        return 0;
}

/**
 * treechain_count_port() - make the chain of a local port where it is missing
 * @table:      the table, with the base chains
 * @out:        the way out, else the way in
 * @port:       the local port
 * @ret_made:   whether the rule that leads to it, and counts what the port moves, was missing
 *
 * Where a chain of that name is somebody else's, nothing counts the port.
 *
 * Return: 0 or a negative errno.
 */
int treechain_count_port(struct iptable *table, bool out, uint16_t port, bool *ret_made) {
        struct treename base, name;
        struct rule branch;
        unsigned int position;
        struct counter counter;
        bool made;
        int r;

        treename_make(out, port, 0, TREENAME_BASE, &base);
        treename_make(out, port, 0, TREENAME_PORT, &name);
        rule_branch(table->family, &name, &branch);
        made = !rule_find(table, base.text, &branch, 0, &position, &counter);
        r = made ? treechain_link(table, &name) : 0;
        if (r < 0)
                return r;
        *ret_made = made && !r;
        return 0;
}
