/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * SSH_AUTH_INFO_0: methods, and fingerprints that are those of ssh-keygen -l. The keys were made
 * with ssh-keygen; system/auth.sh compares with a living sshd and with ssh-keygen itself.
 */

#include "base/cleanup.h"
#include "store/authinfo.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX 8192

static void check(const char *text, const char *method, const char *key) {
        struct authinfo info = { 0 };

        assert_int_equal(authinfo_parse(text, &info), 0);
        if (method)
                assert_string_equal(info.method, method);
        else
                assert_null(info.method);
        if (key)
                assert_string_equal(info.key, key);
        else
                assert_null(info.key);
        free(info.method);
        free(info.key);
}

static void test_methods(void **state) {
        (void)state;
        check(NULL, NULL, NULL);
        check("", NULL, NULL);
        check("password\n", "password", NULL);
        check("keyboard-interactive/pam\n", "keyboard-interactive/pam", NULL);
        check("password", "password", NULL);
        check("publickey ssh-ed25519\n", "publickey", NULL);
        check("publickey ssh-ed25519 !!!!\n", "publickey", NULL);
        check("publickey ssh-ed25519 AAAA\n", "publickey", NULL); /* shorter than its own length */
        check("publickey ssh-ed25519 /////w==\npassword\n", "publickey,password", NULL);
}

/* Each file of data/keys: a public key or certificate, and what `ssh-keygen -lf` said of it. */
static void test_fingerprints(void **state) {
        FILE *file = fopen(TEST_DATA "/keys", "r");
        char type[128], key[TEXT_MAX], fingerprint[128], text[TEXT_MAX + 512];
        unsigned int n = 0;

        (void)state;
        assert_non_null(file);
        while (fscanf(file, "%127s %8191s %127s", type, key, fingerprint) == 3) {
                (void)snprintf(text, sizeof(text), "publickey %s %s\n", type, key);
                check(text, "publickey", fingerprint);
                (void)snprintf(text, sizeof(text),
                               "password\npublickey %s %s\nkeyboard-interactive/pam\n", type, key);
                check(text, "password,publickey,keyboard-interactive/pam", fingerprint);
                n++;
        }
        (void)fclose(file);
        assert_in_range(n, 8, 100);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_methods),
                cmocka_unit_test(test_fingerprints),
        };

        return cmocka_run_group_tests_name("authinfo", tests, NULL, NULL);
}
