/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Hostile text: what is left alone, and what is escaped.
 */

#include "pam_traffic/text.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void test_utf8(void **state) {
        static const struct {
                const char *text;
                const char *clean;
        } cases[] = {
                { "alice", "alice" },
                { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
                { "a\xff", "a\\xff" },
                { "\xc3", "\\xc3" },
                { "\xc3(", "\\xc3(" },
                { "\xe2\x82", "\\xe2\\x82" },
                { "\xc0\x80", "\\xc0\\x80" },                   /* overlong */
                { "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },          /* overlong */
                { "\xed\xa0\x80", "\\xed\\xa0\\x80" },          /* surrogate */
                { "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" }, /* above U+10FFFF */
                { "\xc2\x9b"
                  "31m",
                  "\\xc2\\x9b"
                  "31m" },              /* C1: CSI */
                { "\n\x1b", "\n\x1b" }, /* JSON's own escape has these */
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                char clean[64];

                text_to_utf8(cases[i].text, clean, sizeof(clean));
                assert_string_equal(clean, cases[i].clean);
        }
}

static void test_line(void **state) {
        char clean[64];

        (void)state;
        text_to_line("a\nb\x1b[31m\x7f\\x0a\t", clean, sizeof(clean));
        assert_string_equal(clean, "a\\x0ab\\x1b[31m\\x7f\\x5cx0a\\x09");
        text_to_line("\xc3\xa4", clean, sizeof(clean));
        assert_string_equal(clean, "\xc3\xa4");
}

/* Whatever the room, the result is a text that is a beginning of the whole, and no byte beyond. */
static void test_room(void **state) {
        static const char text[] = "\xff\xc3\xa4\n\xe2\x82\xac"
                                   "end";
        char whole[TEXT_ESCAPE_MAX(sizeof(text))];

        (void)state;
        text_to_line(text, whole, sizeof(whole));
        for (size_t room = 1; room <= sizeof(whole); room++) {
                char *clean = malloc(room); /* of exactly that size, for ASan */

                assert_non_null(clean);
                text_to_line(text, clean, room);
                assert_memory_equal(clean, whole, strlen(clean));
                free(clean);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_utf8),
                cmocka_unit_test(test_line),
                cmocka_unit_test(test_room),
        };

        return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
