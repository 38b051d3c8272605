/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Enough of cmocka to run this project's unit tests where its library is not there: on another
 * machine's processor, for which distributions cross-compile the C library alone.
 *
 * Owns: what tests/unit uses of it, by the same names. A failed assertion ends its test, and not
 * the others. What a test uses beyond this does not compile, and so is noticed.
 * Does not: mock, count leaks, or clean up behind a test that failed.
 */

#ifndef PAM_TRAFFIC_TESTS_CMOCKA_H
#define PAM_TRAFFIC_TESTS_CMOCKA_H

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
        const char *name;
        void (*run)(void **state);
        int (*setup)(void **state);
        int (*teardown)(void **state);
};

#define cmocka_unit_test(function) \
        { #function, (function), NULL, NULL }
#define cmocka_unit_test_setup_teardown(function, setup, teardown) \
        { #function, (function), (setup), (teardown) }
#define cmocka_run_group_tests(tests, setup, teardown) \
        ((void)(setup), (void)(teardown), cmocka_run((tests), sizeof(tests) / sizeof(*(tests))))
#define cmocka_run_group_tests_name(name, tests, setup, teardown) \
        ((void)(name), cmocka_run_group_tests((tests), (setup), (teardown)))

/* one, however many files include this */
__attribute__((weak)) jmp_buf cmocka_failed;

__attribute__((noreturn, unused)) static void cmocka_fail(const char *file, int line,
                                                          const char *what) {
        (void)printf("%s:%d: %s\n", file, line, what);
        longjmp(cmocka_failed, 1);
}

#define print_message(...) (void)printf(__VA_ARGS__)

#define assert_true(condition) ((condition) ? (void)0 : cmocka_fail(__FILE__, __LINE__, #condition))
#define assert_false(condition) assert_true(!(condition))
#define assert_null(pointer) assert_true((pointer) == NULL)
#define assert_non_null(pointer) assert_true((pointer) != NULL)
#define assert_int_equal(a, b) assert_true((unsigned long long)(a) == (unsigned long long)(b))
#define assert_int_not_equal(a, b) assert_false((unsigned long long)(a) == (unsigned long long)(b))
#define assert_string_equal(a, b) assert_true(strcmp((a), (b)) == 0)
#define assert_string_not_equal(a, b) assert_true(strcmp((a), (b)) != 0)
#define assert_memory_equal(a, b, n) assert_true(memcmp((a), (b), (n)) == 0)
#define assert_in_range(value, from, to) assert_true(cmocka_is_in((value), (from), (to)))

/* a function, so that an unsigned value may be compared with 0 */
static inline int cmocka_is_in(unsigned long long value, unsigned long long from,
                               unsigned long long to) {
        return value >= from && value <= to;
}

/* A function of its own: longjmp() does not keep the locals of whoever called setjmp(). */
static inline int cmocka_run_one(const struct CMUnitTest *test, void **state) {
        if (setjmp(cmocka_failed) || (test->setup && test->setup(state)))
                return 1;
        test->run(state);
        return test->teardown ? test->teardown(state) : 0;
}

static inline int cmocka_run(const struct CMUnitTest *tests, size_t n) {
        int failed = 0;

        for (size_t i = 0; i < n; i++) {
                void *state = NULL;
                int bad = cmocka_run_one(&tests[i], &state);

                (void)printf("%s %s\n", bad ? "failed:" : "passed:", tests[i].name);
                failed += bad != 0;
        }
        return failed;
}

#endif
