/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Numbers and spans of time: what is one, and where each range ends.
 */

#include "base/duration.h"
#include "base/number.h"
#include "base/size.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static void test_number(void **state) {
        static const struct {
                const char *text;
                unsigned int base;
                uint64_t maximum;
                int result;
                uint64_t number;
        } cases[] = {
                { "0", 10, 0, 0, 0 },
                { "65535", 10, UINT16_MAX, 0, 65535 },
                { "65536", 10, UINT16_MAX, -ERANGE, 0 },
                { "18446744073709551615", 10, UINT64_MAX, 0, UINT64_MAX },
                { "18446744073709551616", 10, UINT64_MAX, -ERANGE, 0 },
                { "99999999999999999999999999", 10, UINT64_MAX, -ERANGE, 0 },
                { "00000000000000000000000000001", 10, 1, 0, 1 },
                { "7", 10, 5, -ERANGE, 0 },
                { "fF", 16, 255, 0, 255 },
                { "100", 16, 255, -ERANGE, 0 },
                { "", 10, 9, -EINVAL, 0 },
                { "-1", 10, 9, -EINVAL, 0 },
                { "+1", 10, 9, -EINVAL, 0 },
                { " 1", 10, 9, -EINVAL, 0 },
                { "1 ", 10, 9, -EINVAL, 0 },
                { "a", 10, 99, -EINVAL, 0 },
                { "g", 16, 99, -EINVAL, 0 },
                { "0x10", 16, 99, -EINVAL, 0 },
                /* what is no number is no number too large either */
                { "99999999999999999999999999x", 10, 1, -EINVAL, 0 },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                uint64_t number = 0;

                assert_int_equal(number_parse(cases[i].text, strlen(cases[i].text), cases[i].base,
                                              cases[i].maximum, &number),
                                 cases[i].result);
                assert_int_equal(number, cases[i].number);
        }
}

static void test_duration(void **state) {
        static const struct {
                const char *text;
                int result;
                uint64_t microseconds;
        } cases[] = {
                { "0", 0, 0 },
                { "2", 0, 2000000 },
                { "2s", 0, 2000000 },
                { "2sec", 0, 2000000 },
                { "500ms", 0, 500000 },
                { "7us", 0, 7 },
                { "5min", 0, 300000000 },
                { "5m", 0, 300000000 },
                { "1h", 0, 3600000000 },
                { "365d", 0, 31536000000000 },
                { "366d", -ERANGE, 0 },
                { "18446744073709551615s", -ERANGE, 0 },
                { "", -EINVAL, 0 },
                { "s", -EINVAL, 0 },
                { "-1s", -EINVAL, 0 },
                { "1.5s", -EINVAL, 0 },
                { "2 s", -EINVAL, 0 },
                { "2s ", -EINVAL, 0 },
                { "2S", -EINVAL, 0 },
                { "2parsecs", -EINVAL, 0 },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                uint64_t microseconds = 0;

                assert_int_equal(duration_parse(cases[i].text, &microseconds), cases[i].result);
                assert_int_equal(microseconds, cases[i].microseconds);
        }
}

static void test_size(void **state) {
        static const struct {
                const char *text;
                int result;
                uint64_t bytes;
        } cases[] = {
                { "0", 0, 0 },
                { "4096", 0, 4096 },
                { "1K", 0, 1024 },
                { "1k", 0, 1024 },
                { "10G", 0, 10737418240 },
                { "10GiB", 0, 10737418240 },
                { "15E", 0, 17293822569102704640U },
                { "16E", -ERANGE, 0 },
                { "18446744073709551615", 0, UINT64_MAX },
                { "18446744073709551616", -ERANGE, 0 },
                { "", -EINVAL, 0 },
                { "G", -EINVAL, 0 },
                { "1MB", 0, 1000000 },
                { "10gb", -EINVAL, 0 },
                { "18EB", 0, 18000000000000000000U },
                { "19EB", -ERANGE, 0 },
                { "10Gi", -EINVAL, 0 },
                { "10B", -EINVAL, 0 },
                { "1.5G", 0, 1610612736 },
                { "1.25M", 0, 1310720 },
                { "0.5KB", 0, 500 },
                { "0.0009K", 0, 0 },
                { "15.999999E", 0, 18446742920788047009U },
                { "18.446744EB", 0, 18446744000000000000U },
                { "18.446745EB", -ERANGE, 0 },
                { "1.5", -EINVAL, 0 },
                { "1.G", -EINVAL, 0 },
                { ".5G", -EINVAL, 0 },
                { "1.1234567G", -EINVAL, 0 },
                { "1.5.5G", -EINVAL, 0 },
                { "1,5G", -EINVAL, 0 },
                { "-1", -EINVAL, 0 },
                { "10 G", -EINVAL, 0 },
                { "10X", -EINVAL, 0 },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                uint64_t bytes = 0;

                assert_int_equal(size_parse(cases[i].text, &bytes), cases[i].result);
                assert_int_equal(bytes, cases[i].bytes);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_number),
                cmocka_unit_test(test_duration),
                cmocka_unit_test(test_size),
        };

        return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
