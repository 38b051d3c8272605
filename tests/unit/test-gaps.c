/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When logins were not recorded: what marks in any order, of several hosts, and twice, come to.
 */

#include "store/gaps.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

struct mark {
        const char *host;
        uint64_t time;
        bool off;
        const char *cause;
};

/* "HOST BEGIN END CAUSE; ..." */
static void expect(const struct mark *marks, size_t n, uint64_t since, uint64_t until,
                   const char *wanted) {
        _cleanup_(gaps_clear) struct gaps gaps = { .n = 0 };
        char text[512] = "";

        for (size_t i = 0; i < n; i++)
                assert_int_equal(gaps_add(&gaps, marks[i].host, marks[i].time, marks[i].off,
                                          marks[i].cause),
                                 0);
        gaps_pair(&gaps, since, until);
        for (size_t i = 0; i < gaps.n; i++) {
                const struct gap *gap = &gaps.of[i];
                const char *cause = gaps_cause_name(gap->cause);

                (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %d %d %s; ",
                               gap->host, (int)gap->begin,
                               gap->end == UINT64_MAX ? -1 : (int)gap->end, cause ? cause : "-");
        }
        assert_string_equal(text, wanted);
}

static void test_pair(void **state) {
        static const struct mark marks[] = {
                { "b", 90, false, NULL },     { "a", 20, false, NULL }, { "a", 10, true, "off" },
                { "b", 80, true, "reboot" },  { "a", 10, true, "off" }, { "a", 20, false, NULL },
                { "a", 50, true, "stopped" }, { "a", 55, true, "off" }, { "a", 5, false, NULL },
                { NULL, 1, true, "novel" },
        };

        (void)state;
        expect(marks, 0, 0, 100, "");
        /* the first "on" ends nothing; of two "off" the first counts; one has no end */
        expect(marks, UNIT_COUNT(marks), 0, 100,
               " 1 -1 -; a 10 20 off; a 50 -1 stopped; b 80 90 reboot; ");
        expect(marks, UNIT_COUNT(marks), 20, 80, " 1 -1 -; a 50 -1 stopped; ");
        expect(marks, UNIT_COUNT(marks), 19, 81,
               " 1 -1 -; a 10 20 off; a 50 -1 stopped; b 80 90 reboot; ");
}

/* At one moment: what was off and on again is no gap. */
static void test_moment(void **state) {
        static const struct mark marks[] = {
                { "a", 10, true, "off" }, { "a", 20, false, NULL }, { "a", 20, true, "reboot" },
                { "a", 30, false, NULL }, { "a", 40, true, "off" }, { "a", 40, false, NULL },
        };

        (void)state;
        expect(marks, 4, 0, 100, "a 10 20 off; a 20 30 reboot; ");
        expect(marks + 4, 2, 0, 100, "a 40 -1 off; ");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pair),
                cmocka_unit_test(test_moment),
        };

        return cmocka_run_group_tests_name("gaps", tests, NULL, NULL);
}
