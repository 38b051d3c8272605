/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Session ids: their form, their order, and that no other text passes for one.
 */

#include "base/uuid.h"
#include "unit.h"

#include <errno.h>

#include <string.h>

static void test_new(void **state) {
        char first[UUID_TEXT_MAX], second[UUID_TEXT_MAX], later[UUID_TEXT_MAX];

        (void)state;
        /* RFC 9562, appendix A.6: 2022-02-22T19:22:22Z is 017F22E2-79B0-7... */
        assert_int_equal(uuid_new(UINT64_C(1645557742000) * 1000, first), 0);
        assert_int_equal(uuid_new(UINT64_C(1645557742000) * 1000, second), 0);
        assert_int_equal(uuid_new(UINT64_C(1645557742001) * 1000, later), 0);

        assert_memory_equal(first, "017f22e2-79b0-7", 15);
        assert_non_null(strchr("89ab", first[19]));
        assert_true(uuid_valid(first));
        assert_string_not_equal(first, second);
        assert_true(strcmp(first, later) < 0 && strcmp(second, later) < 0);
}

static void test_time(void **state) {
        char id[UUID_TEXT_MAX];
        uint64_t time;

        (void)state;
        assert_int_equal(uuid_new(1795966188123456, id), 0);
        assert_int_equal(uuid_time(id, &time), 0);
        assert_int_equal(time, 1795966188123000);
        id[14] = '4';
        assert_int_equal(uuid_time(id, &time), -EINVAL);
        assert_int_equal(uuid_time("no", &time), -EINVAL);
}

static void test_number(void **state) {
        char text[UUID_TEXT_MAX];
        uint64_t number[2];

        (void)state;
        uuid_number("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", number);
        assert_true(number[0] == UINT64_C(0x017f22e279b07cc3));
        assert_true(number[1] == UINT64_C(0x98c4dc0c0c07398f));
        uuid_text(number, text);
        assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
        uuid_number("007f22e2-09b0-0cc3-08c4-000c0c07398f", number);
        uuid_text(number, text);
        assert_string_equal(text, "007f22e2-09b0-0cc3-08c4-000c0c07398f");
}

static void test_valid(void **state) {
        static const char *const bad[] = {
                "",
                "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
                "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
                "017f22e2-79b0-7cc3-98c4-dc0c0c07398/",
                "../../../../../../../../etc/shadow-x",
                "017f22e2079b0-7cc3-98c4-dc0c0c07398f",
                "017f22e2-79b0-7cc3-98c4-dc0c0c07398\n",
        };

        (void)state;
        assert_true(uuid_valid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"));
        for (size_t i = 0; i < UNIT_COUNT(bad); i++)
                assert_false(uuid_valid(bad[i]));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_new),
                cmocka_unit_test(test_valid),
                cmocka_unit_test(test_time),
                cmocka_unit_test(test_number),
        };

        return cmocka_run_group_tests_name("uuid", tests, NULL, NULL);
}
