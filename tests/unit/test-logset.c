/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The log's rotated files, in their order, and what can be read of an archive, whole or damaged.
 */

#include "index-world.h"
#include "store/logstream.h"
#include "unit.h"

static void expect(void **state, const char *names) {
        _cleanup_(logset_freep) struct logset *set = NULL;
        char found[512] = "";

        assert_int_equal(logset_new(temporary_path(state, "log"), &set), 0);
        for (size_t i = 0; i < set->n; i++) {
                (void)strncat(found, strrchr(set->files[i].path, '/') + 1, 64);
                (void)strncat(found, " ", 2);
        }
        assert_string_equal(found, names);
}

static void make(void **state, const char *const *names) {
        for (; *names; names++)
                temporary_write(state, *names, "x\n");
}

static void test_names(void **state) {
        expect(state, "");
        make(state,
             (const char *[]){ "log", "log.1", "log.2.gz", "log.10.gz", "log.old", "log.1.xz",
                               "log2", "log.", "log-", "log.1~", "other.1", "log.gz", NULL });
        expect(state, "log.10.gz log.2.gz log.1 log ");
}

static void test_dates(void **state) {
        make(state, (const char *[]){ "log-20261122.zst", "log-20261101", "log-20251231.gz", "log",
                                      "log.1", NULL });
        expect(state, "log.1 log-20251231.gz log-20261101 log-20261122.zst log ");
}

/* While gzip is at work both are there, and the archive is not whole. */
static void test_both(void **state) {
        make(state, (const char *[]){ "log.1", "log.1.gz", "log.2.gz", NULL });
        expect(state, "log.2.gz log.1 ");
}

static void test_no_file(void **state) {
        _cleanup_(logset_freep) struct logset *set = NULL;

        make(state, (const char *[]){ "log.2", NULL });
        assert_int_equal(mkdir(temporary_path(state, "log.1"), 0700), 0);
        expect(state, "log.2 ");
        assert_int_equal(logset_new(temporary_path(state, "none/log"), &set), -ENOENT);
        assert_int_equal(mkdir(temporary_path(state, "log"), 0700), 0);
        assert_int_equal(logset_new(temporary_path(state, "log"), &set), -EBADF);
}

/* What comes out of a file until it ends; ret: the result behind its last byte. */
static char *all(void **state, const char *name, size_t step, ssize_t *ret_end, size_t *ret_size) {
        _cleanup_(logstream_freep) struct logstream *stream = NULL;
        char *text = calloc(1, 1 << 20);
        size_t used = 0;
        ssize_t n;

        assert_int_equal(logstream_new(temporary_path(state, name), &stream), 0);
        while ((n = logstream_read(stream, text + used, step)) > 0)
                used += (size_t)n;
        assert_int_equal(logstream_fault(stream) != NULL, n == -EBADMSG);
        *ret_end = n;
        *ret_size = used;
        return text;
}

static void fill(void **state) {
        FILE *file = fopen(temporary_path(state, "plain"), "w");

        for (unsigned int i = 0; i < 20000; i++)
                (void)fprintf(file, "line %u of a log\n", i);
        (void)fclose(file);
}

static void test_archives(void **state) {
        static const char *const archives[] = { "a.gz", "a.zst" };
        size_t size, got;
        _cleanup_(freep) char *plain = NULL;
        ssize_t end;

        fill(state);
        plain = world_read(state, "plain", &size);
        for (size_t i = 0; i < 2; i++)
                for (size_t step = 7; step < 100000; step *= 97) {
                        _cleanup_(freep) char *text = NULL, *twice = NULL;
                        size_t packed;
                        char *archive;

                        fill(state);
                        world_compress(state, "plain", archives[i], 0);
                        text = all(state, archives[i], step, &end, &got);
                        assert_int_equal(end, 0);
                        assert_int_equal(got, size);
                        assert_memory_equal(text, plain, size);

                        /* one archive behind the other, as gzip and zstd allow */
                        archive = world_read(state, archives[i], &packed);
                        archive = realloc(archive, 2 * packed);
                        memcpy(archive + packed, archive, packed);
                        world_write(state, "twice", archive, 2 * packed);
                        free(archive);
                        twice = all(state, "twice", step, &end, &got);
                        assert_int_equal(end, 0);
                        assert_int_equal(got, 2 * size);
                        assert_memory_equal(twice + size, plain, size);
                }
}

static void test_damaged(void **state) {
        static const char *const archives[] = { "a.gz", "a.zst" };
        size_t size, got;
        _cleanup_(freep) char *plain = NULL;
        ssize_t end;

        fill(state);
        plain = world_read(state, "plain", &size);
        for (size_t i = 0; i < 2; i++) {
                _cleanup_(freep) char *text = NULL, *bent = NULL;
                size_t packed;
                char *archive;

                fill(state);
                world_compress(state, "plain", archives[i], 0);
                archive = world_read(state, archives[i], &packed);
                world_write(state, "short", archive, packed - 10);
                text = all(state, "short", 4096, &end, &got);
                assert_int_equal(end, -EBADMSG);
                assert_true(got <= size);
                assert_memory_equal(text, plain, got);

                memset(archive + packed / 2, 0xff, 64);
                world_write(state, "bent", archive, packed);
                free(archive);
                bent = all(state, "bent", 4096, &end, &got);
                assert_int_equal(end, -EBADMSG);
                /* however it is read, as much comes out of it */
                for (size_t step = 1000; step < 1 << 20; step *= 9) {
                        _cleanup_(freep) char *same = NULL;
                        size_t as_much;

                        same = all(state, "bent", step, &end, &as_much);
                        assert_int_equal(end, -EBADMSG);
                        assert_int_equal(as_much, got);
                        assert_memory_equal(same, bent, got);
                }
        }
}

static void test_skip(void **state) {
        static const char *const names[] = { "plain", "a.gz", "a.zst" };

        for (size_t i = 0; i < 3; i++) {
                _cleanup_(logstream_freep) struct logstream *stream = NULL;
                char text[8] = "";

                fill(state);
                if (i)
                        world_compress(state, "plain", names[i], 0);
                assert_int_equal(logstream_new(temporary_path(state, names[i]), &stream), 0);
                assert_int_equal(logstream_compressed(stream), i > 0);
                for (int again = 0; again < 2; again++) {
                        assert_int_equal(logstream_read(stream, text, 4), 4);
                        assert_int_equal(logstream_skip(stream, 12), 0);
                        assert_int_equal(logstream_read(stream, text, 6), 6);
                        assert_memory_equal(text, "line 1", 6);
                        assert_int_equal(logstream_skip(stream, 300000), 0);
                        assert_int_equal(logstream_read(stream, text, 7), 7);
                        assert_int_equal(logstream_skip(stream, UINT64_C(1) << 40), 0);
                        assert_int_equal(logstream_read(stream, text, 7), 0);
                        assert_int_equal(logstream_rewind(stream), 0);
                }
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_names, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_dates, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_both, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_no_file, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_archives, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_damaged, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_skip, temporary_setup, temporary_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
