/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rows of /proc/net/tcp, tcp6, udp and udp6.
 *
 * Owns: the one parser for the four. Pure: bytes in, rows out, no allocation.
 * Relies on: get_tcp4_sock() in net/ipv4/tcp_ipv4.c, get_tcp6_sock() in net/ipv6/tcp_ipv6.c,
 * udp4_format_sock() and ip6_dgram_sock_seq_show() for the columns. An address is printed as
 * 32-bit words (%08X), each the four bytes read in the writer's byte order; a port is a number.
 * Does not: read files; judge states.
 */

#include "net/socktable.h"

#include "base/number.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

struct socktable_span {
        const char *at;
        const char *end;
};

/* Take the next word of a line; an empty one where there is none. */
static struct socktable_span socktable_word(struct socktable_span *line) {
        struct socktable_span word;

        while (line->at < line->end && *line->at == ' ')
                line->at++;
        word.at = line->at;
        while (line->at < line->end && *line->at != ' ')
                line->at++;
        word.end = line->at;
        return word;
}

/* Take the next line; one without an end was cut off, and so may be its last number. */
static int socktable_line(struct socktable *table, struct socktable_span *ret_line) {
        const char *end;

        if (table->next == table->end)
                return SOCKTABLE_E_END;

        table->line++;
        ret_line->at = table->next;
        end = memchr(table->next, '\n', (size_t)(table->end - table->next));
        if (!end) {
                table->next = table->end;
                return SOCKTABLE_E_ROW;
        }
        ret_line->end = end;
        table->next = end + 1;
        return 0;
}

static bool socktable_word_is(struct socktable_span word, const char *text) {
        size_t size = (size_t)(word.end - word.at);

        return size == strlen(text) && memcmp(word.at, text, size) == 0;
}

static int socktable_number(struct socktable_span word, unsigned int base, uint64_t maximum,
                            uint64_t *ret_number) {
        return number_parse(word.at, (size_t)(word.end - word.at), base, maximum, ret_number);
}

static int socktable_endpoint(const struct socktable *table, struct socktable_span word,
                              struct endpoint *ret_endpoint) {
        unsigned int words = table->family == AF_INET ? 1 : 4;
        struct endpoint endpoint;
        uint8_t bytes[16];
        uint64_t number;
        uint32_t four;
        int r;

        if ((size_t)(word.end - word.at) != words * 8 + sizeof(":FFFF") - 1)
                return -EINVAL;

        for (unsigned int i = 0; i < words; i++) {
                r = number_parse(word.at, 8, 16, UINT32_MAX, &number);
                if (r < 0)
                        return r;
                four = (uint32_t)number;
                four = table->byte_order == LITTLE_ENDIAN ? htole32(four) : htobe32(four);
                memcpy(bytes + i * 4, &four, 4);
                word.at += 8;
        }
        r = address_from_bytes(table->family, bytes, &endpoint.address);
        if (r < 0)
                return r;

        if (*word.at++ != ':')
                return -EINVAL;
        r = socktable_number(word, 16, UINT16_MAX, &number);
        if (r < 0)
                return r;
        endpoint.port = (uint16_t)number;

        *ret_endpoint = endpoint;
        return 0;
}

/* Whether a column that is not needed is there: its size, and the place of its colon, if any. */
static bool socktable_word_fits(struct socktable_span word, ptrdiff_t minimum, ptrdiff_t maximum,
                                unsigned int colon) {
        return word.end - word.at >= minimum && word.end - word.at <= maximum &&
               (!colon || word.at[colon] == ':');
}

/* Were a column missing, another number would be taken for the inode: so those between are looked
 * at. */
static int socktable_row(const struct socktable *table, struct socktable_span line,
                         struct socktable_row *ret_row) {
        struct socktable_row row;
        struct socktable_span word;
        uint64_t sl, state, uid;
        int r;

        word = socktable_word(&line); /* sl, "%4d: " */
        if (word.at == word.end || *--word.end != ':')
                return -EINVAL;
        r = socktable_number(word, 10, INT_MAX, &sl);
        if (r < 0)
                return r;

        r = socktable_endpoint(table, socktable_word(&line), &row.local);
        if (r < 0)
                return r;
        r = socktable_endpoint(table, socktable_word(&line), &row.remote);
        if (r < 0)
                return r;

        word = socktable_word(&line); /* st */
        r = socktable_number(word, 16, UINT8_MAX, &state);
        if (r < 0)
                return r;
        row.state = (uint8_t)state;

        if (!socktable_word_fits(socktable_word(&line), 17, 17, 8) || /* tx_queue:rx_queue */
            !socktable_word_fits(socktable_word(&line), 11, 19, 2) || /* tr:tm->when */
            !socktable_word_fits(socktable_word(&line), 8, 8, 0))     /* retrnsmt */
                return -EINVAL;

        word = socktable_word(&line);
        r = socktable_number(word, 10, UINT32_MAX, &uid);
        if (r < 0)
                return r;
        row.uid = (uid_t)uid;

        word = socktable_word(&line); /* timeout */
        if (word.at == word.end)
                return -EINVAL;

        word = socktable_word(&line);
        r = socktable_number(word, 10, UINT64_MAX, &row.inode);
        if (r < 0)
                return r;

        *ret_row = row;
        return 0;
}

/**
 * socktable_init() - begin to read a table
 * @table:      the reader
 * @data:       the table's bytes, which must stay while it is read
 * @size:       how many
 * @byte_order: of the host that wrote it: BYTE_ORDER, LITTLE_ENDIAN or BIG_ENDIAN of endian.h
 *
 * The header line decides which table it is: the remote column of the IPv6 ones is called
 * remote_address, that of the IPv4 ones rem_address.
 *
 * Return: 0, or SOCKTABLE_E_HEADER.
 */
int socktable_init(struct socktable *table, const char *data, size_t size, int byte_order) {
        static const char *const columns[] = { "st",  "tx_queue", "rx_queue",
                                               "tr",  "tm->when", "retrnsmt",
                                               "uid", "timeout",  "inode" };
        struct socktable made = { .next = data, .end = data + size, .byte_order = byte_order };
        struct socktable_span line, word;

        if (socktable_line(&made, &line) || !socktable_word_is(socktable_word(&line), "sl") ||
            !socktable_word_is(socktable_word(&line), "local_address"))
                return SOCKTABLE_E_HEADER;

        word = socktable_word(&line);
        if (socktable_word_is(word, "rem_address"))
                made.family = AF_INET;
        else if (socktable_word_is(word, "remote_address"))
                made.family = AF_INET6;
        else
                return SOCKTABLE_E_HEADER;

        for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
                if (!socktable_word_is(socktable_word(&line), columns[i]))
                        return SOCKTABLE_E_HEADER;

        *table = made;
        return 0;
}

/**
 * socktable_next() - read the next row
 * @table:      the reader; its line is then the number of that line
 * @ret_row:    the row; v4-mapped addresses as IPv4
 *
 * Return: 0, SOCKTABLE_E_END, or SOCKTABLE_E_ROW, after which reading can go on.
 */
int socktable_next(struct socktable *table, struct socktable_row *ret_row) {
        struct socktable_span line;
        int r;

        r = socktable_line(table, &line);
        if (r)
                return r;
        return socktable_row(table, line, ret_row) < 0 ? SOCKTABLE_E_ROW : 0;
}

/**
 * socktable_feed() - go on with the next bytes of the same table
 * @table:      the reader, which is at the end of those it had
 * @data:       the next ones, from the begin of a line on; they must stay while they are read
 * @size:       how many
 *
 * So a table of any size needs the memory of a part of it.
 */
void socktable_feed(struct socktable *table, const char *data, size_t size) {
        table->next = data;
        table->end = data + size;
}
