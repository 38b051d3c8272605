/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The configuration: defaults, drop-ins, and a clear line for everything that is bad.
 */

#include "config.h"
#include "store/settings.h"
#include "temporary.h"
#include "unit.h"

#include <sys/stat.h>

static char said[8192];

static void hear(void *context, const char *line) {
        (void)context;
        (void)strncat(said, line, sizeof(said) - strlen(said) - 1);
        (void)strncat(said, "\n", sizeof(said) - strlen(said) - 1);
}

static struct settings *load(void **state) {
        struct settings *settings = NULL;

        said[0] = '\0';
        assert_int_equal(settings_new(temporary_path(state, "conf"), hear, NULL, &settings), 0);
        return settings;
}

static void check_defaults(const struct settings *settings) {
        assert_string_equal(settings->log_file, PATH_LOG);
        assert_string_equal(settings->state_dir, PATH_STATE);
        assert_string_equal(settings->backend, "auto");
        assert_int_equal(settings->n_exclude, 0);
        assert_int_equal(settings->n_ports, 0);
        assert_int_equal(settings->interim_interval, 300000000);
        assert_int_equal(settings->linger, 3000000);
        assert_true(settings->syslog);
        assert_int_equal(settings->billing_day, 1);
        assert_string_equal(settings->usage_dir, PATH_USAGE);
}

static void test_defaults(void **state) {
        _cleanup_(settings_freep) struct settings *settings = load(state);

        check_defaults(settings);
        assert_string_equal(said, "");
}

/* The example has every key with its default: reading it changes nothing. */
static void test_example(void **state) {
        _cleanup_(settings_freep) struct settings *settings = NULL;

        (void)state;
        said[0] = '\0';
        assert_int_equal(settings_new(TEST_EXAMPLES "/pam_traffic.conf", hear, NULL, &settings), 0);
        check_defaults(settings);
        assert_string_equal(said, "");
}

static void test_values(void **state) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        struct address address;

        temporary_write(
                state, "conf",
                "# a comment\nlog_file = /srv/log\nstate_dir=/srv/state\n"
                "backend=iptables\nexclude = 10.0.0.0/8, fd00::/8 192.0.2.1\n"
                "interim_interval = 0\nlinger=500ms # how long\nsyslog=no\nports = 22 2222,65535\n"
                "billing_day = 28\n");
        settings = load(state);
        assert_string_equal(said, "");
        assert_string_equal(settings->log_file, "/srv/log");
        assert_string_equal(settings->state_dir, "/srv/state");
        assert_string_equal(settings->backend, "iptables");
        assert_int_equal(settings->n_exclude, 3);
        assert_int_equal(settings->n_ports, 3);
        assert_int_equal(settings->ports[0], 22);
        assert_int_equal(settings->ports[2], 65535);
        assert_int_equal(settings->interim_interval, 0);
        assert_int_equal(settings->linger, 500000);
        assert_false(settings->syslog);
        assert_int_equal(settings->billing_day, 28);

        assert_int_equal(address_parse("10.255.0.1", &address), 0);
        assert_true(settings_excluded(settings, &address));
        assert_int_equal(address_parse("fd12::1", &address), 0);
        assert_true(settings_excluded(settings, &address));
        assert_int_equal(address_parse("192.0.2.2", &address), 0);
        assert_false(settings_excluded(settings, &address));
}

static void test_dropins(void **state) {
        _cleanup_(settings_freep) struct settings *settings = NULL;

        temporary_write(state, "conf", "linger = 1s\nbilling_day = 5\n");
        assert_int_equal(mkdir(temporary_path(state, "conf.d"), 0700), 0);
        temporary_write(state, "conf.d/20-b.conf", "linger = 20s\n");
        temporary_write(state, "conf.d/10-a.conf", "linger = 10s\nsyslog = no\n");
        temporary_write(state, "conf.d/30-c.conf~", "linger = 30s\n");
        temporary_write(state, "conf.d/.40-d.conf", "linger = 40s\n");
        settings = load(state);
        assert_string_equal(said, "");
        assert_int_equal(settings->linger, 20000000);
        assert_int_equal(settings->billing_day, 5);
        assert_false(settings->syslog);
}

/* A bad value in a later file: the default, as the line says, and not the earlier file's. */
static void test_bad_dropin(void **state) {
        _cleanup_(settings_freep) struct settings *settings = NULL;

        temporary_write(state, "conf", "linger = 1s\nbilling_day = 5\n");
        assert_int_equal(mkdir(temporary_path(state, "conf.d"), 0700), 0);
        temporary_write(state, "conf.d/10-a.conf", "linger = often\n");
        settings = load(state);
        assert_non_null(strstr(said, "10-a.conf:1: linger = 'often'"));
        assert_non_null(strstr(said, "'3s' is used instead"));
        assert_int_equal(settings->linger, 3000000);
        assert_int_equal(settings->billing_day, 5);
}

static void test_backends(void **state) {
        static const char *const words[] = { "auto", "iptables", "nftables" };

        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
                _cleanup_(settings_freep) struct settings *settings = NULL;
                char line[64];

                (void)snprintf(line, sizeof(line), "backend = %s\n", words[i]);
                temporary_write(state, "conf", line);
                settings = load(state);
                assert_string_equal(said, "");
                assert_string_equal(settings->backend, words[i]);
        }
}

/* Each bad line: file, line, key and value are named, and the default holds. */
static void test_bad(void **state) {
        static const struct {
                const char *line;
                const char *said;
        } cases[] = {
                { "log_file = log", "log_file = 'log' is not an absolute path" },
                { "backend = ipfw", "backend = 'ipfw' is not" },
                { "exclude = 10.0.0.1/8", "exclude has '10.0.0.1/8', which is not a network" },
                { "interim_interval = 5 minutes", "interim_interval = '5 minutes' is not" },
                { "linger = -1", "linger = '-1' is not" },
                { "syslog = perhaps", "syslog = 'perhaps' is not yes or no" },
                { "ports = ssh", "ports has 'ssh', which is not a port number" },
                { "ports = 65536", "ports has '65536', which is not" },
                { "ports = 22-24", "ports has '22-24', which is not" },
                { "billing_day = 31", "billing_day = '31' is not" },
                { "billing_day =", "billing_day = '' is not" },
                { "linegr = 3s", "unknown key 'linegr'" },
                { "linger = \x1b[31m", "linger = '\\x1b[31m' is not" },
        };

        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                _cleanup_(settings_freep) struct settings *settings = NULL;
                char text[256], place[600];

                (void)snprintf(text, sizeof(text), "# first line\n%s\n", cases[i].line);
                temporary_write(state, "conf", text);
                settings = load(state);
                check_defaults(settings);
                (void)snprintf(place, sizeof(place), "%s:2: ", temporary_path(state, "conf"));
                assert_memory_equal(said, place, strlen(place));
                assert_non_null(strstr(said, cases[i].said));
                assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1); /* one line */
        }
}

/* A bad word of a list does not take the others with it, and each is named. */
static void test_bad_word(void **state) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        struct address inside, outside;

        temporary_write(state, "conf",
                        "exclude = here, 10.0.0.0/8, 10.0.0.1/8 fd00::/8\nports = 22, 0\n");
        settings = load(state);
        assert_int_equal(address_parse("10.1.2.3", &inside), 0);
        assert_int_equal(address_parse("192.0.2.1", &outside), 0);
        assert_true(settings_excluded(settings, &inside));
        assert_false(settings_excluded(settings, &outside));
        assert_int_equal(address_parse("fd00::1", &inside), 0);
        assert_true(settings_excluded(settings, &inside));
        assert_string_equal(settings_value(settings, 3), "10.0.0.0/8 fd00::/8");
        assert_non_null(strstr(said, "conf:1: exclude has 'here', which is not a network"));
        assert_non_null(strstr(said, "conf:1: exclude has '10.0.0.1/8', which is not a network"));
        assert_non_null(strstr(said, "conf:2: ports has '0', which is not"));
        assert_non_null(strstr(said, "; it is left out\n"));
}

/* A list that does not fit, of good words, costs that list and nothing else. */
static void test_long_list(void **state) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        char text[8192] = "linger = 7s\nexclude =";
        size_t used = strlen(text);

        for (int i = 0; i < 257; i++)
                used += (size_t)snprintf(text + used, sizeof(text) - used, " 10.%d.%d.0/24",
                                         i / 256, i % 256);
        used += (size_t)snprintf(text + used, sizeof(text) - used, "\nports =");
        for (int i = 1; i <= 65; i++)
                used += (size_t)snprintf(text + used, sizeof(text) - used, " %d", i);
        (void)snprintf(text + used, sizeof(text) - used, "\n");
        temporary_write(state, "conf", text);
        settings = load(state);
        assert_int_equal(settings->linger, 7000000);
        assert_int_equal(settings->n_exclude, 0);
        assert_int_equal(settings->n_ports, 0);
        assert_non_null(strstr(said, "conf:2: exclude = "));
        assert_non_null(strstr(said, "is not at most 256 networks"));
        assert_non_null(strstr(said, "conf:3: ports = "));
        assert_non_null(strstr(said, "the list is empty instead\n"));
}

/* One bad file does not take the others with it. */
static void test_bad_file(void **state) {
        _cleanup_(settings_freep) struct settings *settings = NULL;

        temporary_write(state, "conf", "[section\nlinger = 1s\n");
        assert_int_equal(mkdir(temporary_path(state, "conf.d"), 0700), 0);
        temporary_write(state, "conf.d/10-a.conf", "billing_day = 7\n[more]\nlinger = 2s\n");
        settings = load(state);
        assert_int_equal(settings->linger, 3000000);
        assert_int_equal(settings->billing_day, 7);
        assert_non_null(strstr(said, "conf:1: "));
        assert_non_null(strstr(said, "; nothing of this file is used\n"));
        assert_non_null(strstr(said, "unknown section '[more]'"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_defaults), TEST(test_example),   TEST(test_values),
                TEST(test_dropins),  TEST(test_long_list), TEST(test_bad_dropin),
                TEST(test_backends), TEST(test_bad),       TEST(test_bad_file),
                TEST(test_bad_word),
        };

        return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
