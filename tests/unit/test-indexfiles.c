/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The index and its files: each record counts once, whatever rotation does, whoever else takes in,
 * whoever is killed; a database that is no good is made anew.
 */

#include "index-world.h"
#include "unit.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

static char *base(void **state) {
        static char path[512];

        (void)snprintf(path, sizeof(path), "%s", temporary_path(state, "index.db"));
        return path;
}

static int open_index(void **state, struct index **ret_index) {
        char log[512];

        (void)snprintf(log, sizeof(log), "%s", temporary_path(state, "log"));
        return index_open(base(state), log, INDEX_SSH, ret_index);
}

/* Add a session's record number n, of n + 1 bytes. */
static void add(void **state, const char *name, unsigned int n) {
        world_add(state, name,
                  &(struct world_record){ n, 0, "start", MIDNIGHT + n * CLOCK_SECOND, NULL, n + 1,
                                          n + 1, NULL });
}

static uint64_t sum(struct index *index) {
        const uint64_t edges[] = { MIDNIGHT, MIDNIGHT + 24 * HOUR };
        const struct index_query query = { .edges = edges, .n_edges = 2 };
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;

        assert_int_equal(index_ask(index, &query, &answer), 0);
        assert_int_equal(answer->total.out, 2 * answer->total.in);
        return answer->total.in;
}

/* Open, take in, and see that records 0 to n - 1 count, each once; bad lines that were named. */
static unsigned int expect(void **state, unsigned int n) {
        struct world_heard heard = { 0 };
        _cleanup_(index_freep) struct index *index = NULL;
        struct index_counts counts;

        assert_int_equal(open_index(state, &index), 0);
        assert_int_equal(world_take(state, index, &heard), 0);
        assert_int_equal(index_counts(index, &counts), 0);
        assert_int_equal(counts.records, n);
        assert_int_equal(counts.sessions, n);
        assert_int_equal(sum(index), (uint64_t)n * (n + 1) / 2);
        assert_int_equal(heard.files, 0);
        return heard.lines;
}

static void test_rotation(void **state) {
        for (unsigned int n = 0; n < 3; n++)
                add(state, "log", n);
        /* this line is named once: what was taken in is not read again */
        world_append(state, "log", "torn\n");
        assert_int_equal(expect(state, 3), 1);
        add(state, "log", 3);
        assert_int_equal(expect(state, 4), 0);
        world_move(state, "log", "log.1");
        add(state, "log.1", 4); /* who had it open wrote once more */
        add(state, "log", 5);
        assert_int_equal(expect(state, 6), 0);
        world_compress(state, "log.1", "log.2.gz", 0);
        world_move(state, "log", "log.1");
        add(state, "log", 6);
        assert_int_equal(expect(state, 7), 0);
        world_compress(state, "log.1", "log-20261123.zst", 0);
        assert_int_equal(expect(state, 7), 0);
        /* compressed before it was seen */
        add(state, "log", 7);
        world_compress(state, "log", "log.1.gz", 0);
        add(state, "log", 8);
        assert_int_equal(expect(state, 9), 0);
        /* what is gone stays counted */
        (void)unlink(temporary_path(state, "log.2.gz"));
        assert_int_equal(expect(state, 9), 0);
}

static void copy(void **state, const char *from, const char *to) {
        size_t size;
        char *text = world_read(state, from, &size);

        world_write(state, to, text, size);
        free(text);
}

static void test_copytruncate(void **state) {
        add(state, "log", 0);
        add(state, "log", 1);
        (void)expect(state, 2);
        add(state, "log", 2);
        copy(state, "log", "log.1");
        (void)expect(state, 3);
        assert_int_equal(truncate(temporary_path(state, "log"), 0), 0);
        (void)expect(state, 3);
        add(state, "log", 3);
        (void)expect(state, 4);
        /* it may have grown beyond its old size when it is looked at again */
        copy(state, "log", "log.1");
        assert_int_equal(truncate(temporary_path(state, "log"), 0), 0);
        for (unsigned int n = 4; n < 9; n++)
                add(state, "log", n);
        (void)expect(state, 9);
}

/* An admin who takes a line out, or files that begin alike. */
static void test_altered(void **state) {
        size_t size;
        char *text, *line;

        for (unsigned int n = 0; n < 20; n++)
                add(state, "log", n);
        (void)expect(state, 20);
        text = world_read(state, "log", &size);
        /* beyond the begin by which it is known */
        line = strstr(text, "000000000011\"");
        line = strchr(line, '\n') + 1;
        assert_true(line - text > 4096);
        memmove(line, strchr(line, '\n') + 1, strlen(strchr(line, '\n') + 1) + 1);
        temporary_write(state, "log", text);
        free(text);
        add(state, "log", 20);
        (void)expect(state, 21);

        temporary_write(state, "log.1", "torn\n");
        temporary_write(state, "log.2", "torn\n");
        /* the same bytes are taken for the same file, until they differ */
        assert_int_equal(expect(state, 21), 1);
        add(state, "log.1", 21);
        add(state, "log.2", 22);
        assert_in_range(expect(state, 23), 0, 2);
}

static void test_torn(void **state) {
        struct index_counts counts;
        char line[WORLD_LINE_MAX];
        _cleanup_(index_freep) struct index *index = NULL;

        add(state, "log", 0);
        world_append(state, "log", "torn\n\n");
        (void)strcpy(line, world_line(&(struct world_record){ 1, 0, "start", MIDNIGHT, NULL, 2, 2,
                                                              NULL }));
        line[40] = '\0';
        world_append(state, "log", line);
        assert_int_equal(expect(state, 1), 3);
        /* what has no newline is named as long as it has none, and is not counted */
        assert_int_equal(expect(state, 1), 0);
        (void)strcpy(line, world_line(&(struct world_record){ 1, 0, "start", MIDNIGHT, NULL, 2, 2,
                                                              NULL }));
        world_append(state, "log", line + 40);
        assert_int_equal(expect(state, 2), 0);
        assert_int_equal(open_index(state, &index), 0);
        assert_int_equal(index_counts(index, &counts), 0);
        assert_int_equal(counts.bad_lines, 2);
}

static void test_damaged_archive(void **state) {
        struct world_heard heard = { 0 };
        _cleanup_(index_freep) struct index *index = NULL;
        struct index_counts counts;

        for (unsigned int n = 0; n < 200; n++)
                add(state, "log", n);
        world_compress(state, "log", "log.1.gz", 2000);
        add(state, "log", 200);
        assert_int_equal(open_index(state, &index), 0);
        assert_int_equal(world_take(state, index, &heard), 0);
        assert_int_equal(heard.files, 1);
        assert_string_equal(heard.what, "the archive ends too early");
        assert_int_equal(index_counts(index, &counts), 0);
        assert_in_range(counts.records, 2, 200);
        /* it is said once */
        assert_int_equal(world_take(state, index, &heard), 0);
        assert_int_equal(heard.files, 1);
}

static void test_made_anew(void **state) {
        static const char *const changes[] = {
                "PRAGMA user_version = 999; UPDATE counts SET records = 7",
                "CREATE TRIGGER t AFTER INSERT ON causes BEGIN DELETE FROM records; END",
                "CREATE TABLE kept AS SELECT * FROM log; DROP TABLE log; CREATE TABLE log(path); "
                "INSERT INTO log SELECT * FROM kept; DROP TABLE kept; UPDATE counts SET records = "
                "7",
        };
        struct index_counts counts;
        char other_log[512];
        sqlite3 *other;
        struct index *index = NULL;

        add(state, "log", 0);
        add(state, "log", 1);
        (void)expect(state, 2);
        assert_int_equal(unlink(base(state)), 0);
        (void)expect(state, 2);

        /* another release's, and one with something that would run */
        for (size_t i = 0; i < UNIT_COUNT(changes); i++) {
                assert_int_equal(sqlite3_open(base(state), &other), SQLITE_OK);
                assert_int_equal(sqlite3_exec(other, changes[i], NULL, NULL, NULL), SQLITE_OK);
                assert_int_equal(sqlite3_close(other), SQLITE_OK);
                (void)expect(state, 2);
        }
        /* of another log */
        (void)snprintf(other_log, sizeof(other_log), "%s", temporary_path(state, "lof"));
        assert_int_equal(index_open(base(state), other_log, INDEX_SSH, &index), 0);
        assert_int_equal(index_counts(index, &counts), 0);
        assert_int_equal(counts.records, 0);
        (void)index_free(index);
        (void)expect(state, 2);

        /* no database, or somebody else's: it is set aside */
        for (int i = 0; i < 2; i++) {
                (void)unlink(base(state));
                if (!i) {
                        temporary_write(
                                state, "index.db",
                                "this is a text, and not a database at all, of some length");
                } else {
                        assert_int_equal(sqlite3_open(base(state), &other), SQLITE_OK);
                        assert_int_equal(sqlite3_exec(other, "CREATE TABLE theirs(a)", NULL, NULL,
                                                      NULL),
                                         SQLITE_OK);
                        assert_int_equal(sqlite3_close(other), SQLITE_OK);
                }
                assert_int_equal(open_index(state, &index), INDEX_E_DAMAGED);
                assert_int_equal(index_discard(base(state)), 0);
                assert_int_equal(access(temporary_path(state, "index.db.damaged"), F_OK), 0);
                (void)expect(state, 2);
        }
}

/* Any page that is overwritten: it is noticed, or does not matter; nothing else happens. */
static void test_damaged_pages(void **state) {
        struct stat st;

        for (unsigned int n = 0; n < 300; n++)
                add(state, "log", n);
        (void)expect(state, 300);
        copy(state, "index.db", "good");
        assert_int_equal(stat(base(state), &st), 0);
        for (off_t page = 0; page < st.st_size / 4096 && page < 60; page++) {
                const uint64_t edges[] = { MIDNIGHT, MIDNIGHT + 24 * HOUR };
                const struct index_query query = { .edges = edges,
                                                   .n_edges = 2,
                                                   .by = { INDEX_USER, INDEX_REMOTE } };
                char noise[4096];
                struct index *index = NULL;
                struct index_answer *answer = NULL;
                int fd, r;

                copy(state, "good", "index.db");
                fd = open(base(state), O_RDWR | O_CLOEXEC);
                memset(noise, page % 2 ? 0xff : 0x5a, sizeof(noise));
                assert_int_equal(pwrite(fd, noise + page, 4000, page * 4096 + 50), 4000);
                (void)close(fd);
                add(state, "log", 300 + (unsigned int)page);
                r = open_index(state, &index);
                if (!r)
                        r = world_take(state, index, NULL);
                if (!r)
                        r = index_ask(index, &query, &answer);
                assert_true(r == 0 || r == INDEX_E_DAMAGED);
                (void)index_ask_free(answer);
                (void)index_free(index);
        }
}

struct killed {
        unsigned int lines;
};

static void kill_at(void *context, const char *path, const struct logreader_line *line) {
        struct killed *killed = context;

        (void)path;
        (void)line;
        if (!killed->lines--)
                (void)raise(SIGKILL);
}

static void test_killed(void **state) {
        for (unsigned int n = 0; n < 400; n++) {
                add(state, "log", n);
                if (n % 40 == 39)
                        world_append(state, "log", "torn\n");
        }
        for (unsigned int i = 0; i < 10; i += 3) {
                pid_t pid = fork();
                int status;

                if (!pid) {
                        struct killed killed = { i };
                        const struct index_watch watch = { .context = &killed, .line = kill_at };
                        struct index *index = NULL;
                        struct logset *set = NULL;

                        if (open_index(state, &index) ||
                            logset_new(temporary_path(state, "log"), &set))
                                _exit(1);
                        (void)index_take(index, set, &watch);
                        _exit(2);
                }
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFSIGNALED(status));
        }
        assert_int_equal(expect(state, 400), 10);
        (void)expect(state, 400);
}

/* Several at once, while the log grows: none fails, and each record counts once. */
static void test_together(void **state) {
        pid_t pids[4];
        int status;

        for (unsigned int n = 0; n < 300; n++)
                add(state, "log", n);
        for (size_t i = 0; i < 4; i++) {
                pids[i] = fork();
                if (pids[i])
                        continue;
                for (int round = 0; round < 5; round++) {
                        struct index *index = NULL;
                        int r = open_index(state, &index);

                        if (!r)
                                r = world_take(state, index, NULL);
                        (void)index_free(index);
                        if (r)
                                _exit(10 + (r < 0 ? -r : r));
                }
                _exit(0);
        }
        for (unsigned int n = 300; n < 400; n++)
                add(state, "log", n);
        for (size_t i = 0; i < 4; i++) {
                assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
                assert_int_equal(status, 0);
        }
        (void)expect(state, 400);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_rotation, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_copytruncate, temporary_setup,
                                                temporary_teardown),
                cmocka_unit_test_setup_teardown(test_altered, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_torn, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_damaged_archive, temporary_setup,
                                                temporary_teardown),
                cmocka_unit_test_setup_teardown(test_made_anew, temporary_setup,
                                                temporary_teardown),
                cmocka_unit_test_setup_teardown(test_damaged_pages, temporary_setup,
                                                temporary_teardown),
                cmocka_unit_test_setup_teardown(test_killed, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_together, temporary_setup, temporary_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
