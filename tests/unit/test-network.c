/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Networks: which texts are one, and what lies inside.
 */

#include "net/address.h"
#include "unit.h"

#include <errno.h>

static void test_parse(void **state) {
        static const struct {
                const char *text;
                const char *address;
                unsigned int prefix;
        } cases[] = {
                { "10.0.0.0/8", "10.0.0.0", 8 },
                { "0.0.0.0/0", "0.0.0.0", 0 },
                { "192.0.2.1", "192.0.2.1", 32 },
                { "192.0.2.1/32", "192.0.2.1", 32 },
                { "192.0.2.128/25", "192.0.2.128", 25 },
                { "fe80::/10", "fe80::", 10 },
                { "::/0", "::", 0 },
                { "2001:db8::1", "2001:db8::1", 128 },
                { "2001:db8::1/128", "2001:db8::1", 128 },
                { "2001:db8:8000::/33", "2001:db8:8000::", 33 },
                { "::ffff:10.0.0.0/104", "10.0.0.0", 8 },
                { "::ffff:0.0.0.0/96", "0.0.0.0", 0 },
                { "::ffff:192.0.2.1", "192.0.2.1", 32 },
                { "::ffff:192.0.2.1/128", "192.0.2.1", 32 },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct network network;
                struct address address;

                assert_int_equal(network_parse(cases[i].text, &network), 0);
                assert_int_equal(address_parse(cases[i].address, &address), 0);
                assert_true(address_equal(&network.address, &address));
                assert_int_equal(network.prefix, cases[i].prefix);
        }
}

static void test_parse_refuses(void **state) {
        static const char *const cases[] = {
                "",
                "/",
                "/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/+8",
                "10.0.0.0/8 ",
                "10.0.0.0 /8",
                "10.0.0.0/8/8",
                "10.0.0.0/0x8",
                "10.0.0.0/18446744073709551624",
                "10.0.0.0/255.0.0.0",
                "10/8",
                "10.0.0.1/8",
                "10.128.0.0/8",
                "192.0.2.128/24",
                "0.0.0.1/0",
                "fe80::/129",
                "fe80::1/10",
                "fe80::%eth0/10",
                "2001:db8:8000::/32",
                "::ffff:10.0.0.0/8",
                "::ffff:10.0.0.0/95",
                "::ffff:0.0.0.0/80",
                "::ffff:10.0.0.1/104",
                "example.net/24",
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct network network = { .prefix = 77 };

                assert_int_equal(network_parse(cases[i], &network), -EINVAL);
                assert_int_equal(network.prefix, 77);
        }
}

static void test_contains(void **state) {
        static const struct {
                const char *network;
                const char *address;
                bool expected;
        } cases[] = {
                { "10.0.0.0/8", "10.255.255.255", true },
                { "10.0.0.0/8", "11.0.0.0", false },
                { "10.0.0.0/8", "9.255.255.255", false },
                { "192.0.2.128/25", "192.0.2.128", true },
                { "192.0.2.128/25", "192.0.2.255", true },
                { "192.0.2.128/25", "192.0.2.127", false },
                { "192.0.2.1", "192.0.2.1", true },
                { "192.0.2.1", "192.0.2.0", false },
                { "0.0.0.0/0", "255.255.255.255", true },
                { "0.0.0.0/0", "::1", false },
                { "::/0", "2001:db8::1", true },
                { "::/0", "192.0.2.1", false },
                { "::ffff:10.0.0.0/104", "10.1.2.3", true },
                { "10.0.0.0/8", "::ffff:10.1.2.3", true },
                { "fe80::/10", "febf:ffff::1%eth0", true },
                { "fe80::/10", "fec0::1", false },
                { "2001:db8::1", "2001:db8::1", true },
                { "2001:db8::1", "2001:db8::2", false },
                { "2001:db8:8000::/33", "2001:db8:7fff::", false },
                { "2001:db8:8000::/33", "2001:db8:ffff::", true },
        };
        struct network everything = { .address = { .family = AF_INET } };
        struct address null = { 0 };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct network network;
                struct address address;

                assert_int_equal(network_parse(cases[i].network, &network), 0);
                assert_int_equal(address_parse(cases[i].address, &address), 0);
                assert_int_equal(network_contains(&network, &address), cases[i].expected);
        }
        assert_false(network_contains(&everything, &null));
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse),
                cmocka_unit_test(test_parse_refuses),
                cmocka_unit_test(test_contains),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
