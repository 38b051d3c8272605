/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rules of this project in nf_tables.
 *
 * Owns: what they do. The counting rules look up the packet's addresses and ports, or its local
 * port alone, in a set; the element counts the packet, and the packet goes on. One more rule, in a
 * chain that no packet passes, keeps conntrack counting: the kernel turns conntrack on for the rule
 * as such (nft_ct_get_init()).
 * Relies on: expressions as nft(8) makes them, so that nft shows the rules as one would write them,
 * and makes the same rules from its own output; registers in the form in which the kernel reports
 * them (nft_dump_register()).
 */

#include "netfilter/nftrule.h"

/* libnftnl/expr.h needs it and does not say so */
#include <stdio.h>

#include <errno.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>

CLEANUP_DEFINE(struct nftnl_rule, nftnl_rule_free)

static const char *const nftrule_chains[NFTCHAIN_COUNT] = {
        [NFTCHAIN_INPUT] = "input",
        [NFTCHAIN_OUTPUT] = "output",
        [NFTCHAIN_KEEP] = "keep",
};

/* Where the addresses stand in the packet, and the registers that a key is put together in. */
static const struct nftrule_layout {
        uint8_t protocol;
        uint32_t size; /* of an address */
        uint32_t source;
        uint32_t destination;
        uint32_t registers[4];
} nftrule_ipv4 = {
        .protocol = NFPROTO_IPV4,
        .size = 4,
        .source = 12,
        .destination = 16,
        .registers = { NFT_REG_1, NFT_REG32_01, NFT_REG32_02, NFT_REG32_03 },
}, nftrule_ipv6 = {
        .protocol = NFPROTO_IPV6,
        .size = 16,
        .source = 8,
        .destination = 24,
        .registers = { NFT_REG_1, NFT_REG_2, NFT_REG32_05, NFT_REG32_09 },
};

/* Add an expression; the arguments are pairs of an attribute and its number, -1 ends them. */
static struct nftnl_expr *nftrule_expression(struct nftnl_rule *rule, const char *name, ...) {
        struct nftnl_expr *expression = nftnl_expr_alloc(name);
        va_list arguments;

        if (!expression)
                return NULL;
        va_start(arguments, name);
        for (int attribute; (attribute = va_arg(arguments, int)) >= 0;)
                nftnl_expr_set_u32(expression, (uint16_t)attribute, va_arg(arguments, uint32_t));
        va_end(arguments);
        nftnl_rule_add_expr(rule, expression);
        return expression;
}

static bool nftrule_compare(struct nftnl_rule *rule, uint32_t operation, const void *data,
                            uint32_t size) {
        struct nftnl_expr *compare = nftrule_expression(rule, "cmp", NFTNL_EXPR_CMP_SREG, NFT_REG_1,
                                                        NFTNL_EXPR_CMP_OP, operation, -1);

        return compare && nftnl_expr_set_data(compare, NFTNL_EXPR_CMP_DATA, data, size) >= 0;
}

static bool nftrule_meta(struct nftnl_rule *rule, uint32_t key, uint8_t value) {
        return nftrule_expression(rule, "meta", NFTNL_EXPR_META_KEY, key, NFTNL_EXPR_META_DREG,
                                  NFT_REG_1, -1) &&
               nftrule_compare(rule, NFT_CMP_EQ, &value, sizeof(value));
}

static bool nftrule_payload(struct nftnl_rule *rule, uint32_t base, uint32_t offset, uint32_t size,
                            uint32_t to) {
        return nftrule_expression(rule, "payload", NFTNL_EXPR_PAYLOAD_BASE, base,
                                  NFTNL_EXPR_PAYLOAD_OFFSET, offset, NFTNL_EXPR_PAYLOAD_LEN, size,
                                  NFTNL_EXPR_PAYLOAD_DREG, to, -1);
}

/* What register 1 and those behind it have, in a set. */
static bool nftrule_lookup(struct nftnl_rule *rule, enum nftset set) {
        struct nftnl_expr *lookup = nftrule_expression(rule, "lookup", NFTNL_EXPR_LOOKUP_SREG,
                                                       NFT_REG_1, NFTNL_EXPR_LOOKUP_FLAGS, 0, -1);

        return lookup && nftnl_expr_set_str(lookup, NFTNL_EXPR_LOOKUP_SET, nftset_name(set)) >= 0;
}

/* ip saddr . tcp sport . ip daddr . tcp dport @SET */
static bool nftrule_lookup_session(struct nftnl_rule *rule, enum nftset set) {
        const struct nftrule_layout *layout =
                nftset_family(set) == AF_INET ? &nftrule_ipv4 : &nftrule_ipv6;
        const uint32_t *to = layout->registers;

        if (!nftrule_meta(rule, NFT_META_NFPROTO, layout->protocol) ||
            !nftrule_meta(rule, NFT_META_L4PROTO, IPPROTO_TCP) ||
            !nftrule_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, layout->source, layout->size,
                             to[0]) ||
            !nftrule_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, to[1]) ||
            !nftrule_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, layout->destination, layout->size,
                             to[2]) ||
            !nftrule_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, to[3]))
                return false;
        return nftrule_lookup(rule, set);
}

/* tcp dport @SET, and tcp sport on the way out */
static bool nftrule_lookup_port(struct nftnl_rule *rule, enum nftset set) {
        return nftrule_meta(rule, NFT_META_L4PROTO, IPPROTO_TCP) &&
               nftrule_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, nftset_is_out(set) ? 0 : 2, 2,
                               NFT_REG_1) &&
               nftrule_lookup(rule, set);
}

/* ct state new */
static bool nftrule_keep(struct nftnl_rule *rule) {
        const uint32_t mask = NF_CT_STATE_BIT(IP_CT_NEW), none = 0;
        struct nftnl_expr *bitwise;

        if (!nftrule_expression(rule, "ct", NFTNL_EXPR_CT_KEY, NFT_CT_STATE, NFTNL_EXPR_CT_DREG,
                                NFT_REG_1, -1))
                return false;
        bitwise = nftrule_expression(rule, "bitwise", NFTNL_EXPR_BITWISE_SREG, NFT_REG_1,
                                     NFTNL_EXPR_BITWISE_DREG, NFT_REG_1, NFTNL_EXPR_BITWISE_LEN,
                                     (uint32_t)sizeof(mask), -1);
        return bitwise &&
               nftnl_expr_set_data(bitwise, NFTNL_EXPR_BITWISE_MASK, &mask, sizeof(mask)) >= 0 &&
               nftnl_expr_set_data(bitwise, NFTNL_EXPR_BITWISE_XOR, &none, sizeof(none)) >= 0 &&
               nftrule_compare(rule, NFT_CMP_NEQ, &none, sizeof(none));
}

static bool nftrule_fill(struct nftnl_rule *rule, unsigned int which) {
        if (which == NFTRULE_KEEP)
                return nftrule_keep(rule);
        return nftset_is_of_ports(which) ? nftrule_lookup_port(rule, which)
                                         : nftrule_lookup_session(rule, which);
}

static int nftrule_new(unsigned int which, struct nftnl_rule **ret_rule) {
        _cleanup_(nftnl_rule_freep) struct nftnl_rule *rule = nftnl_rule_alloc();

        if (!rule || nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, NFTSET_TABLE) < 0 ||
            nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, nftrule_chains[nftrule_chain(which)]) < 0 ||
            !nftrule_fill(rule, which))
                return -ENOMEM;
        nftnl_rule_set_u32(rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
        *ret_rule = pointer_steal(&rule);
        return 0;
}

/**
 * nftrule_chain_name() - the name of a chain
 * @chain:      the chain
 *
 * Return: the name.
 */
const char *nftrule_chain_name(unsigned int chain) {
        return nftrule_chains[chain];
}

/**
 * nftrule_chain() - the chain of a rule
 * @rule:       the rule
 *
 * Return: the chain in which it stands.
 */
unsigned int nftrule_chain(unsigned int rule) {
        if (rule == NFTRULE_KEEP)
                return NFTCHAIN_KEEP;
        return nftset_is_out(rule) ? NFTCHAIN_OUTPUT : NFTCHAIN_INPUT;
}

/**
 * nftrule_put() - make a rule, in front of the others: a verdict of somebody's would hide packets
 * @link:       the link, with a transaction that has room
 * @rule:       the rule
 *
 * Return: 0 or -ENOMEM.
 */
int nftrule_put(struct nftlink *link, unsigned int rule) {
        _cleanup_(nftnl_rule_freep) struct nftnl_rule *object = NULL;
        struct nlmsghdr *message;
        int r;

        r = nftrule_new(rule, &object);
        if (r < 0)
                return r;
        message = nftlink_put(link, NFT_MSG_NEWRULE, NLM_F_CREATE);
        nftnl_rule_nlmsg_build_payload(message, object);
        nftlink_done(link, message);
        return 0;
}

/**
 * nftrule_put_delete() - delete a rule
 * @link:       the link, with a transaction that has room
 * @rule:       the rule, as it was found
 *
 * Return: 0 or -ENOMEM.
 */
int nftrule_put_delete(struct nftlink *link, const struct nftrule *rule) {
        _cleanup_(nftnl_rule_freep) struct nftnl_rule *object = nftnl_rule_alloc();
        struct nlmsghdr *message;

        if (!object || nftnl_rule_set_str(object, NFTNL_RULE_TABLE, NFTSET_TABLE) < 0 ||
            nftnl_rule_set_str(object, NFTNL_RULE_CHAIN, nftrule_chains[rule->chain]) < 0)
                return -ENOMEM;
        nftnl_rule_set_u64(object, NFTNL_RULE_HANDLE, rule->handle);
        message = nftlink_put(link, NFT_MSG_DELRULE, 0);
        nftnl_rule_nlmsg_build_payload(message, object);
        nftlink_done(link, message);
        return 0;
}

struct nftrule_print {
        char *text;
        size_t used;
};

static int nftrule_print_expression(struct nftnl_expr *expression, void *data) {
        struct nftrule_print *print = data;
        const char *name = nftnl_expr_get_str(expression, NFTNL_EXPR_NAME);
        char *to = print->text + print->used;
        size_t room = NFTRULE_TEXT_MAX - print->used, used;
        int n;

        n = snprintf(to, room, "[%s ", name ? name : "");
        if (n < 0 || (size_t)n >= room)
                return -1;
        used = (size_t)n;
        n = nftnl_expr_snprintf(to + used, room - used, expression, NFTNL_OUTPUT_DEFAULT, 0);
        if (n < 0 || (size_t)n >= room - used)
                return -1;
        print->used += used + (size_t)n;
        return 0;
}

/* Return: false if there is no room. */
static bool nftrule_print(struct nftnl_rule *rule, char text[static NFTRULE_TEXT_MAX]) {
        struct nftrule_print print = { .text = text };

        *text = '\0';
        return nftnl_expr_foreach(rule, nftrule_print_expression, &print) >= 0;
}

/**
 * nftrule_texts() - prepare the comparison
 * @ret_texts:  our rules, in libnftnl's words
 *
 * Return: 0 or -ENOMEM.
 */
int nftrule_texts(struct nftrule_texts *ret_texts) {
        for (unsigned int i = 0; i < NFTRULE_COUNT; i++) {
                _cleanup_(nftnl_rule_freep) struct nftnl_rule *rule = NULL;

                if (nftrule_new(i, &rule) < 0 || !nftrule_print(rule, ret_texts->text[i]))
                        return -ENOMEM;
        }
        return 0;
}

/**
 * nftrule_parse() - tell whether a rule of our table is one of ours
 * @message:    the kernel's description of it
 * @texts:      our rules
 * @ret_rule:   where it is, and which one; a comment makes it no other
 *
 * Return: 0 or a negative errno.
 */
int nftrule_parse(const struct nlmsghdr *message, const struct nftrule_texts *texts,
                  struct nftrule *ret_rule) {
        _cleanup_(nftnl_rule_freep) struct nftnl_rule *rule = nftnl_rule_alloc();
        char text[NFTRULE_TEXT_MAX];
        const char *table, *chain;
        struct nftrule found = { .chain = NFTCHAIN_COUNT, .rule = NFTRULE_COUNT };

        if (!rule)
                return -ENOMEM;
        if (nftnl_rule_nlmsg_parse(message, rule) < 0)
                return -EPROTO;
        table = nftnl_rule_get_str(rule, NFTNL_RULE_TABLE);
        chain = nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN);
        found.handle = nftnl_rule_get_u64(rule, NFTNL_RULE_HANDLE);

        for (unsigned int i = 0; i < NFTCHAIN_COUNT; i++)
                if (table && chain && !strcmp(table, NFTSET_TABLE) &&
                    !strcmp(chain, nftrule_chains[i]))
                        found.chain = i;
        for (unsigned int i = 0; i < NFTRULE_COUNT && found.chain < NFTCHAIN_COUNT; i++)
                if (nftrule_chain(i) == found.chain && nftrule_print(rule, text) &&
                    !strcmp(text, texts->text[i]))
                        found.rule = i;
        *ret_rule = found;
        return 0;
}
