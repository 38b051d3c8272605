/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Socket tables: captured ones (a real host, with ports and addresses set for it), the same as a
 * big-endian host prints them, and broken ones.
 */

#include "base/cleanup.h"
#include "base/file.h"
#include "net/socktable.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct expected {
        const char *local;
        unsigned int local_port;
        const char *remote;
        unsigned int remote_port;
        unsigned int state;
        unsigned int uid;
        unsigned int inode;
};

static const struct expected tcp[] = {
        { "127.0.0.1", 8080, "0.0.0.0", 0, 10, 1000, 13524 },
        { "0.0.0.0", 22, "0.0.0.0", 0, 10, 0, 13517 },
        { "198.51.100.7", 50000, "192.0.2.1", 22, 1, 0, 13518 },
        { "198.51.100.7", 50001, "192.0.2.1", 22, 4, 0, 0 },
        { "198.51.100.7", 50002, "192.0.2.1", 22, 6, 0, 0 },
        { "198.51.100.7", 50003, "192.0.2.1", 2222, 1, 0, 13526 },
        { "192.0.2.1", 22, "198.51.100.7", 50000, 1, 0, 13519 },
        { "192.0.2.1", 22, "198.51.100.7", 50001, 8, 0, 13521 },
};

static const struct expected tcp6[] = {
        { "::", 2222, "::", 0, 10, 0, 13525 },
        { "fe80::1234:5678:9abc:def0", 2222, "fe80::1234:5678:9abc:def0", 50005, 1, 0, 13533 },
        { "fe80::1234:5678:9abc:def0", 50005, "fe80::1234:5678:9abc:def0", 2222, 1, 0, 13532 },
        { "2001:db8:1:2:3:4:5:6", 50004, "2001:db8::1", 2222, 1, 0, 13528 },
        { "192.0.2.1", 2222, "198.51.100.7", 50003, 1, 0, 13527 },
        { "2001:db8::1", 2222, "2001:db8:1:2:3:4:5:6", 50004, 1, 0, 13529 },
};

static const struct expected udp[] = {
        { "0.0.0.0", 53, "0.0.0.0", 0, 7, 0, 13534 },
        { "198.51.100.7", 40000, "192.0.2.1", 53, 1, 0, 13535 },
};

static const struct expected udp6[] = {
        { "::", 123, "::", 0, 7, 0, 13536 },
        { "2001:db8:1:2:3:4:5:6", 40001, "2001:db8::1", 123, 1, 0, 13537 },
        { "192.0.2.1", 40002, "192.0.2.1", 53, 1, 0, 13538 },
};

static const struct {
        const char *name;
        const struct expected *rows;
        size_t n;
        int byte_order;
} tables[] = {
        { "tcp", tcp, UNIT_COUNT(tcp), LITTLE_ENDIAN },
        { "tcp6", tcp6, UNIT_COUNT(tcp6), LITTLE_ENDIAN },
        { "udp", udp, UNIT_COUNT(udp), LITTLE_ENDIAN },
        { "udp6", udp6, UNIT_COUNT(udp6), LITTLE_ENDIAN },
        { "tcp-big-endian", tcp, UNIT_COUNT(tcp), BIG_ENDIAN },
        { "tcp6-big-endian", tcp6, UNIT_COUNT(tcp6), BIG_ENDIAN },
        { "udp-big-endian", udp, UNIT_COUNT(udp), BIG_ENDIAN },
        { "udp6-big-endian", udp6, UNIT_COUNT(udp6), BIG_ENDIAN },
};

static char *load(const char *name, size_t *ret_size) {
        _cleanup_(fd_closep) int directory_fd = -1;
        char *data;

        directory_fd = open(TEST_DATA, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(file_read_at(directory_fd, name, 1 << 20, &data, ret_size), 0);
        return data;
}

static void assert_row(const struct socktable_row *row, const struct expected *expected) {
        char text[ADDRESS_TEXT_MAX];

        address_format(&row->local.address, text);
        assert_string_equal(text, expected->local);
        assert_int_equal(row->local.port, expected->local_port);
        address_format(&row->remote.address, text);
        assert_string_equal(text, expected->remote);
        assert_int_equal(row->remote.port, expected->remote_port);
        assert_int_equal(row->state, expected->state);
        assert_int_equal(row->uid, expected->uid);
        assert_int_equal(row->inode, expected->inode);
}

static void test_tables(void **state) {
        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(tables); i++) {
                _cleanup_(freep) char *data = NULL;
                struct socktable_row row;
                struct socktable table;
                size_t size;

                data = load(tables[i].name, &size);
                assert_int_equal(socktable_init(&table, data, size, tables[i].byte_order), 0);
                for (size_t n = 0; n < tables[i].n; n++) {
                        assert_int_equal(socktable_next(&table, &row), 0);
                        assert_int_equal(table.line, n + 2);
                        assert_row(&row, &tables[i].rows[n]);
                }
                assert_int_equal(socktable_next(&table, &row), SOCKTABLE_E_END);
                assert_int_equal(socktable_next(&table, &row), SOCKTABLE_E_END);
        }
}

static void test_host_byte_order(void **state) {
        static const char head[] =
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
                "   uid  timeout inode\n";
        static const uint8_t bytes[4] = { 192, 0, 2, 1 };
        struct socktable_row row;
        struct socktable table;
        uint32_t word;
        char data[512];
        int n;

        (void)state;
        memcpy(&word, bytes, 4);
        n = snprintf(data, sizeof(data),
                     "%s   0: %08X:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000"
                     "     0        0 7\n",
                     head, word, 22);
        assert_int_equal(socktable_init(&table, data, (size_t)n, BYTE_ORDER), 0);
        assert_int_equal(socktable_next(&table, &row), 0);
        assert_memory_equal(row.local.address.bytes, bytes, 4);
}

/* One letter a line: R a row (of the inode 13518 or 13519, which come in that order), x not. */
static void test_broken(void **state) {
        static const struct {
                const char *name;
                const char *lines;
        } cases[] = {
                { "tcp-short-lines", "xxxxxxRxx" }, { "tcp-long-lines", "xxxxxRxR" },
                { "tcp-garbage", "xxxxxxxxxxRxR" }, { "tcp-truncated", "Rx" },
                { "tcp6-rows-of-tcp", "x" },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                _cleanup_(freep) char *data = NULL;
                struct socktable_row row;
                struct socktable table;
                size_t size;

                data = load(cases[i].name, &size);
                assert_int_equal(socktable_init(&table, data, size, LITTLE_ENDIAN), 0);
                for (size_t n = 0; cases[i].lines[n]; n++) {
                        int expected = cases[i].lines[n] == 'R' ? 0 : SOCKTABLE_E_ROW;

                        memset(&row, 0x5a, sizeof(row));
                        assert_int_equal(socktable_next(&table, &row), expected);
                        assert_int_equal(table.line, n + 2);
                        if (expected)
                                assert_int_equal(row.state, 0x5a);
                }
                assert_int_equal(socktable_next(&table, &row), SOCKTABLE_E_END);
        }
}

static void test_largest_numbers(void **state) {
        _cleanup_(freep) char *data = NULL;
        struct socktable_row row;
        struct socktable table;
        size_t size;

        (void)state;
        data = load("tcp-long-lines", &size);
        assert_int_equal(socktable_init(&table, data, size, LITTLE_ENDIAN), 0);
        while (socktable_next(&table, &row))
                assert_in_range(table.line, 2, 6);
        assert_int_equal(row.uid, UINT32_MAX);
        assert_true(row.inode == UINT64_MAX);
}

/* A table cut anywhere gives only rows that are in the whole one. */
static void test_cut_anywhere(void **state) {
        _cleanup_(freep) char *data = NULL;
        size_t size, header;

        (void)state;
        data = load("tcp6", &size);
        header = (size_t)(strchr(data, '\n') - data) + 1;

        for (size_t cut = 0; cut <= size; cut++) {
                _cleanup_(freep) char *part = malloc(cut + 1); /* its end is the heap block's */
                struct socktable_row row;
                struct socktable table;
                size_t n = 0;
                int r;

                assert_non_null(part);
                part = realloc(part, cut ? cut : 1);
                assert_non_null(part);
                memcpy(part, data, cut);
                r = socktable_init(&table, part, cut, LITTLE_ENDIAN);
                assert_int_equal(r, cut < header ? SOCKTABLE_E_HEADER : 0);
                while (!r) {
                        r = socktable_next(&table, &row);
                        if (!r)
                                assert_row(&row, &tcp6[n++]);
                }
                assert_int_equal(n, n <= UNIT_COUNT(tcp6) ? n : 0);
                if (cut == size)
                        assert_int_equal(n, UNIT_COUNT(tcp6));
        }
}

static void test_headers(void **state) {
        static const char *const headers[] = {
                "",
                "\n",
                "sl\n",
                "Proto RefCount Type\n",
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
                "   uid  timeout inode",
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
                "   uid  timeout inodes\n",
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
                "   uid  timeout\n",
                "  sl  local_address other_address   st tx_queue rx_queue tr tm->when retrnsmt"
                "   uid  timeout inode\n",
        };
        _cleanup_(freep) char *data = NULL;
        struct socktable table = { .line = 77 };
        size_t size;

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(headers); i++)
                assert_int_equal(socktable_init(&table, headers[i], strlen(headers[i]),
                                                LITTLE_ENDIAN),
                                 SOCKTABLE_E_HEADER);
        data = load("tcp-wrong-header", &size);
        assert_int_equal(socktable_init(&table, data, size, LITTLE_ENDIAN), SOCKTABLE_E_HEADER);
        assert_int_equal(table.line, 77);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_tables),       cmocka_unit_test(test_host_byte_order),
                cmocka_unit_test(test_broken),       cmocka_unit_test(test_largest_numbers),
                cmocka_unit_test(test_cut_anywhere), cmocka_unit_test(test_headers),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
