/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The log: lines stay whole whoever writes at the same time, whatever a crash left, and when the
 * disk is full.
 */

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "store/log.h"
#include "store/statelock.h"
#include "temporary.h"
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char *contents(void **state) {
        char *data = NULL;
        size_t size;

        assert_int_equal(file_read_at(AT_FDCWD, temporary_path(state, "log"), 1 << 24, &data,
                                      &size),
                         0);
        return data;
}

/* What stands for the state folder. */
static int folder(void **state) {
        int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        assert_true(fd >= 0);
        return fd;
}

static int append(void **state, const char *line) {
        _cleanup_(fd_closep) int folder_fd = folder(state);
        uint64_t patience = 60 * CLOCK_SECOND;

        return log_append(folder_fd, temporary_path(state, "log"), line, strlen(line), &patience);
}

static void test_append(void **state) {
        _cleanup_(freep) char *data = NULL;
        struct stat st;

        umask(077);
        assert_int_equal(append(state, "{1}\n"), 0);
        assert_int_equal(append(state, "{2}\n"), 0);
        data = contents(state);
        assert_string_equal(data, "{1}\n{2}\n");
        assert_int_equal(stat(temporary_path(state, "log"), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0640);
}

static void test_torn(void **state) {
        _cleanup_(freep) char *data = NULL;

        temporary_write(state, "log", "{1}\n{2");
        assert_int_equal(append(state, "{3}\n"), 0);
        data = contents(state);
        assert_string_equal(data, "{1}\n{2\n{3}\n");
}

/* A file size limit cuts a write short just as a full disk does. */
static void test_full(void **state) {
        struct rlimit old, limit;
        _cleanup_(freep) char *data = NULL;
        int r;

        assert_int_equal(append(state, "{1}\n"), 0);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
        (void)signal(SIGXFSZ, SIG_IGN);
        limit = old;
        limit.rlim_cur = 6;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        r = append(state, "{22222}\n");
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);

        assert_int_equal(r, -ENOSPC);
        data = contents(state);
        assert_string_equal(data, "{1}\n");
}

static void test_no_file(void **state) {
        char target[512];

        assert_int_equal(mkdir(temporary_path(state, "log"), 0700), 0);
        assert_int_equal(append(state, "{1}\n"), -EISDIR);
        assert_int_equal(rmdir(temporary_path(state, "log")), 0);

        assert_int_equal(mkfifo(temporary_path(state, "log"), 0600), 0);
        assert_int_equal(append(state, "{1}\n"), -EBADF);
        assert_int_equal(unlink(temporary_path(state, "log")), 0);

        /* who may write to the folder must not lead us elsewhere */
        (void)strcpy(target, temporary_path(state, "elsewhere"));
        assert_int_equal(symlink(target, temporary_path(state, "log")), 0);
        assert_int_equal(append(state, "{1}\n"), -ELOOP);
        assert_int_equal(access(target, F_OK), -1);
}

/* Another writer has the lock: it is waited for once, however often something is appended. Who has
 * a lock on the log itself is nobody to wait for. */
static void test_locked(void **state) {
        _cleanup_(fd_closep) int folder_fd = folder(state), fd = -1, lock_fd = -1;
        uint64_t patience = 20000;
        const char *path = temporary_path(state, "log");
        _cleanup_(freep) char *data = NULL;
        struct stat st;

        assert_int_equal(append(state, "{1}\n"), 0);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_int_equal(flock(fd, LOCK_EX), 0);
        assert_int_equal(append(state, "{2}\n"), 0);

        assert_int_equal(statelock_take(folder_fd, STATELOCK_LOG, 0, &lock_fd), 0);
        assert_int_equal(fstatat(folder_fd, "lock", &st, 0), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(log_append(folder_fd, path, "{3}\n", 4, &patience), -ETIMEDOUT);
        assert_int_equal(patience, 0);
        assert_int_equal(log_append(folder_fd, path, "{3}\n", 4, &patience), -ETIMEDOUT);
        lock_fd = fd_close(lock_fd);
        assert_int_equal(log_append(folder_fd, path, "{3}\n", 4, &patience), 0);
        data = contents(state);
        assert_string_equal(data, "{1}\n{2}\n{3}\n");
}

#define WRITERS 8
#define LINES 200

static void test_together(void **state) {
        _cleanup_(freep) char *data = NULL;
        unsigned int seen[WRITERS] = { 0 };

        for (int w = 0; w < WRITERS; w++)
                if (!fork()) {
                        char line[600];

                        /* lines of different lengths: a torn one would show */
                        for (int i = 0; i < LINES; i++) {
                                (void)snprintf(line, sizeof(line), "{%d %0*d}\n", w,
                                               1 + (i * 7 + w * 31) % 500, i);
                                if (append(state, line))
                                        _exit(1);
                        }
                        _exit(0);
                }
        for (int w = 0; w < WRITERS; w++) {
                int status;

                assert_true(wait(&status) > 0);
                assert_int_equal(status, 0);
        }

        data = contents(state);
        for (char *line = strtok(data, "\n"); line; line = strtok(NULL, "\n")) {
                int w = -1, i = -1;
                char end = 0;

                assert_int_equal(sscanf(line, "{%d %d%c", &w, &i, &end), 3);
                assert_int_equal(end, '}');
                assert_in_range(w, 0, WRITERS - 1);
                assert_int_equal(i, seen[w]++); /* each writer's lines are in order */
        }
        for (int w = 0; w < WRITERS; w++)
                assert_int_equal(seen[w], LINES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_append),  TEST(test_torn),   TEST(test_full),
                TEST(test_no_file), TEST(test_locked), TEST(test_together),
        };

        return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
