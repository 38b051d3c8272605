/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The text form of a moment.
 */

#include "base/clock.h"
#include "unit.h"

#include <errno.h>

static void test_format(void **state) {
        static const struct {
                uint64_t realtime;
                const char *text;
        } cases[] = {
                { 0, "1970-01-01T00:00:00.000000Z" },
                { UINT64_C(1700000000000001), "2023-11-14T22:13:20.000001Z" },
                { UINT64_C(1709164800999999), "2024-02-29T00:00:00.999999Z" },
                { UINT64_C(4102444800500000), "2100-01-01T00:00:00.500000Z" },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                char text[CLOCK_TEXT_MAX];

                clock_format(cases[i].realtime, text);
                assert_string_equal(text, cases[i].text);
        }
}

static void test_parse(void **state) {
        static const char *const wrong[] = {
                "",
                "now",
                "2023-11-14T22:13:20Z",
                "2023-11-14T22:13:20.00001Z",
                "2023-11-14T22:13:20.000001",
                "2023-11-14 22:13:20.000001Z",
                "2023-11-14T22:13:20.000001+",
                "2023-11-14T22:13:20.00000 Z",
                "2023-13-14T22:13:20.000001Z",
                "2023-00-14T22:13:20.000001Z",
                "2023-02-29T22:13:20.000001Z",
                "2023-11-14T24:13:20.000001Z",
                "2023-11-14T22:13:61.000001Z",
                "1969-12-31T23:59:59.000000Z",
                "2023-11-14T22:13:20.000001ZZ",
        };
        static const uint64_t moments[] = { 0, UINT64_C(1700000000000001),
                                            UINT64_C(1709164800999999),
                                            UINT64_C(4102444800500000) };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(moments); i++) {
                char text[CLOCK_TEXT_MAX];
                uint64_t moment = 1;

                clock_format(moments[i], text);
                assert_int_equal(clock_parse(text, &moment), 0);
                assert_int_equal(moment, moments[i]);
        }
        /* each day of two centuries, as the C library has it */
        for (uint64_t day = 0; day < 365 * 200; day++) {
                uint64_t moment = 1;
                char text[CLOCK_TEXT_MAX];

                clock_format((day * 86400 + 86399) * CLOCK_SECOND, text);
                assert_int_equal(clock_parse(text, &moment), 0);
                assert_true(moment == (day * 86400 + 86399) * CLOCK_SECOND);
        }
        for (size_t i = 0; i < UNIT_COUNT(wrong); i++) {
                uint64_t moment = 1;

                assert_int_equal(clock_parse(wrong[i], &moment), -EINVAL);
                assert_int_equal(moment, 1);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_format),
                cmocka_unit_test(test_parse),
        };

        return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
