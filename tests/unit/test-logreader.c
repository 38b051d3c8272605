/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reading the log: every record once, every other line named, a place from which to go on, and no
 * line that is still being written taken for one.
 */

#include "base/cleanup.h"
#include "base/clock.h"
#include "store/log.h"
#include "store/logreader.h"
#include "temporary.h"
#include "unit.h"

#include <fcntl.h>

#define TIME "\"time\":\"2026-11-22T17:00:00.000000Z\""
#define ID "\"session\":\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\""
#define HEAD "{\"v\":1,\"event\":\"stop\"," TIME "," ID
#define PORT "{\"v\":1,\"event\":\"port\"," TIME "," ID ",\"seq\":0"
#define RECORD HEAD ",\"seq\":3,\"in_bytes\":700}"

static void test_parse(void **state) {
        static const struct {
                const char *text;
                size_t size; /* 0: strlen() */
                const char *finding;
        } cases[] = {
                { "", 0, "empty line" },
                { " \t \r", 0, "empty line" },
                { "\0\0\0", 3, "NUL bytes" },
                { RECORD "\0", sizeof(RECORD), "NUL bytes" },
                { "{\"user\":\"\xff\"}", 0, "not UTF-8" },
                { "{\"user\":\"\xed\xa0\x80\"}", 0, "not UTF-8" },
                { "{\"v\":1", 0, "torn, or not a JSON object" },
                { "{\"v\":1,\"event\":\"st" RECORD, 0, "torn, or not a JSON object" },
                { RECORD RECORD, 0, "torn, or not a JSON object" },
                { "[1]", 0, "torn, or not a JSON object" },
                { "7", 0, "torn, or not a JSON object" },
                { "{}", 0, "v is not 1: another release wrote it" },
                { "{\"v\":2}", 0, "v is not 1: another release wrote it" },
                { "{\"v\":\"1\"}", 0, "v is not 1: another release wrote it" },
                { "{\"v\":1}", 0, "event is missing or wrong" },
                { "{\"v\":1,\"event\":\"end\"}", 0, "event is missing or wrong" },
                { "{\"v\":1,\"event\":7}", 0, "event is missing or wrong" },
                { "{\"v\":1,\"event\":\"stop\"," ID ",\"seq\":0}", 0, "time is missing or wrong" },
                { "{\"v\":1,\"event\":\"stop\",\"time\":\"now\"," ID ",\"seq\":0}", 0,
                  "time is missing or wrong" },
                { "{\"v\":1,\"event\":\"stop\"," TIME ",\"seq\":0}", 0,
                  "session is missing or wrong" },
                { "{\"v\":1,\"event\":\"stop\"," TIME ",\"session\":\"a\",\"seq\":0}", 0,
                  "session is missing or wrong" },
                { HEAD "}", 0, "seq is missing or wrong" },
                { HEAD ",\"seq\":-1}", 0, "seq is missing or wrong" },
                { HEAD ",\"seq\":0,\"terminate_cause\":7}", 0,
                  "terminate_cause is missing or wrong" },
                { PORT "}", 0, "local_port is missing or wrong" },
                { PORT ",\"local_port\":0}", 0, "local_port is missing or wrong" },
                { PORT ",\"local_port\":65536}", 0, "local_port is missing or wrong" },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                size_t size = cases[i].size ? cases[i].size : strlen(cases[i].text);
                char finding[LOGREADER_FINDING_MAX] = "";
                struct record *record = NULL;

                assert_true(logreader_parse(cases[i].text, size, &record, finding) > 0);
                assert_null(record);
                assert_string_equal(finding, cases[i].finding);
        }
}

/* What a local port moved is a record, and no session's. */
static void test_parse_port(void **state) {
        const char *text = PORT ",\"local_port\":22,\"user\":null,\"in_bytes\":700}";
        _cleanup_(record_freep) struct record *record = NULL;
        char finding[LOGREADER_FINDING_MAX];

        (void)state;
        assert_int_equal(logreader_parse(text, strlen(text), &record, finding), 0);
        assert_true(record_is_port(record));
        assert_int_equal(record->local_port, 22);
        assert_null(record->user);
        record = record_free(record);
        assert_int_equal(logreader_parse(RECORD, strlen(RECORD), &record, finding), 0);
        assert_false(record_is_port(record));
}

static void test_parse_record(void **state) {
        static const char *const records[] = {
                RECORD,
                HEAD ",\"seq\":3,\"in_bytes\":700,\"novel\":{\"key\":[1]}}", /* a later release */
                "  " RECORD " \r",
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(records); i++) {
                _cleanup_(record_freep) struct record *record = NULL;
                char finding[LOGREADER_FINDING_MAX];

                assert_int_equal(logreader_parse(records[i], strlen(records[i]), &record, finding),
                                 0);
                assert_int_equal(record->seq, 3);
                assert_int_equal(record->in_bytes, 700);
                assert_int_equal(record->out_bytes, RECORD_UNKNOWN);
                assert_null(record->user);
        }
}

static int reader_of(void **state, const struct logreader_place *from, struct logreader **ret) {
        int fd = open(temporary_path(state, "log"), O_RDONLY | O_CLOEXEC);

        assert_true(fd >= 0);
        assert_int_equal(logreader_new(fd, from, ret), 0);
        return fd;
}

static void add(void **state, const char *text) {
        FILE *file = fopen(temporary_path(state, "log"), "ae");

        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static void expect_record(struct logreader *reader, uint64_t number, uint64_t offset) {
        struct logreader_line line;

        assert_int_equal(logreader_next(reader, &line), 0);
        assert_non_null(line.record);
        assert_int_equal(line.number, number);
        assert_int_equal(line.offset, offset);
        assert_int_equal(line.size, strlen(RECORD));
        assert_string_equal(line.text, RECORD);
        assert_int_equal(line.record->in_bytes, 700);
}

static void expect_finding(struct logreader *reader, uint64_t number, uint64_t offset,
                           const char *finding) {
        struct logreader_line line;

        assert_int_equal(logreader_next(reader, &line), 0);
        assert_null(line.record);
        assert_int_equal(line.number, number);
        assert_int_equal(line.offset, offset);
        assert_string_equal(line.finding, finding);
}

static void expect_end(struct logreader *reader, uint64_t offset, uint64_t lines) {
        struct logreader_place place;
        struct logreader_line line;

        assert_int_equal(logreader_next(reader, &line), LOGREADER_E_END);
        logreader_place(reader, &place);
        assert_int_equal(place.offset, offset);
        assert_int_equal(place.lines, lines);
}

#define N (strlen(RECORD) + 1)
#define TORN "torn, or just being written: no newline at its end"

static void test_places(void **state) {
        const struct logreader_place begin = { 0 };
        _cleanup_(logreader_freep) struct logreader *reader = NULL, *later = NULL;
        _cleanup_(fd_closep) int fd = -1, later_fd = -1;
        struct logreader_place place;

        add(state, "");
        fd = reader_of(state, &begin, &reader);
        expect_end(reader, 0, 0);

        /* it goes on where it was, when there is more */
        add(state, RECORD "\n{\n" RECORD "\n");
        expect_record(reader, 1, 0);
        logreader_place(reader, &place);
        expect_finding(reader, 2, N, "torn, or not a JSON object");
        expect_record(reader, 3, N + 2);
        expect_end(reader, 2 * N + 2, 3);

        /* from a place that was kept */
        later_fd = reader_of(state, &place, &later);
        expect_finding(later, 2, N, "torn, or not a JSON object");
        expect_record(later, 3, N + 2);
        expect_end(later, 2 * N + 2, 3);
}

/* A record counts when its newline is there, and not twice. */
static void test_growing(void **state) {
        const struct logreader_place begin = { 0 };
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        _cleanup_(fd_closep) int fd = -1;

        add(state, RECORD "\n{\"v\"");
        fd = reader_of(state, &begin, &reader);
        expect_record(reader, 1, 0);
        expect_finding(reader, 2, N, TORN);
        expect_end(reader, N, 1);
        expect_end(reader, N, 1);
        add(state, ":");
        expect_finding(reader, 2, N, TORN);
        expect_end(reader, N, 1);
        add(state, strchr(RECORD, ':') + 1);
        expect_finding(reader, 2, N, TORN);
        add(state, "\n");
        expect_record(reader, 2, N);
        expect_end(reader, 2 * N, 2);
}

/* What log_append() makes of a torn end: the torn line is lost, and nothing else. */
static void test_torn(void **state) {
        static const char line[] = RECORD "\n";
        const struct logreader_place begin = { 0 };
        _cleanup_(fd_closep) int folder_fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        uint64_t patience = 60 * CLOCK_SECOND;

        for (size_t torn = 1; torn < strlen(RECORD); torn++) {
                _cleanup_(logreader_freep) struct logreader *reader = NULL;
                _cleanup_(fd_closep) int fd = -1;
                char part[sizeof(RECORD)];

                memcpy(part, RECORD, torn);
                part[torn] = '\0';
                temporary_write(state, "log", line);
                add(state, part);
                assert_int_equal(log_append(folder_fd, temporary_path(state, "log"), line,
                                            strlen(line), &patience),
                                 0);
                fd = reader_of(state, &begin, &reader);
                expect_record(reader, 1, 0);
                expect_finding(reader, 2, N, "torn, or not a JSON object");
                expect_record(reader, 3, N + torn + 1);
                expect_end(reader, 2 * N + torn + 1, 3);
        }
}

/* A line of the greatest length is read, a longer one is not; the next ones are. */
static void test_long(void **state) {
        const struct logreader_place begin = { 0 };

        for (size_t more = 0; more < 3; more++) {
                _cleanup_(logreader_freep) struct logreader *reader = NULL;
                size_t size = RECORD_LINE_MAX + more * more * RECORD_LINE_MAX + (more == 1);
                _cleanup_(fd_closep) int fd = -1;
                FILE *file = fopen(temporary_path(state, "log"), "we");
                struct logreader_line line;

                /* blanks in front of a record are a part of its line */
                assert_non_null(file);
                assert_true(fputs(RECORD "\n", file) >= 0);
                for (size_t i = 0; i < size - strlen(RECORD); i++)
                        assert_int_equal(fputc(' ', file), ' ');
                assert_true(fputs(RECORD "\n" RECORD "\n", file) >= 0);
                assert_int_equal(fclose(file), 0);

                fd = reader_of(state, &begin, &reader);
                expect_record(reader, 1, 0);
                if (more) {
                        expect_finding(reader, 2, N, "longer than 262144 bytes");
                } else {
                        assert_int_equal(logreader_next(reader, &line), 0);
                        assert_int_equal(line.size, RECORD_LINE_MAX);
                        assert_non_null(line.record);
                }
                expect_record(reader, 3, N + size + 1);
                expect_end(reader, 2 * N + size + 1, 3);
        }
}

static void test_fd(void **state) {
        const struct logreader_place begin = { 0 }, far = { .offset = 7 };
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        struct logreader *none = NULL;
        struct logreader_line line;
        int ends[2];

        (void)state;
        assert_int_equal(logreader_new(-1, &begin, &none), -EBADF);

        /* a pipe has a begin, and no other place */
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        assert_int_equal(logreader_new(ends[0], &far, &none), -ESPIPE);
        assert_int_equal(write(ends[1], RECORD "\n", N), N);
        close(ends[1]);
        assert_int_equal(logreader_new(ends[0], &begin, &reader), 0);
        expect_record(reader, 1, 0);
        expect_end(reader, N, 1);
        close(ends[0]);
        assert_int_equal(logreader_next(reader, &line), -EBADF);
        assert_null(none);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse),
                cmocka_unit_test(test_parse_port),
                cmocka_unit_test(test_parse_record),
                TEST(test_places),
                TEST(test_growing),
                TEST(test_torn),
                TEST(test_long),
                cmocka_unit_test(test_fd),
        };

        return cmocka_run_group_tests_name("logreader", tests, NULL, NULL);
}
