/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The table "inet pam_traffic" of nf_tables.
 *
 * Owns: the chains, with hook and priority. These are those of iptables' mangle table
 * (linux/netfilter_ipv4.h, NF_IP_PRI_MANGLE): after conntrack and DNAT on the way in, before DNAT
 * and SNAT on the way out. There, packets have the addresses that the socket has.
 * Relies on: nf_tables_dump_rules() and nf_tables_dump_sets() report only the table that was asked
 * for. So reading takes the same time, however large other tables are.
 */

#include "netfilter/nfttable.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <string.h>

CLEANUP_DEFINE(struct nftnl_chain, nftnl_chain_free)
CLEANUP_DEFINE(struct nftnl_table, nftnl_table_free)

#define NFTTABLE_PRIORITY NF_IP_PRI_MANGLE

/* No packet passes a chain without a hook. */
static bool nfttable_is_hooked(unsigned int chain) {
        return chain != NFTCHAIN_KEEP;
}

static uint32_t nfttable_hook(unsigned int chain) {
        return chain == NFTCHAIN_INPUT ? NF_INET_LOCAL_IN : NF_INET_LOCAL_OUT;
}

static int nfttable_read_table(const struct nlmsghdr *message, void *data) {
        _cleanup_(nftnl_table_freep) struct nftnl_table *object = nftnl_table_alloc();
        struct nfttable *table = data;

        if (!object)
                return -ENOMEM;
        if (nftnl_table_nlmsg_parse(message, object) < 0)
                return -EPROTO;
        table->exists = true;
        table->dormant =
                (nftnl_table_get_u32(object, NFTNL_TABLE_FLAGS) & NFT_TABLE_F_DORMANT) != 0;
        table->use = nftnl_table_get_u32(object, NFTNL_TABLE_USE);
        return 0;
}

static int nfttable_read_set(const struct nlmsghdr *message, void *data) {
        struct nfttable *table = data;
        enum nftset set = NFTSET_COUNT;
        int r = nftset_check(message, &set);

        if (!r && set < NFTSET_COUNT)
                table->sets[set] = true;
        return r;
}

/* Whether a chain of our name is where we need it. */
static bool nfttable_is_placed(const struct nftnl_chain *object, unsigned int chain) {
        const char *type = nftnl_chain_get_str(object, NFTNL_CHAIN_TYPE);

        if (!nfttable_is_hooked(chain))
                return true;
        return nftnl_chain_is_set(object, NFTNL_CHAIN_HOOKNUM) && type && !strcmp(type, "filter") &&
               nftnl_chain_get_u32(object, NFTNL_CHAIN_HOOKNUM) == nfttable_hook(chain) &&
               nftnl_chain_get_s32(object, NFTNL_CHAIN_PRIO) == NFTTABLE_PRIORITY;
}

static int nfttable_read_chain(const struct nlmsghdr *message, void *data) {
        _cleanup_(nftnl_chain_freep) struct nftnl_chain *object = nftnl_chain_alloc();
        struct nfttable *table = data;
        const char *name;

        if (!object)
                return -ENOMEM;
        if (nftnl_chain_nlmsg_parse(message, object) < 0)
                return -EPROTO;
        name = nftnl_chain_get_str(object, NFTNL_CHAIN_NAME);
        for (unsigned int i = 0; i < NFTCHAIN_COUNT; i++) {
                if (!name || strcmp(name, nftrule_chain_name(i)) != 0)
                        continue;
                if (!nfttable_is_placed(object, i))
                        return -EEXIST;
                table->chains[i].exists = true;
                table->chains[i].use = nftnl_chain_get_u32(object, NFTNL_CHAIN_USE);
                table->chains[i].drops =
                        nfttable_is_hooked(i) &&
                        nftnl_chain_get_u32(object, NFTNL_CHAIN_POLICY) != NF_ACCEPT;
        }
        return 0;
}

struct nfttable_rules {
        struct nfttable *table;
        struct nftrule_texts texts;
};

static int nfttable_read_rule(const struct nlmsghdr *message, void *data) {
        struct nfttable_rules *rules = data;
        struct nfttable *table = rules->table;
        struct nftrule rule;
        int r;

        r = nftrule_parse(message, &rules->texts, &rule);
        if (r < 0 || rule.chain == NFTCHAIN_COUNT)
                return r;
        if (rule.rule == NFTRULE_COUNT) {
                table->chains[rule.chain].foreign++;
                return 0;
        }
        table->chains[rule.chain].ours++;
        /* a second copy would count each packet twice */
        if ((table->rules[rule.rule]++ || table->list_all) && table->n_listed < NFTTABLE_LISTED_MAX)
                table->listed[table->n_listed++] = rule;
        return 0;
}

/* Ask for what our table has of something. */
static int nfttable_ask(struct nftlink *link, uint16_t type, uint16_t flags,
                        uint16_t table_attribute, nftlink_function function, void *data) {
        struct nlmsghdr *question = nftlink_question(link, type, flags);
        int r;

        mnl_attr_put_strz(question, table_attribute, NFTSET_TABLE);
        r = nftlink_ask(link, function, data);
        /* it was there a moment ago */
        return r == NFTLINK_E_NOT_FOUND && type != NFT_MSG_GETTABLE ? NFTLINK_E_CHANGED : r;
}

static int nfttable_ask_chain(struct nftlink *link, unsigned int chain, struct nfttable *table) {
        struct nlmsghdr *question = nftlink_question(link, NFT_MSG_GETCHAIN, 0);
        int r;

        mnl_attr_put_strz(question, NFTA_CHAIN_TABLE, NFTSET_TABLE);
        mnl_attr_put_strz(question, NFTA_CHAIN_NAME, nftrule_chain_name(chain));
        r = nftlink_ask(link, nfttable_read_chain, table);
        return r == NFTLINK_E_NOT_FOUND ? 0 : r;
}

/**
 * nfttable_read() - find what there is of our table
 * @link:       the link
 * @table:      list_all and zeros; gets what there is
 *
 * Return: 0, NFTLINK_E_UNAVAILABLE if this kernel's sets do not count, -EEXIST if something with a
 *         name of ours is not what we make, or as nftlink_ask().
 */
int nfttable_read(struct nftlink *link, struct nfttable *table) {
        struct nfttable_rules rules = { .table = table };
        int r;

        r = nfttable_ask(link, NFT_MSG_GETTABLE, 0, NFTA_TABLE_NAME, nfttable_read_table, table);
        if (r)
                return r == NFTLINK_E_NOT_FOUND ? 0 : r;
        r = nfttable_ask(link, NFT_MSG_GETSET, NLM_F_DUMP, NFTA_SET_TABLE, nfttable_read_set,
                         table);
        if (r)
                return r == -EOPNOTSUPP ? NFTLINK_E_UNAVAILABLE : r;
        for (unsigned int i = 0; i < NFTCHAIN_COUNT; i++) {
                r = nfttable_ask_chain(link, i, table);
                if (r)
                        return r;
        }
        r = nftrule_texts(&rules.texts);
        if (r < 0)
                return r;
        return nfttable_ask(link, NFT_MSG_GETRULE, NLM_F_DUMP, NFTA_RULE_TABLE, nfttable_read_rule,
                            &rules);
}

/**
 * nfttable_is_complete() - whether everything is there, and once
 * @table:      the table
 *
 * Return: true if so.
 */
bool nfttable_is_complete(const struct nfttable *table) {
        if (!table->exists || table->dormant || table->n_listed)
                return false;
        for (unsigned int i = 0; i < NFTSET_COUNT; i++)
                if (!table->sets[i])
                        return false;
        for (unsigned int i = 0; i < NFTCHAIN_COUNT; i++)
                if (!table->chains[i].exists || table->chains[i].drops)
                        return false;
        for (unsigned int i = 0; i < NFTRULE_COUNT; i++)
                if (!table->rules[i])
                        return false;
        return true;
}

/* Make or delete the table, or wake it up. */
static int nfttable_put_table(struct nftlink *link, uint16_t type) {
        _cleanup_(nftnl_table_freep) struct nftnl_table *object = nftnl_table_alloc();
        struct nlmsghdr *message;

        if (!object || nftnl_table_set_str(object, NFTNL_TABLE_NAME, NFTSET_TABLE) < 0)
                return -ENOMEM;
        if (type == NFT_MSG_NEWTABLE)
                nftnl_table_set_u32(object, NFTNL_TABLE_FLAGS, 0);
        message = nftlink_put(link, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0);
        nftnl_table_nlmsg_build_payload(message, object);
        nftlink_done(link, message);
        return 0;
}

static int nfttable_put_chain(struct nftlink *link, uint16_t type, unsigned int chain) {
        _cleanup_(nftnl_chain_freep) struct nftnl_chain *object = nftnl_chain_alloc();
        struct nlmsghdr *message;

        if (!object || nftnl_chain_set_str(object, NFTNL_CHAIN_TABLE, NFTSET_TABLE) < 0 ||
            nftnl_chain_set_str(object, NFTNL_CHAIN_NAME, nftrule_chain_name(chain)) < 0)
                return -ENOMEM;
        if (type == NFT_MSG_NEWCHAIN && nfttable_is_hooked(chain)) {
                if (nftnl_chain_set_str(object, NFTNL_CHAIN_TYPE, "filter") < 0)
                        return -ENOMEM;
                nftnl_chain_set_u32(object, NFTNL_CHAIN_HOOKNUM, nfttable_hook(chain));
                nftnl_chain_set_s32(object, NFTNL_CHAIN_PRIO, NFTTABLE_PRIORITY);
                nftnl_chain_set_u32(object, NFTNL_CHAIN_POLICY, NF_ACCEPT);
        }
        message = nftlink_put(link, type, type == NFT_MSG_NEWCHAIN ? NLM_F_CREATE : 0);
        nftnl_chain_nlmsg_build_payload(message, object);
        nftlink_done(link, message);
        return 0;
}

static int nfttable_put_listed(struct nftlink *link, const struct nfttable *table) {
        for (size_t i = 0; i < table->n_listed; i++) {
                int r = nftrule_put_delete(link, &table->listed[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

/**
 * nfttable_put_missing() - make what is missing, and delete copies
 * @link:       the link, with a transaction that is empty yet
 * @table:      the table, of which copies of rules are listed
 *
 * Return: 0 or -ENOMEM.
 */
int nfttable_put_missing(struct nftlink *link, const struct nfttable *table) {
        int r = 0;

        if (!table->exists || table->dormant)
                r = nfttable_put_table(link, NFT_MSG_NEWTABLE);
        for (unsigned int i = 0; !r && i < NFTSET_COUNT; i++)
                if (!table->sets[i])
                        r = nftset_put(link, i);
        for (unsigned int i = 0; !r && i < NFTCHAIN_COUNT; i++)
                if (!table->chains[i].exists || table->chains[i].drops)
                        r = nfttable_put_chain(link, NFT_MSG_NEWCHAIN, i);
        /* each in front of the one before */
        for (unsigned int i = NFTRULE_COUNT; !r && i--;)
                if (!table->rules[i])
                        r = nftrule_put(link, i);
        return r ? r : nfttable_put_listed(link, table);
}

/**
 * nfttable_put_dismantled() - delete our rules, and our chains where they are of no use to others
 * @link:       the link, with a transaction that is empty yet
 * @table:      the table, of which all our rules are listed
 *
 * Return: 0 or -ENOMEM.
 */
int nfttable_put_dismantled(struct nftlink *link, const struct nfttable *table) {
        int r = nfttable_put_listed(link, table);

        for (unsigned int i = 0; !r && i < NFTCHAIN_COUNT; i++)
                if (table->chains[i].exists && table->chains[i].use == table->chains[i].ours &&
                    table->n_listed < NFTTABLE_LISTED_MAX)
                        r = nfttable_put_chain(link, NFT_MSG_DELCHAIN, i);
        return r;
}

/**
 * nfttable_put_delete() - delete the table, with all that is in it
 * @link:       the link, with a transaction that has room
 *
 * Return: 0 or -ENOMEM.
 */
int nfttable_put_delete(struct nftlink *link) {
        return nfttable_put_table(link, NFT_MSG_DELTABLE);
}
