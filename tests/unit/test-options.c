/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Options of a command: each kind of value comes to its place, and what is wrong leaves it as it
 * was. What is said of that is in tests/cli.
 */

#include "base/base.h"
#include "cli/shared/options.h"
#include "unit.h"

#include <getopt.h>
#include <string.h>

struct wish {
        bool flag, other;
        const char *text;
        uint64_t number;
        enum { WISH_RED, WISH_BLUE } colour;
        char letter;
};

static const char *const wish_colours[] = { "red", "blue", NULL };

static const char *wish_letter(const char *value, void *place) {
        if (!*value)
                return OPTIONS_EMPTY;
        *(char *)place = *value;
        return value[1] ? "is not one letter" : NULL;
}

static const struct option_entry wish_entries[] = {
        { "colour", "WORD", "a word", OPTION_WORD(struct wish, colour, wish_colours) },
        { "flag", NULL, "a flag", OPTION_FLAG(struct wish, flag) },
        { "letter", "L", "a function", OPTION_CALL(struct wish, letter, wish_letter) },
        { "number", "N", "a number", OPTION_NUMBER(struct wish, number, 2, 9) },
        { "other", NULL, "a flag", OPTION_FLAG(struct wish, other) },
        { "text", "TEXT", "a text", OPTION_TEXT(struct wish, text) },
};

static struct options wish_options = {
        .command = "wish",
        .operands = "[WORD...]",
        .sentence = "",
        .entries = wish_entries,
        .n_entries = UNIT_COUNT(wish_entries),
        .notes = "",
};

/* Reads the words up to NULL. */
static int wish_read(const char *const *words, struct wish *wish) {
        char copies[8][32], *argv[9] = { NULL };
        int argc = 0;

        for (; words[argc]; argc++) {
                (void)strcpy(copies[argc], words[argc]);
                argv[argc] = copies[argc];
        }
        optind = 0;
        return options_read(&wish_options, argc, argv, wish);
}

static void test_places(void **state) {
        static const char *const words[] = { "wish",     "--flag", "--number=9", "operand",
                                             "--colour", "blue",   "--le=x",     NULL };
        struct wish wish = { .text = "as it was" };

        (void)state;
        assert_int_equal(wish_read(words, &wish), OPTIONS_GO);
        assert_true(wish.flag);
        assert_false(wish.other);
        assert_string_equal(wish.text, "as it was");
        assert_int_equal(wish.number, 9);
        assert_int_equal(wish.colour, WISH_BLUE);
        assert_int_equal(wish.letter, 'x');
        assert_int_equal(optind, 6);
}

static void test_twice(void **state) {
        static const char *const words[] = { "wish",       "--flag",     "--flag",
                                             "--number=3", "--number=2", NULL };
        struct wish wish = { .number = 5 };

        (void)state;
        assert_int_equal(wish_read(words, &wish), OPTIONS_GO);
        assert_true(wish.flag);
        assert_int_equal(wish.number, 2);
}

static void test_wrong(void **state) {
        static const char *const wrong[] = {
                "--number=1",  "--number=10", "--number=",   "--number", "--number=2x", "--colour=",
                "--colour=re", "--letter=",   "--letter=xy", "--flag=x", "--nonsense",  "-x",
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(wrong); i++) {
                const char *const words[] = { "wish", wrong[i], NULL };
                struct wish wish = { .number = 5, .colour = WISH_BLUE };

                if (wish_read(words, &wish) != EXIT_USAGE || wish.number != 5 ||
                    wish.colour != WISH_BLUE || wish.flag)
                        fail_msg("%s is not refused as it should be", wrong[i]);
        }
}

static void test_operand(void **state) {
        static const char *const words[] = { "wish", "operand", NULL };
        struct wish wish = { .number = 0 };

        (void)state;
        wish_options.operands = "";
        assert_int_equal(wish_read(words, &wish), EXIT_USAGE);
        wish_options.operands = "[WORD...]";
        assert_int_equal(wish_read(words, &wish), OPTIONS_GO);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_places),
                cmocka_unit_test(test_twice),
                cmocka_unit_test(test_wrong),
                cmocka_unit_test(test_operand),
        };

        return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
