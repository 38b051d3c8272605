/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Lines in which sshd says that somebody has logged in, and lines that only look so.
 */

#include "cli/doctor/sshdline.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND UINT64_C(1000000)
#define NOW (UINT64_C(1795953605) * SECOND) /* 2026-11-29 12:00:05 UTC */
#define THEN (UINT64_C(1795953603) * SECOND)
#define TAIL "Accepted publickey for alice from 10.77.0.2 port 40022 ssh2"

static void accepted(const char *text, uint64_t time, const char *user, const char *address) {
        char shown[ADDRESS_TEXT_MAX];
        struct sshdline line;

        assert_int_equal(sshdline_parse(text, NOW, &line), 0);
        assert_int_equal(line.kind, SSHDLINE_ACCEPTED);
        assert_int_equal(line.time, time);
        assert_int_equal(line.pid, 136);
        assert_string_equal(line.user, user);
        assert_int_equal(line.remote.port, 40022);
        address_format(&line.remote.address, shown);
        assert_string_equal(shown, address);
}

static void test_heads(void **state) {
        (void)state;
        accepted("1795953603.000005 host sshd[136]: " TAIL, THEN + 5, "alice", "10.77.0.2");
        accepted("2026-11-29T12:00:03Z host sshd[136]: " TAIL, THEN, "alice", "10.77.0.2");
        accepted("2026-11-29T13:00:03.25+01:00 h sshd-session[136]: " TAIL, THEN + 250000, "alice",
                 "10.77.0.2");
        accepted("2026-11-29T08:30:03.1234567-03:30 h sshd[136]: " TAIL, THEN + 123456, "alice",
                 "10.77.0.2");
        accepted("Nov 29 12:00:03 host sshd[136]: " TAIL, THEN, "alice", "10.77.0.2");
        /* what would still be to come is of the year before */
        accepted("Dec  1 12:00:03 host sshd[136]: " TAIL, THEN - 363 * 86400 * SECOND, "alice",
                 "10.77.0.2");
}

static void test_accepted(void **state) {
        struct sshdline line;

        (void)state;
#define HEAD "1795953603.0 host sshd[136]: "
        accepted(HEAD "Accepted keyboard-interactive/pam for bob from fe80::1%eth0 port 40022 ssh2",
                 THEN, "bob", "fe80::1");
        accepted(HEAD "Accepted publickey for a from b from ::ffff:10.77.0.2 port 40022 ssh2: KEY",
                 THEN, "a from b", "10.77.0.2");
        /* what a certificate says of itself */
        accepted(HEAD TAIL ": ED25519-CERT SHA256:A ID x from 10.0.0.1 port 2 ssh2 (serial 0)",
                 THEN, "alice", "10.77.0.2");
        assert_int_equal(sshdline_parse(HEAD "Accepted none for alice from UNKNOWN port 65535 ssh2",
                                        NOW, &line),
                         0);
        assert_int_equal(line.remote.address.family, AF_UNSPEC);
}

static void test_opened(void **state) {
        static const char *const texts[] = {
                HEAD "pam_unix(sshd:session): session opened for user alice(uid=20001) by (uid=0)",
                HEAD "pam_unix(sshd:session): session opened for user alice by (uid=0)",
        };
        struct sshdline line;

        (void)state;
        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
                assert_int_equal(sshdline_parse(texts[i], NOW, &line), 0);
                assert_int_equal(line.kind, SSHDLINE_OPENED);
                assert_string_equal(line.user, "alice");
                assert_int_equal(line.remote.address.family, AF_UNSPEC);
        }
}

static void test_refused(void **state) {
        struct sshdline line;

        (void)state;
        assert_int_equal(sshdline_parse(HEAD "error: PAM: pam_open_session(): Cannot make/remove "
                                             "an entry for the specified session",
                                        NOW, &line),
                         0);
        assert_int_equal(line.kind, SSHDLINE_REFUSED);
        assert_int_equal(line.pid, 136);
        assert_string_equal(line.user, "");
        assert_int_equal(line.remote.address.family, AF_UNSPEC);
}

static void test_others(void **state) {
        static const char *const texts[] = {
                "",
                TAIL,
                "1795953603.0 host mysshd[136]: " TAIL,
                "1795953603.0 host sshd: " TAIL,
                "1795953603.0 host sshd[0]: " TAIL,
                "1795953603.0 host sshd[99999999999]: " TAIL,
                "1795953603.0 sshd[136]: " TAIL,
                "Feb 30 25:00:03 host sshd[136]: " TAIL,
                "2026-11-31T12:00:03Z host sshd[136]: " TAIL,
                "2026-11-29T12:00:03 host sshd[136]: " TAIL,
                HEAD "Failed password for alice from 10.77.0.2 port 40022 ssh2",
                HEAD "Accepted key ED25519 SHA256:A found at /root/.ssh/authorized_keys:1",
                HEAD "Accepted publickey for alice from 10.77.0.2 port 65536 ssh2",
                HEAD "Accepted publickey for alice from host port 22 ssh2",
                HEAD "Accepted publickey for alice from 10.77.0.2 port 40022 ssh2x",
                HEAD "Accepted publickey for  from ",
                HEAD "x " TAIL,
                HEAD "pam_unix(su:session): session opened for user alice(uid=20001) by (uid=0)",
                HEAD "pam_unix(sshd:session): session closed for user alice",
                HEAD "error: PAM: Authentication failure for alice from 10.77.0.2",
                HEAD "PAM: pam_open_session(): x",
        };
        struct sshdline line;

        (void)state;
        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
                assert_int_equal(sshdline_parse(texts[i], NOW, &line), SSHDLINE_E_OTHER);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_heads),  cmocka_unit_test(test_accepted),
                cmocka_unit_test(test_opened), cmocka_unit_test(test_refused),
                cmocka_unit_test(test_others),
        };

        (void)setenv("TZ", "UTC", 1);
        tzset();
        return cmocka_run_group_tests_name("sshdline", tests, NULL, NULL);
}
