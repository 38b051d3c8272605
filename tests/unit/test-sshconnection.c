/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * SSH_CONNECTION: what sshd writes, and what somebody else may have written.
 */

#include "net/sshconnection.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static void test_parse(void **state) {
        static const struct {
                const char *text;
                const char *remote;
                unsigned int remote_port;
                const char *local;
                unsigned int local_port;
        } cases[] = {
                { "198.51.100.7 50000 192.0.2.1 22", "198.51.100.7", 50000, "192.0.2.1", 22 },
                { "198.51.100.7 1 192.0.2.1 65535", "198.51.100.7", 1, "192.0.2.1", 65535 },
                { "2001:db8::2 50000 2001:db8::1 22", "2001:db8::2", 50000, "2001:db8::1", 22 },
                { "fe80::2%eth0 50000 fe80::1%eth0 22", "fe80::2", 50000, "fe80::1", 22 },
                { "::ffff:198.51.100.7 50000 ::ffff:192.0.2.1 22", "198.51.100.7", 50000,
                  "192.0.2.1", 22 },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct connection connection;
                struct address address;

                assert_int_equal(sshconnection_parse(cases[i].text, &connection), 0);
                assert_int_equal(address_parse(cases[i].remote, &address), 0);
                assert_true(address_equal(&connection.remote.address, &address));
                assert_int_equal(connection.remote.port, cases[i].remote_port);
                assert_int_equal(address_parse(cases[i].local, &address), 0);
                assert_true(address_equal(&connection.local.address, &address));
                assert_int_equal(connection.local.port, cases[i].local_port);
        }
}

static void test_unknown(void **state) {
        struct connection connection = { .local.port = 77 };

        (void)state;
        assert_int_equal(sshconnection_parse("UNKNOWN 65535 UNKNOWN 65535", &connection),
                         SSHCONNECTION_E_UNKNOWN);
        assert_int_equal(sshconnection_parse("UNKNOWN 0 UNKNOWN 0", &connection),
                         SSHCONNECTION_E_UNKNOWN);
        assert_int_equal(connection.local.port, 77);
}

static void test_refuses(void **state) {
        static const char *const cases[] = {
                "",
                " ",
                "    ",
                "198.51.100.7",
                "198.51.100.7 50000 192.0.2.1",
                "198.51.100.7 50000 192.0.2.1 ",
                "198.51.100.7 50000 192.0.2.1 22 ",
                "198.51.100.7 50000 192.0.2.1 22 22",
                " 198.51.100.7 50000 192.0.2.1 22",
                "198.51.100.7  50000 192.0.2.1 22",
                "198.51.100.7\t50000\t192.0.2.1\t22",
                "198.51.100.7 50000 192.0.2.1 22\n",
                "198.51.100.7 50000 192.0.2.1 65536",
                "198.51.100.7 50000 192.0.2.1 0",
                "198.51.100.7 0 192.0.2.1 22",
                "198.51.100.7 -1 192.0.2.1 22",
                "198.51.100.7 0x50 192.0.2.1 22",
                "198.51.100.7 50000 UNKNOWN 65535",
                "UNKNOWN",
                "UNKNOWN 65535",
                "198.51.100.7 50000 2001:db8::1 22",
                "host.example.net 50000 192.0.2.1 22",
                "198.51.100.7;id 50000 192.0.2.1 22",
                "\xff\xff\xff\xff",
        };
        char large[100000];

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct connection connection = { .local.port = 77 };

                assert_int_equal(sshconnection_parse(cases[i], &connection), -EINVAL);
                assert_int_equal(connection.local.port, 77);
        }

        for (size_t i = 0; i < 2; i++) {
                struct connection connection;

                memset(large, i ? ' ' : '1', sizeof(large));
                large[sizeof(large) - 1] = '\0';
                assert_int_equal(sshconnection_parse(large, &connection), -EINVAL);
        }
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse),
                cmocka_unit_test(test_unknown),
                cmocka_unit_test(test_refuses),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
