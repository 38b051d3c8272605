/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The text form of a moment.
 */

#include "pam_traffic/clock.h"
#include "unit.h"

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

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_format) };

        return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
