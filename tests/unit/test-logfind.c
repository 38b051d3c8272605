/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Finding a line that was appended since a known position, whatever rotation did: it is not missed,
 * and an older one of the same text is not taken for it.
 */

#include "base/cleanup.h"
#include "net/loginkind.h"
#include "store/log.h"
#include "temporary.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#define LINE "{\"session\":\"a\"}\n"
#define CHUNK (1 << 20) /* lib/store/logfind.c, LOG_CHUNK */

static struct logfind_position position(void **state) {
        struct logfind_position at;

        logfind_position(temporary_path(state, "log"), &at);
        return at;
}

static bool finds(void **state, const struct logfind_position *from) {
        bool found = false;

        assert_int_equal(logfind_text(temporary_path(state, "log"), from, LINE, &found), 0);
        return found;
}

static void add(void **state, const char *name, const char *text) {
        FILE *file = fopen(temporary_path(state, name), "ae");

        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static void move(void **state, const char *from, const char *to) {
        char old[512];

        (void)strcpy(old, temporary_path(state, from));
        assert_int_equal(rename(old, temporary_path(state, to)), 0);
}

static void test_position(void **state) {
        struct logfind_position from = position(state);

        assert_int_equal(from.inode, -1);
        assert_false(finds(state, &from));
        add(state, "log", LINE);
        assert_true(finds(state, &from));

        /* what stood there before is not it */
        from = position(state);
        assert_int_equal(from.offset, strlen(LINE));
        assert_false(finds(state, &from));
        add(state, "log", "{}\n");
        assert_false(finds(state, &from));
        add(state, "log", LINE);
        assert_true(finds(state, &from));
}

static void test_renamed(void **state) {
        struct logfind_position from;

        add(state, "log", "{}\n");
        from = position(state);
        add(state, "log", LINE);
        move(state, "log", "log.1");
        assert_true(finds(state, &from)); /* nothing has the log's name */
        add(state, "log", "{}\n");
        assert_true(finds(state, &from));
        move(state, "log.1", "log-20261122");
        assert_true(finds(state, &from));
}

/* Appended after the rotation, while an old neighbour has the same text. */
static void test_renamed_before(void **state) {
        struct logfind_position from;

        add(state, "log.2", LINE);
        add(state, "log", LINE "{}\n");
        from = position(state);
        move(state, "log", "log.1");
        add(state, "log", "{}\n");
        assert_false(finds(state, &from));
        add(state, "log", LINE);
        assert_true(finds(state, &from));
}

static void test_copytruncate(void **state) {
        struct logfind_position from;

        add(state, "log", "{1}\n{2}\n{3}\n");
        from = position(state);
        add(state, "log.1", "{1}\n{2}\n{3}\n" LINE);
        assert_int_equal(truncate(temporary_path(state, "log"), 0), 0);
        assert_true(finds(state, &from));

        assert_int_equal(unlink(temporary_path(state, "log.1")), 0);
        assert_false(finds(state, &from));
        add(state, "log", LINE);
        from.offset = 1000;
        assert_true(finds(state, &from));
}

/* The text lies across the border of two chunks, at each of its bytes. */
static void test_border(void **state) {
        _cleanup_(freep) char *blanks = malloc(CHUNK + 1);

        memset(blanks, ' ', CHUNK);
        blanks[CHUNK] = '\0';
        for (size_t i = 0; i <= strlen(LINE); i++) {
                struct logfind_position from = { .inode = -1 };

                temporary_write(state, "log", blanks + i);
                assert_false(finds(state, &from));
                add(state, "log", LINE);
                assert_true(finds(state, &from));
                temporary_write(state, "log", blanks + i);
                add(state, "log", blanks);
                add(state, "log", LINE);
                assert_true(finds(state, &from));
        }
}

/* Half a line is not the line. */
static void test_torn(void **state) {
        struct logfind_position from = { .inode = -1 };

        add(state, "log", "{\"session\":\"a\"}");
        assert_false(finds(state, &from));
}

/* What cannot hold the line is passed over, and does not block. */
static void test_neighbours(void **state) {
        struct logfind_position from = { .inode = -1 };

        add(state, "log.1.gz", LINE);
        add(state, "log.2.zst", LINE);
        add(state, "another", LINE);
        assert_int_equal(mkfifo(temporary_path(state, "log.fifo"), 0600), 0);
        assert_int_equal(mkdir(temporary_path(state, "log.d"), 0700), 0);
        assert_int_equal(symlink("another", temporary_path(state, "log.link")), 0);
        assert_false(finds(state, &from));
        add(state, "log", LINE);
        assert_true(finds(state, &from));
}

static void test_no_folder(void **state) {
        struct logfind_position from = { .inode = -1 };
        bool found = true;

        assert_int_equal(logfind_text(temporary_path(state, "no/log"), &from, LINE, &found), 0);
        assert_false(found);
        assert_int_equal(logfind_text("log", &from, LINE, &found), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)

#define RECORD(event, session, seq, pid)                                                         \
        "{\"v\":1,\"event\":\"" event "\",\"time\":\"2026-11-22T17:32:09.439524Z\",\"session\":" \
        "\"01a20450-bb0f-79f8-b748-c4b3c3490e5" session "\",\"seq\":" seq ",\"pid\":" pid        \
        ",\"in_bytes\":1" seq ",\"in_packets\":2,\"out_bytes\":3,\"out_packets\":4,"             \
        "\"kind\":\"shell+sftp\"}\n"

/* Those of the processes 7, 8 and 9 are looked for. */
static size_t which(const struct record *record, const void *context) {
        (void)context;
        return record->pid >= 7 ? (size_t)record->pid - 7 : 3;
}

/* The record with the highest number, whatever file it is in. */
static void test_last(void **state) {
        struct loglast_end lasts[3] = { 0 };
        const char *path = temporary_path(state, "log");
        char log[512];

        (void)snprintf(log, sizeof(log), "%s", path);
        assert_int_equal(loglast_find(log, which, NULL, lasts, 3), 0);
        assert_int_equal(lasts[0].seq, -1);
        add(state, "log.1", RECORD("start", "f", "0", "7") RECORD("interim", "f", "2", "7"));
        add(state, "log", "torn\n" RECORD("interim", "f", "1", "7") RECORD("stop", "e", "3", "8"));
        add(state, "log", RECORD("stop", "c", "9", "6"));
        add(state, "log.2.gz", RECORD("stop", "f", "5", "7"));
        assert_int_equal(loglast_find(log, which, NULL, lasts, 3), 0);
        assert_int_equal(lasts[0].seq, 2);
        assert_false(lasts[0].stopped);
        assert_string_equal(lasts[0].session, "01a20450-bb0f-79f8-b748-c4b3c3490e5f");
        assert_true(lasts[0].total.known);
        assert_int_equal(lasts[0].total.traffic.in.bytes, 12);
        assert_int_equal(lasts[0].total.traffic.out.packets, 4);
        assert_int_equal(lasts[0].kinds, LOGINKIND_SHELL | LOGINKIND_SFTP);
        assert_true(lasts[1].stopped);
        assert_int_equal(lasts[2].seq, -1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_position),     TEST(test_renamed),   TEST(test_renamed_before),
                TEST(test_copytruncate), TEST(test_border),    TEST(test_torn),
                TEST(test_neighbours),   TEST(test_no_folder), TEST(test_last),
        };

        return cmocka_run_group_tests_name("logfind", tests, NULL, NULL);
}
