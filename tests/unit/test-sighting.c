/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What was seen of logins without a state: noted, read, taken once, and of its own boot alone.
 */

#include "base/cleanup.h"
#include "store/fields.h"
#include "store/sighting.h"
#include "store/statefile.h"
#include "temporary.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define BOOT "7c722406-f73e-4fb4-969f-1bee522f7d42"
#define SESSION "01a20450-bb0f-79f8-b748-c4b3c3490e54"

static void test_taken_once(void **state) {
        _cleanup_(fd_closep) int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct sighting seen = { .first_boottime = 5 }, got = { .first_boottime = 7 };
        _cleanup_(freep) uint64_t *cookies = NULL;
        size_t n = 77;

        assert_int_equal(sighting_load(fd, 12, BOOT, &got), STATE_E_NOT_FOUND);
        assert_int_equal(sighting_list(fd, &cookies, &n), 0);
        assert_int_equal(n, 0);
        assert_int_equal(sighting_save(fd, 12, BOOT, &seen), 0);
        assert_int_equal(sighting_load(fd, 12, "another", &got), STATE_E_NOT_FOUND);
        assert_int_equal(got.first_boottime, 7);
        assert_int_equal(sighting_load(fd, 12, BOOT, &got), 0);
        assert_int_equal(got.first_boottime, 5);
        assert_string_equal(got.session, "");
        assert_int_equal(sighting_list(fd, &cookies, &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(cookies[0], 12);
        assert_int_equal(sighting_take(fd, 12), 0);
        assert_int_equal(sighting_take(fd, 12), STATE_E_NOT_FOUND);
        assert_int_equal(sighting_load(fd, 12, BOOT, &got), STATE_E_NOT_FOUND);
}

static void test_session(void **state) {
        _cleanup_(fd_closep) int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct sighting seen = { 5, SESSION, 42, FIELD_UNKNOWN, 9 }, got = { 0 };

        assert_int_equal(sighting_save(fd, UINT64_MAX, BOOT, &seen), 0);
        assert_int_equal(sighting_load(fd, UINT64_MAX, BOOT, &got), 0);
        assert_string_equal(got.session, SESSION);
        assert_int_equal(got.pid, 42);
        assert_int_equal(got.pid_started, FIELD_UNKNOWN);
        assert_int_equal(got.ended_boottime, 9);
}

static void test_damaged(void **state) {
        static const char *const texts[] = {
                "",
                "{",
                "{}",
                "{\"boot_id\":\"" BOOT "\",\"first_boottime\":null,\"session\":null}",
                "{\"boot_id\":\"" BOOT "\",\"first_boottime\":5,\"session\":\"../../x\"}",
        };
        _cleanup_(fd_closep) int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct sighting got = { .first_boottime = 7 };
        _cleanup_(freep) uint64_t *cookies = NULL;
        size_t n;

        assert_int_equal(mkdirat(fd, "found", 0700), 0);
        for (size_t i = 0; i < UNIT_COUNT(texts); i++) {
                FILE *file = fopen(temporary_path(state, "found/3.json"), "we");

                assert_non_null(file);
                assert_true(fputs(texts[i], file) >= 0);
                assert_int_equal(fclose(file), 0);
                assert_int_equal(sighting_load(fd, 3, BOOT, &got), STATE_E_NOT_FOUND);
                assert_int_equal(got.first_boottime, 7);
        }
        /* none of ours */
        assert_int_equal(mkdirat(fd, "found/03.json", 0700), 0);
        assert_int_equal(mkdirat(fd, "found/x.json", 0700), 0);
        assert_int_equal(sighting_list(fd, &cookies, &n), 0);
        assert_int_equal(n, 1);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_taken_once, temporary_setup,
                                                temporary_teardown),
                cmocka_unit_test_setup_teardown(test_session, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_damaged, temporary_setup, temporary_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
