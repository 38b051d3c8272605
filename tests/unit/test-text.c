/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Hostile text: what is left alone, and what is escaped.
 */

#include "base/text.h"
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

/* What hides, or turns text around, does not stand; what is only unusual does. */
static void test_formats(void **state) {
        static const char *const hidden[] = {
                "\xc2\xad",         "\xd8\x9c",         "\xe1\xa0\x8e", "\xe2\x80\x8b",
                "\xe2\x80\x8f",     "\xe2\x80\xa8",     "\xe2\x80\xae", "\xe2\x81\xa0",
                "\xe2\x81\xaf",     "\xef\xbb\xbf",     "\xef\xbf\xb9", "\xef\xbf\xbb",
                "\xf3\xa0\x80\x80", "\xf3\xa0\x81\xbf",
        };
        static const char *const shown[] = {
                "\xc2\xa0", "\xe2\x80\x8a", "\xe2\x80\x90", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
        };
        char clean[64];

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(hidden); i++) {
                text_to_line(hidden[i], clean, sizeof(clean));
                assert_int_equal(strlen(clean), 4 * strlen(hidden[i]));
                assert_memory_equal(clean, "\\x", 2);
        }
        for (size_t i = 0; i < UNIT_COUNT(shown); i++) {
                text_to_line(shown[i], clean, sizeof(clean));
                assert_string_equal(clean, shown[i]);
                text_to_ascii(shown[i], clean, sizeof(clean));
                assert_int_equal(strlen(clean), 4 * strlen(shown[i]));
        }
}

static void test_is_utf8(void **state) {
        (void)state;
        assert_true(text_is_utf8(""));
        assert_true(text_is_utf8("a\n\x1b\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"));
        assert_false(text_is_utf8("a\xff"));
        assert_false(text_is_utf8("\xe2\x82"));
        assert_false(text_is_utf8("\xed\xa0\x80"));
}

static void test_json(void **state) {
        static const struct {
                const char *json;
                const char *ascii;
        } cases[] = {
                { "{\"a\":\"\\u001b\"}", "{\"a\":\"\\u001b\"}" },
                { "{\"a\":\n\"\x7f\xc2\x9b\"}\r", "{\"a\": \"\\u007f\\u009b\"} " },
                { "\"\xe2\x80\xae\xef\xbf\xbf\"", "\"\\u202e\\uffff\"" },
                { "\"\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\"", "\"\\ud83d\\ude00\\udbff\\udfff\"" },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                char whole[64];

                text_json_to_ascii(cases[i].json, whole, sizeof(whole));
                assert_string_equal(whole, cases[i].ascii);
                for (size_t room = 1; room <= sizeof(whole); room++) {
                        char *ascii = malloc(room);

                        assert_non_null(ascii);
                        text_json_to_ascii(cases[i].json, ascii, room);
                        assert_memory_equal(ascii, whole, strlen(ascii));
                        free(ascii);
                }
        }
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
                cmocka_unit_test(test_utf8),    cmocka_unit_test(test_line),
                cmocka_unit_test(test_formats), cmocka_unit_test(test_is_utf8),
                cmocka_unit_test(test_json),    cmocka_unit_test(test_room),
        };

        return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
