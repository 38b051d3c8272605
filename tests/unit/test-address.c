/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Addresses: text in, text out, and what is refused.
 */

#include "net/address.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static void test_parse(void **state) {
        static const struct {
                const char *text;
                sa_family_t family;
                const char *canonical;
        } cases[] = {
                { "192.0.2.1", AF_INET, "192.0.2.1" },
                { "0.0.0.0", AF_INET, "0.0.0.0" },
                { "255.255.255.255", AF_INET, "255.255.255.255" },
                { "2001:db8::1", AF_INET6, "2001:db8::1" },
                { "2001:0DB8:0:0:0:0:0:1", AF_INET6, "2001:db8::1" },
                { "::", AF_INET6, "::" },
                { "fe80::1%eth0", AF_INET6, "fe80::1" },
                { "fe80::1%2", AF_INET6, "fe80::1" },
                { "fe80::1%enp0s31f6.4094", AF_INET6, "fe80::1" },
                { "fe80::1%fifteen-letters", AF_INET6, "fe80::1" },
                { "::ffff:192.0.2.1", AF_INET, "192.0.2.1" },
                { "::ffff:c000:201", AF_INET, "192.0.2.1" },
                { "0:0:0:0:0:ffff:192.0.2.1", AF_INET, "192.0.2.1" },
                { "::192.0.2.1", AF_INET6, "::192.0.2.1" },
                { "64:ff9b::192.0.2.1", AF_INET6, "64:ff9b::c000:201" },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct address address = { 0 };
                char text[ADDRESS_TEXT_MAX];

                assert_int_equal(address_parse(cases[i].text, &address), 0);
                assert_int_equal(address.family, cases[i].family);
                address_format(&address, text);
                assert_string_equal(text, cases[i].canonical);
        }
}

static void test_parse_refuses(void **state) {
        static const char *const cases[] = {
                "",
                " ",
                "UNKNOWN",
                "localhost",
                "192.0.2",
                "192.0.2.1 ",
                " 192.0.2.1",
                "192.0.2.256",
                "192.0.2.01",
                "0300.0.2.1",
                "192.0.2.1.1",
                "192.0.2.1%eth0",
                "192.0.2.1:22",
                "[2001:db8::1]",
                "2001:db8::1::2",
                "2001:db8:1:2:3:4:5:6:7",
                "2001:db8::12345",
                "2001:db8::1/64",
                "fe80::1%",
                "fe80::1%eth0 ",
                "fe80::1%eth0%eth1",
                "fe80::1%../eth0",
                "fe80::1%eth0\n",
                "fe80::1%sixteen-letters-",
                "%eth0",
                "\xff\xfe",
                "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee",
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct address address, before;

                memset(&address, 0x5a, sizeof(address));
                before = address;
                assert_int_equal(address_parse(cases[i], &address), -EINVAL);
                assert_memory_equal(&address, &before, sizeof(address));
        }
}

static void test_from_bytes(void **state) {
        static const uint8_t bytes[16] = { 192, 0, 2, 1 };
        struct address address;

        (void)state;
        assert_int_equal(address_from_bytes(AF_INET, bytes, &address), 0);
        assert_memory_equal(address.bytes, bytes, 16); /* and the unused 12 are zero */
        assert_int_equal(address_from_bytes(AF_UNIX, bytes, &address), -EAFNOSUPPORT);
}

static void test_from_socket(void **state) {
        struct sockaddr_storage storage = { 0 };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(50000) };
        struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(22) };
        struct endpoint endpoint;
        char text[ADDRESS_TEXT_MAX];

        (void)state;
        assert_int_equal(address_from_socket(&storage, &endpoint), -EAFNOSUPPORT);

        assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &in.sin_addr), 1);
        memcpy(&storage, &in, sizeof(in));
        assert_int_equal(address_from_socket(&storage, &endpoint), 0);
        assert_int_equal(endpoint.port, 22);
        assert_int_equal(endpoint.address.family, AF_INET);

        assert_int_equal(inet_pton(AF_INET6, "::ffff:192.0.2.1", &in6.sin6_addr), 1);
        memcpy(&storage, &in6, sizeof(in6));
        assert_int_equal(address_from_socket(&storage, &endpoint), 0);
        assert_int_equal(endpoint.port, 50000);
        assert_int_equal(endpoint.address.family, AF_INET);
        address_format(&endpoint.address, text);
        assert_string_equal(text, "192.0.2.1");

        assert_int_equal(inet_pton(AF_INET6, "fe80::1", &in6.sin6_addr), 1);
        in6.sin6_scope_id = 7;
        memcpy(&storage, &in6, sizeof(in6));
        assert_int_equal(address_from_socket(&storage, &endpoint), 0);
        assert_int_equal(endpoint.address.family, AF_INET6);
        address_format(&endpoint.address, text);
        assert_string_equal(text, "fe80::1");
}

static void test_format_of_null(void **state) {
        struct address null = { 0 };
        char text[ADDRESS_TEXT_MAX] = "x";

        (void)state;
        address_format(&null, text);
        assert_string_equal(text, "");
}

static void test_equal(void **state) {
        struct connection a = { 0 }, b;
        struct address six;

        (void)state;
        assert_int_equal(address_parse("192.0.2.1", &a.local.address), 0);
        assert_int_equal(address_parse("192.0.2.2", &a.remote.address), 0);
        a.local.port = 22;
        a.remote.port = 50000;

        b = a;
        b.local.address.bytes[15] = 1; /* no part of an IPv4 address */
        assert_true(address_connection_equal(&a, &b));
        b.remote.port++;
        assert_false(address_connection_equal(&a, &b));
        b = a;
        b.local.port++;
        assert_false(address_connection_equal(&a, &b));
        b = a;
        b.remote.address.bytes[3]++;
        assert_false(address_connection_equal(&a, &b));
        b = a;
        b.local.address.bytes[0]++;
        assert_false(address_connection_equal(&a, &b));
        b = (struct connection){ .local = a.remote, .remote = a.local };
        assert_false(address_connection_equal(&a, &b));

        assert_int_equal(address_parse("c000:201::", &six), 0);
        assert_memory_equal(six.bytes, a.local.address.bytes, 4);
        assert_false(address_equal(&six, &a.local.address));
        b.local.address = six;
        b.local.address.bytes[15] = 1;
        assert_false(address_equal(&six, &b.local.address));
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse),          cmocka_unit_test(test_parse_refuses),
                cmocka_unit_test(test_from_bytes),     cmocka_unit_test(test_from_socket),
                cmocka_unit_test(test_format_of_null), cmocka_unit_test(test_equal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
