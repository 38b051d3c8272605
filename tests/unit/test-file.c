/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whole files: bounds, and that a replacement is there as a whole or not at all.
 */

#include "base/cleanup.h"
#include "base/file.h"
#include "temporary.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

static int folder(void **state) {
        int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        assert_true(fd >= 0);
        return fd;
}

static void test_round(void **state) {
        static char large[300000];
        _cleanup_(fd_closep) int fd = folder(state);
        _cleanup_(freep) char *data = NULL;
        struct stat st;
        size_t size;

        memset(large, 'x', sizeof(large));
        assert_int_equal(file_replace_at(fd, "name", large, sizeof(large), true), 0);
        assert_int_equal(file_read_at(fd, "name", sizeof(large), &data, &size), 0);
        assert_int_equal(size, sizeof(large));
        assert_memory_equal(data, large, size);
        assert_int_equal(data[size], '\0');
        assert_int_equal(fstatat(fd, "name", &st, 0), 0);
        assert_int_equal(st.st_mode & 07777, 0600);

        free(data);
        data = NULL;
        assert_int_equal(file_read_at(fd, "name", sizeof(large) - 1, &data, &size),
                         FILE_E_TOO_LARGE);
        assert_null(data);
        assert_int_equal(file_read_at(fd, "nobody", 1, &data, &size), -ENOENT);
}

static void test_failed_replacement(void **state) {
        _cleanup_(fd_closep) int fd = folder(state);
        _cleanup_(freep) char *data = NULL;
        size_t size;

        assert_int_equal(file_replace_at(fd, "name", "old", 3, false), 0);
        assert_int_equal(mkdirat(fd, "name.tmp", 0700), 0); /* in the way */
        assert_int_equal(file_replace_at(fd, "name", "new", 3, false), -EISDIR);
        assert_int_equal(file_read_at(fd, "name", 3, &data, &size), 0);
        assert_string_equal(data, "old");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_round, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_failed_replacement, temporary_setup,
                                                temporary_teardown),
        };

        return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
