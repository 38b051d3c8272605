/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The file of sshd as distributions have it, with our line and without, and what is left alone.
 */

#include "cli/etc/pamedit.h"
#include "unit.h"

#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULE "session    optional     " PAMFILE_MODULE

/* As if these two knew the session. */
static int weigh(void *context, const struct pamfile_line *line) {
        (void)context;
        if (pamfile_text_is(&line->module, "common-session") ||
            pamfile_is_module(line, "pam_systemd.so"))
                return 2;
        if (line->kind == PAMFILE_INCLUDE)
                return 0;
        return pamfile_is_session(line);
}

/* The line that stands before ours. */
static void assert_behind(const struct pamedit *edit, const char *line) {
        const char *ours = strstr(edit->data, RULE);

        assert_non_null(ours);
        assert_true((size_t)(ours - edit->data) > strlen(line));
        assert_memory_equal(ours - strlen(line) - 1, line, strlen(line));
}

static void test_distributions(void **state) {
        static const struct {
                const char *name;
                const char *before;
        } cases[] = {
                { "debian12", "\n@include common-session" },
                { "debian13", "\n@include common-session" },
                { "fedora", "\nsession    include      postlogin" },
                { "arch", "\nsession   include   system-remote-login" },
                { "opensuse", "\nsession     include     common-session" },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                _cleanup_(pamedit_clear) struct pamedit added = { 0 }, again = { 0 }, gone = { 0 };
                _cleanup_(fd_closep) int folder =
                        open(TEST_CORPUS "/pamfile", O_PATH | O_DIRECTORY | O_CLOEXEC);
                _cleanup_(freep) char *data = NULL;
                size_t size;

                assert_int_equal(file_read_at(folder, cases[i].name, PAMFILE_SIZE_MAX, &data,
                                              &size),
                                 0);
                assert_int_equal(pamedit_add(data, size, RULE, weigh, NULL, &added), 0);
                assert_int_equal(added.reason, PAMEDIT_DONE);
                assert_behind(&added, cases[i].before);

                assert_int_equal(pamedit_add(added.data, added.size, RULE, weigh, NULL, &again), 0);
                assert_int_equal(again.reason, PAMEDIT_NOTHING);
                assert_int_equal(again.number, added.number);

                assert_int_equal(pamedit_remove(added.data, added.size, &gone), 0);
                assert_int_equal(gone.reason, PAMEDIT_DONE);
                assert_int_equal(gone.size, size);
                assert_memory_equal(gone.data, data, size);
        }
}

static void test_left_alone(void **state) {
        static const struct {
                const char *file;
                enum pamedit_reason added, removed;
                size_t number;
        } cases[] = {
                { "session required pam_unix.so\n" RULE "\n" RULE " debug\n", PAMEDIT_SEVERAL,
                  PAMEDIT_SEVERAL, 3 },
                { "session required pam_unix.so\nsession required \\\n pam_a.so\n", PAMEDIT_ODD,
                  PAMEDIT_ODD, 2 },
                { "session required pam_unix.so\r\n", PAMEDIT_ODD, PAMEDIT_ODD, 1 },
                { "session required pam_unix.so\n#" RULE " colour=green\n", PAMEDIT_COMMENTED,
                  PAMEDIT_NOTHING, 2 },
                { "session required pam_unix.so\n#" RULE " conf=/etc/x\n", PAMEDIT_COMMENTED,
                  PAMEDIT_NOTHING, 2 },
                { "session required pam_unix.so\n#session sufficient pam_traffic.so\n",
                  PAMEDIT_COMMENTED, PAMEDIT_NOTHING, 2 },
                { "session required pam_unix.so\n#auth optional pam_traffic.so\n",
                  PAMEDIT_COMMENTED, PAMEDIT_NOTHING, 2 },
                { "session required pam_unix.so\n# was: " RULE "\n", PAMEDIT_COMMENTED,
                  PAMEDIT_NOTHING, 2 },
                { "#" RULE "\nsession required pam_unix.so\n# " RULE "\n", PAMEDIT_COMMENTED,
                  PAMEDIT_NOTHING, 3 },
                { "auth required pam_unix.so\n", PAMEDIT_NO_PLACE, PAMEDIT_NOTHING, 0 },
                { "", PAMEDIT_NO_PLACE, PAMEDIT_NOTHING, 0 },
                { "session [success=1 default=ignore] pam_a.so\nsession optional pam_systemd.so\n"
                  "session required pam_b.so\n",
                  PAMEDIT_DONE, PAMEDIT_NOTHING, 3 },
                { "session [success=2 default=ignore] pam_a.so\nsession optional pam_systemd.so\n"
                  "session required pam_b.so\n",
                  PAMEDIT_JUMP, PAMEDIT_NOTHING, 1 },
                { "what is this\nsession required pam_unix.so\n", PAMEDIT_ODD, PAMEDIT_ODD, 1 },
                { "session optional /lib/security/pam_traffic.so # ours\n", PAMEDIT_NOTHING,
                  PAMEDIT_DONE, 1 },
                { "session optional xpam_traffic.so\n", PAMEDIT_DONE, PAMEDIT_NOTHING, 2 },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                _cleanup_(pamedit_clear) struct pamedit added = { 0 }, removed = { 0 };
                size_t size = strlen(cases[i].file);

                assert_int_equal(pamedit_add(cases[i].file, size, RULE, weigh, NULL, &added), 0);
                assert_int_equal(added.reason, cases[i].added);
                if (cases[i].number)
                        assert_int_equal(added.number, cases[i].number);
                assert_int_equal(pamedit_remove(cases[i].file, size, &removed), 0);
                assert_int_equal(removed.reason, cases[i].removed);
                assert_non_null(pamedit_reason(&added));
        }
}

/* Somebody has switched our rule off by hand: the comment goes, and the rule is where it belongs.
 */
static void test_uncommented(void **state) {
        static const char *const comments[] = {
                "#" RULE "\n",
                "# " RULE "\n",
                "#\tsession  optional\tpam_traffic.so  \n",
                "# session optional pam_traffic.so debug\n",
                "##session required pam_traffic.so strict open_timeout=5s # for now\n",
        };
        static const char before[] = "auth required pam_a.so\n";
        static const char behind[] = "session required pam_unix.so\n";

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(comments); i++) {
                _cleanup_(pamedit_clear) struct pamedit added = { 0 }, gone = { 0 };
                char file[256], base[256];
                const char *words;

                (void)snprintf(base, sizeof(base), "%s%s", before, behind);
                (void)snprintf(file, sizeof(file), "%s%s%s", before, comments[i], behind);
                assert_int_equal(pamedit_add(file, strlen(file), RULE, weigh, NULL, &added), 0);
                assert_int_equal(added.reason, PAMEDIT_DONE);
                assert_int_equal(added.comment, 2);
                assert_int_equal(added.number, 3);
                /* with its words */
                words = comments[i] + strspn(comments[i], "# \t");
                assert_true(memmem(added.data, added.size, words, strlen(words)) ||
                            strchr(comments[i], '\t'));
                assert_int_equal(added.base_size, strlen(base));
                assert_memory_equal(added.base, base, strlen(base));
                assert_int_equal(pamedit_remove(added.data, added.size, &gone), 0);
                assert_int_equal(gone.size, strlen(base));
                assert_memory_equal(gone.data, base, strlen(base));
        }
}

static void test_no_newline(void **state) {
        static const char file[] = "auth required pam_a.so\nsession required pam_unix.so";
        _cleanup_(pamedit_clear) struct pamedit added = { 0 }, removed = { 0 };

        (void)state;
        assert_int_equal(pamedit_add(file, strlen(file), RULE, weigh, NULL, &added), 0);
        assert_int_equal(added.reason, PAMEDIT_DONE);
        assert_int_equal(added.size, strlen(file) + strlen(RULE) + 1);
        assert_int_equal(pamedit_remove(added.data, added.size, &removed), 0);
        assert_int_equal(removed.reason, PAMEDIT_DONE);
        assert_int_equal(removed.size, strlen(file));
        assert_memory_equal(removed.data, file, strlen(file));
}

static void test_lines(void **state) {
        static const char text[] = "-Session\t[success=12 default=ignore]  pam_systemd.so a  b#c\n"
                                   "session sufficient pam_a.so\n"
                                   "auth substack other\n";
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;

        (void)state;
        assert_int_equal(pamfile_parse(text, strlen(text), &file), 0);
        assert_int_equal(file->n, 3);
        assert_true(pamfile_is_session(&file->lines[0]));
        assert_int_equal(pamfile_jump(&file->lines[0]), 12);
        assert_true(pamfile_is_module(&file->lines[0], "pam_systemd.so"));
        assert_true(pamfile_has_argument(&file->lines[0], "b"));
        assert_false(pamfile_has_argument(&file->lines[0], "c"));
        assert_false(pamfile_may_end(&file->lines[0]));
        assert_true(pamfile_may_end(&file->lines[1]));
        assert_true(pamfile_includes(&file->lines[2]));
        assert_false(pamfile_is_session(&file->lines[2]));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_distributions), cmocka_unit_test(test_left_alone),
                cmocka_unit_test(test_no_newline),    cmocka_unit_test(test_uncommented),
                cmocka_unit_test(test_lines),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
