/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The chains that a port leads through: their names, their ranges, and which names are none.
 */

#include "netfilter/treename.h"
#include "unit.h"

#include <string.h>

static void test_path(void **state) {
        static const struct {
                bool out;
                uint16_t local_port, remote_port;
                unsigned int level;
                const char *text;
                uint16_t first, last;
        } cases[] = {
                { false, 22, 50100, 0, "PAM_TRAFFIC_IN", 0, 65535 },
                { false, 22, 50100, 1, "PAM_TRAFFIC_IN_22", 0, 65535 },
                { false, 22, 50100, 2, "PAM_TRAFFIC_IN_22_c", 0xc000, 0xcfff },
                { false, 22, 50100, 3, "PAM_TRAFFIC_IN_22_c3", 0xc300, 0xc3ff },
                { false, 22, 50100, 4, "PAM_TRAFFIC_IN_22_c38", 0xc380, 0xc3bf },
                { true, 22, 50100, 0, "PAM_TRAFFIC_OUT", 0, 65535 },
                { true, 22, 50100, 4, "PAM_TRAFFIC_OUT_22_c38", 0xc380, 0xc3bf },
                { false, 1, 0, 4, "PAM_TRAFFIC_IN_1_000", 0, 63 },
                { false, 1, 63, 4, "PAM_TRAFFIC_IN_1_000", 0, 63 },
                { false, 1, 64, 4, "PAM_TRAFFIC_IN_1_004", 64, 127 },
                { false, 1, 255, 3, "PAM_TRAFFIC_IN_1_00", 0, 255 },
                { false, 1, 256, 3, "PAM_TRAFFIC_IN_1_01", 256, 511 },
                { false, 1, 4095, 2, "PAM_TRAFFIC_IN_1_0", 0, 4095 },
                { false, 1, 4096, 2, "PAM_TRAFFIC_IN_1_1", 4096, 8191 },
                { true, 65535, 65535, 2, "PAM_TRAFFIC_OUT_65535_f", 0xf000, 65535 },
                { true, 65535, 65535, 4, "PAM_TRAFFIC_OUT_65535_ffc", 0xffc0, 65535 },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct treename name;

                treename_make(cases[i].out, cases[i].local_port, cases[i].remote_port,
                              cases[i].level, &name);
                assert_string_equal(name.text, cases[i].text);
                assert_int_equal(name.out, cases[i].out);
                assert_int_equal(name.level, cases[i].level);
                assert_int_equal(name.local_port, cases[i].level ? cases[i].local_port : 0);
                assert_int_equal(name.first, cases[i].first);
                assert_int_equal(name.last, cases[i].last);
        }
}

/* Every chain there is for some local ports: read back from its name; the chains of a level share
 * all ports out among themselves, and each stands below one of the level above. */
static void test_all(void **state) {
        static const uint16_t local_ports[] = { 1, 22, 10000, 65535 };

        (void)state;
        for (size_t i = 0; i < 2 * UNIT_COUNT(local_ports); i++) {
                uint16_t local_port = local_ports[i / 2];

                for (unsigned int level = TREENAME_PORT; level <= TREENAME_LAST; level++) {
                        for (uint32_t port = 0; port <= UINT16_MAX;) {
                                struct treename name, parent, read;

                                treename_make(i % 2, local_port, (uint16_t)port, level, &name);
                                assert_int_equal(name.first, port);
                                assert_true(strlen(name.text) < sizeof(name.text) - 1);
                                assert_true(treename_parse(name.text, &read));
                                assert_int_equal(treename_compare(&name, &read), 0);
                                assert_int_equal(read.last, name.last);
                                treename_make(i % 2, local_port, (uint16_t)port, level - 1,
                                              &parent);
                                assert_true(treename_is_below(&name, &parent));
                                assert_false(treename_is_below(&parent, &name));
                                port = name.last + 1U;
                        }
                }
        }
}

static void test_others(void **state) {
        static const char *const names[] = {
                "",
                "INPUT",
                "PAM_TRAFFIC_KEEP",
                "PAM_TRAFFIC_I",
                "PAM_TRAFFIC_INN",
                "PAM_TRAFFIC_IN_",
                "PAM_TRAFFIC_IN__",
                "PAM_TRAFFIC_IN__c",
                "PAM_TRAFFIC_IN_zz",
                "PAM_TRAFFIC_IN_0",
                "PAM_TRAFFIC_IN_022",
                "PAM_TRAFFIC_IN_+22",
                "PAM_TRAFFIC_IN_65536",
                "PAM_TRAFFIC_IN_22_",
                "PAM_TRAFFIC_IN_22x",
                "PAM_TRAFFIC_IN_22_C",
                "PAM_TRAFFIC_IN_22_g",
                "PAM_TRAFFIC_IN_22_c_",
                "PAM_TRAFFIC_IN_22_c3f",
                "PAM_TRAFFIC_IN_22_c31",
                "PAM_TRAFFIC_IN_22_c3c0",
                "PAM_TRAFFIC_IN_22_c38 ",
                "PAM_TRAFFIC_IN_22_c_3",
                "xPAM_TRAFFIC_IN_22",
                "pam_traffic_in_22",
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(names); i++) {
                struct treename name = { .local_port = 7 };

                assert_false(treename_parse(names[i], &name));
                assert_int_equal(name.local_port, 7);
        }
}

static void test_relations(void **state) {
        struct treename base, port, leaf, other;

        (void)state;
        treename_make(false, 22, 50100, TREENAME_BASE, &base);
        treename_make(false, 22, 50100, TREENAME_PORT, &port);
        treename_make(false, 22, 50100, TREENAME_LAST, &leaf);

        assert_true(treename_covers(&base, 2222, 1));
        assert_true(treename_covers(&port, 22, 1));
        assert_false(treename_covers(&port, 2222, 1));
        assert_true(treename_covers(&leaf, 22, 0xc380));
        assert_true(treename_covers(&leaf, 22, 0xc3bf));
        assert_false(treename_covers(&leaf, 22, 0xc37f));
        assert_false(treename_covers(&leaf, 22, 0xc3c0));
        assert_false(treename_covers(&leaf, 23, 0xc380));

        /* not of the other way, another port's, another range's, nor two levels down */
        treename_make(true, 22, 50100, TREENAME_PORT, &other);
        assert_false(treename_is_below(&other, &base));
        treename_make(false, 23, 50100, TREENAME_PORT + 1, &other);
        assert_false(treename_is_below(&other, &port));
        treename_make(false, 22, 0xc200, TREENAME_LAST - 1, &other);
        assert_false(treename_is_below(&leaf, &other));
        assert_false(treename_is_below(&leaf, &port));

        /* the way in comes first, on each way the levels from above */
        treename_make(true, 1, 1, TREENAME_BASE, &other);
        assert_true(treename_compare(&leaf, &other) < 0);
        assert_true(treename_compare(&base, &port) < 0);
        assert_true(treename_compare(&leaf, &port) > 0);
        treename_make(false, 22, 0xd000, TREENAME_PORT + 1, &other);
        assert_true(treename_compare(&other, &leaf) < 0);
        treename_make(false, 22, 0xc380, TREENAME_LAST - 1, &other);
        assert_true(treename_compare(&other, &leaf) < 0);
        treename_make(false, 21, 65535, TREENAME_LAST, &other);
        assert_true(treename_compare(&other, &leaf) < 0);
        treename_make(false, 22, 0xc3c0, TREENAME_LAST, &other);
        assert_true(treename_compare(&other, &leaf) > 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_path),
                cmocka_unit_test(test_all),
                cmocka_unit_test(test_others),
                cmocka_unit_test(test_relations),
        };

        return cmocka_run_group_tests_name("treename", tests, NULL, NULL);
}
