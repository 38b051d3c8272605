/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Lines of PAM files: which of them is the module's, for sshd, and which takes in another file.
 */

#include "session/foundpam.h"
#include "unit.h"

#include <string.h>

static void test_ours(void **state) {
        static const struct {
                const char *line;
                bool ours;
                const char *config;
        } cases[] = {
                { "session optional pam_traffic.so", true, "" },
                { "\tSESSION  required\t/lib/security/pam_traffic.so  ", true, "" },
                { "-session [success=ok default=1 ignore = ignore] pam_traffic.so strict", true,
                  "" },
                { "session optional pam_traffic.so conf=/a service=x service=sshd # y", true,
                  "/a" },
                { "session optional pam_traffic.so conf=/a#b", true, "/a" },
                { "session optional pam_traffic.so service=SSHD", false, "" },
                { "session optional pam_traffic.so service=login", false, "" },
                { "session optional pam_traffic.so.old", false, "" },
                { "session optional xpam_traffic.so", false, "" },
                { "session optional pam_exec.so pam_traffic.so", false, "" },
                { "auth optional pam_traffic.so", false, "" },
                { "# session optional pam_traffic.so", false, "" },
                { "session optional # pam_traffic.so", false, "" },
                { "session [optional pam_traffic.so", false, "" },
                { "session", false, "" },
                { "", false, "" },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct foundpam_line line;

                foundpam_parse(cases[i].line, strlen(cases[i].line), &line);
                assert_int_equal(line.ours, cases[i].ours);
                assert_string_equal(line.config, cases[i].config);
                assert_false(line.includes);
        }
}

static void test_includes(void **state) {
        static const struct {
                const char *line;
                const char *name; /* NULL: it includes nothing */
        } cases[] = {
                { "@include common-session", "common-session" },
                { "session include common-session", "common-session" },
                { "session\tsubstack /etc/pam.d/other #", "/etc/pam.d/other" },
                { "auth include common-auth", NULL },
                { "session required include", NULL },
                { "@include", NULL },
                { "#@include common-session", NULL },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct foundpam_line line;

                foundpam_parse(cases[i].line, strlen(cases[i].line), &line);
                assert_int_equal(line.includes, !!cases[i].name);
                if (cases[i].name)
                        assert_string_equal(line.name, cases[i].name);
                assert_false(line.ours);
        }
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ours),
                cmocka_unit_test(test_includes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
