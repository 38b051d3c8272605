/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The names of the chains.
 *
 * Below the chain of a local port, each level looks at more bits of the remote port; a name ends in
 * the hexadecimal digits that all ports of its range begin with, or, where a digit is not used to
 * its end, in the digits of the first of them: _c, _c3, _c38 (0xc380 to 0xc3bf).
 *
 * Why 16, 16 and 4 branches, so that 64 ports share the last chain: measured with 10,000 sessions
 * on random ports of 32768 to 60999 and ten addresses, 64-byte packets to and fro between two
 * network namespaces in one thread, its CPU time against that without any rule (with the base
 * alone, which turns conntrack on, 0.91). In the second column chains keep 8 rules (tree.c):
 *
 *      branches        speed           entries of the table
 *      none, flat      0.08            20,000
 *      16 16           0.76    0.75    20,700
 *      16 16 4         0.83    0.78    23,400
 *      16 16 16        0.83    0.79    31,300
 *      8 8 8 8         0.84    0.82    32,100
 *      4 4 4 4 4 4     0.83    0.81    34,100
 *
 * Runs differ by 0.03. Bulk (iperf3) has 0.90, and 0.91 with the base alone. A stream to another
 * local port has 0.91 with any tree, 0.08 with 10,000 flat rules. A commit copies all entries, so
 * that its time grows with their number: one rule more or less takes 45 ms of CPU at 10,000
 * sessions (flat: 33 ms).
 */

#include "netfilter/treename.h"

#include "base/number.h"

#include <stdio.h>
#include <string.h>

#define TREENAME_IN "PAM_TRAFFIC_IN"
#define TREENAME_OUT "PAM_TRAFFIC_OUT"

static const struct {
        uint8_t bits;   /* of the remote port, that are the same for all of a chain */
        uint8_t digits; /* of its name */
} treename_levels[TREENAME_LAST + 1] = {
        [TREENAME_PORT + 1] = { 4, 1 },
        [TREENAME_PORT + 2] = { 8, 2 },
        [TREENAME_PORT + 3] = { 10, 3 },
};

/**
 * treename_make() - name the chain of a level that a connection's packets pass
 * @out:                the way out, else the way in
 * @local_port:         the connection's
 * @remote_port:        the connection's
 * @level:              TREENAME_BASE to TREENAME_LAST
 * @ret_name:           the chain
 */
void treename_make(bool out, uint16_t local_port, uint16_t remote_port, unsigned int level,
                   struct treename *ret_name) {
        unsigned int rest = UINT16_MAX >> treename_levels[level].bits;
        struct treename name = {
                .out = out,
                .level = (uint8_t)level,
                .local_port = level == TREENAME_BASE ? 0 : local_port,
                .first = (uint16_t)(remote_port & ~rest),
                .last = (uint16_t)(remote_port | rest),
        };
        const char *base = out ? TREENAME_OUT : TREENAME_IN;
        char hex[sizeof("ffff")];

        (void)snprintf(hex, sizeof(hex), "%04x", name.first);
        if (level == TREENAME_BASE)
                (void)snprintf(name.text, sizeof(name.text), "%s", base);
        else if (level == TREENAME_PORT)
                (void)snprintf(name.text, sizeof(name.text), "%s_%u", base, name.local_port);
        else
                (void)snprintf(name.text, sizeof(name.text), "%s_%u_%.*s", base, name.local_port,
                               treename_levels[level].digits, hex);
        *ret_name = name;
}

/**
 * treename_parse() - read the name of a chain
 * @text:       the name, which may be anybody's
 * @ret_name:   the chain
 *
 * Return: true if treename_make() makes just this for some connection.
 */
bool treename_parse(const char *text, struct treename *ret_name) {
        bool out = strncmp(text, TREENAME_OUT, strlen(TREENAME_OUT)) == 0;
        const char *p = text + strlen(out ? TREENAME_OUT : TREENAME_IN);
        uint64_t local_port = 0, digits = 0;
        unsigned int level = TREENAME_BASE;
        struct treename name;

        if (!out && strncmp(text, TREENAME_IN, strlen(TREENAME_IN)) != 0)
                return false;
        if (*p == '_') {
                size_t length = strcspn(++p, "_");

                if (number_parse(p, length, 10, UINT16_MAX, &local_port) < 0 || !local_port)
                        return false;
                level = TREENAME_PORT;
                p += length;
        }
        if (*p == '_') {
                size_t length = strlen(++p);

                if (length > TREENAME_LAST - TREENAME_PORT ||
                    number_parse(p, length, 16, UINT16_MAX, &digits) < 0)
                        return false;
                level = TREENAME_PORT + (unsigned int)length;
                digits <<= 16 - 4 * length;
        }

        /* leading zeros, capitals and whatever else has more than one form */
        treename_make(out, (uint16_t)local_port, (uint16_t)digits, level, &name);
        if (strcmp(name.text, text) != 0)
                return false;
        *ret_name = name;
        return true;
}

/**
 * treename_covers() - tell whether a connection's packets belong into a chain
 * @name:               the chain
 * @local_port:         the connection's
 * @remote_port:        the connection's
 *
 * Return: true if they do.
 */
bool treename_covers(const struct treename *name, uint16_t local_port, uint16_t remote_port) {
        return name->level == TREENAME_BASE ||
               (name->local_port == local_port && name->first <= remote_port &&
                remote_port <= name->last);
}

/**
 * treename_is_below() - tell whether a chain is a branch of another
 * @name:       the chain
 * @parent:     the other
 *
 * Return: true if it is just one level below it, on the same way.
 */
bool treename_is_below(const struct treename *name, const struct treename *parent) {
        return name->out == parent->out && name->level == parent->level + 1 &&
               treename_covers(parent, name->local_port, name->first);
}

/**
 * treename_compare() - order chains
 * @a:  a chain
 * @b:  another
 *
 * Return: a number below, of or above 0: the way in comes first, on each way the upper levels.
 */
int treename_compare(const struct treename *a, const struct treename *b) {
        if (a->out != b->out)
                return (int)a->out - (int)b->out;
        if (a->level != b->level)
                return (int)a->level - (int)b->level;
        if (a->local_port != b->local_port)
                return (int)a->local_port - (int)b->local_port;
        return (int)a->first - (int)b->first;
}
