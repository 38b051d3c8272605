/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions of the log that have no stop record: in whatever file, in whatever order.
 */

#include "base/text.h"
#include "store/log.h"
#include "store/record.h"
#include "temporary.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LINE(n, seq, event)                                                                \
        "{\"v\":1,\"event\":\"" event "\",\"time\":\"2026-11-23T00:00:0" seq               \
        ".000000Z\",\"session\":\"01a20450-bb0f-79f8-b748-00000000000" n "\",\"seq\":" seq \
        ",\"host\":\"vm\"}\n"

/* What a walk told: "NUMBER:SEQ " of each session. */
static char told[256];

static int take(void *context, struct record *record) {
        size_t used = strlen(told);

        (void)context;
        (void)snprintf(told + used, sizeof(told) - used, "%s:%d ", record->session + 35,
                       (int)record->seq);
        return 0;
}

static const char *walk(void **state, uint64_t since) {
        told[0] = '\0';
        assert_int_equal(logopen_walk(temporary_path(state, "log"), since, take, NULL), 0);
        return told;
}

static void test_files(void **state) {
        assert_string_equal(walk(state, 0), "");
        temporary_write(state, "log.1", LINE("1", "0", "start") LINE("2", "0", "start"));
        temporary_write(state, "log",
                        LINE("2", "1", "interim") LINE("3", "0", "start") LINE("1", "1", "stop")
                                LINE("4", "0", "port") "no record\n");
        assert_string_equal(walk(state, 0), "2:1 3:0 ");
        /* a stop in what is read before the rest of its session */
        temporary_write(state, "log.2", LINE("3", "2", "stop"));
        assert_string_equal(walk(state, 0), "2:1 ");
}

static void test_old(void **state) {
        const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };

        temporary_write(state, "log.1", LINE("1", "0", "start"));
        temporary_write(state, "log", LINE("2", "0", "start"));
        assert_string_equal(walk(state, 0), "1:0 2:0 ");
        assert_int_equal(utimensat(AT_FDCWD, temporary_path(state, "log.1"), old, 0), 0);
        assert_string_equal(walk(state, 1000000000), "1:0 2:0 ");
        assert_string_equal(walk(state, 1000000001), "2:0 ");
}

/* What cannot be read may have the stop of any session that began before. */
static void test_damaged(void **state) {
        static const char archive[] = { 0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1 };
        FILE *file;

        temporary_write(state, "log.3", LINE("1", "0", "start") LINE("2", "0", "start"));
        temporary_write(state, "log.1", LINE("2", "1", "interim"));
        temporary_write(state, "log", LINE("3", "0", "start"));
        assert_string_equal(walk(state, 0), "1:0 2:1 3:0 ");
        file = fopen(temporary_path(state, "log.2.gz"), "w");
        assert_non_null(file);
        assert_int_equal(fwrite(archive, 1, sizeof(archive), file), sizeof(archive));
        assert_int_equal(fclose(file), 0);
        assert_string_equal(walk(state, 0), "2:1 3:0 ");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_files, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_old, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_damaged, temporary_setup, temporary_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
