/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The choice of the client's connection: every kind of hint against every kind of candidate.
 */

#include "net/choice.h"
#include "unit.h"

#define CLIENT "198.51.100.7 50000 192.0.2.1 22"
#define OTHER "203.0.113.9 389 192.0.2.1 40000"
#define SAME_CLIENT_OTHER_PORT "198.51.100.7 50001 192.0.2.1 22"
#define SIX "2001:db8::2 50000 2001:db8::1 22"

struct offer {
        const char *connection; /* as SSH_CONNECTION has it; a reset one begins with '!' */
        unsigned int inode;
};

static const struct {
        const char *ssh_connection;
        const char *rhost;
        struct offer offers[4];
        int expected;
        unsigned int inode;
} cases[] = {
        /* nothing known: the only one */
        { NULL, NULL, { { 0 } }, CONNECTION_E_NONE, 0 },
        { NULL, NULL, { { CLIENT, 7 } }, 0, 7 },
        { NULL, NULL, { { CLIENT, 7 }, { CLIENT, 7 } }, 0, 7 },
        { NULL, NULL, { { CLIENT, 7 }, { OTHER, 8 } }, CONNECTION_E_AMBIGUOUS, 0 },
        { NULL, NULL, { { CLIENT, 7 }, { OTHER, 8 }, { CLIENT, 7 } }, CONNECTION_E_AMBIGUOUS, 0 },
        { NULL, NULL, { { "!" CLIENT, 7 } }, CONNECTION_E_NONE, 0 },
        { "garbage", "client.example.net", { { CLIENT, 7 } }, 0, 7 },

        /* SSH_CONNECTION: that one or none */
        { CLIENT, NULL, { { OTHER, 8 }, { CLIENT, 7 } }, 0, 7 },
        { CLIENT, NULL, { { CLIENT, 7 }, { OTHER, 8 } }, 0, 7 },
        { CLIENT, "203.0.113.9", { { OTHER, 8 }, { CLIENT, 7 } }, 0, 7 },
        { CLIENT, NULL, { { OTHER, 8 } }, CONNECTION_E_NONE, 0 },
        { CLIENT, "203.0.113.9", { { OTHER, 8 } }, CONNECTION_E_NONE, 0 },
        { CLIENT, "198.51.100.7", { { SAME_CLIENT_OTHER_PORT, 9 } }, CONNECTION_E_NONE, 0 },
        { SIX, NULL, { { CLIENT, 7 }, { SIX, 6 } }, 0, 6 },
        { CLIENT, NULL, { { CLIENT, 7 }, { CLIENT, 7 } }, 0, 7 },
        /* one link-local four-tuple on two links */
        { SIX, NULL, { { SIX, 6 }, { SIX, 5 } }, CONNECTION_E_AMBIGUOUS, 0 },

        /* PAM_RHOST: the only one from there */
        { NULL, "198.51.100.7", { { OTHER, 8 }, { CLIENT, 7 } }, 0, 7 },
        { NULL, "::ffff:198.51.100.7", { { OTHER, 8 }, { CLIENT, 7 } }, 0, 7 },
        { NULL, "2001:db8::2%eth0", { { CLIENT, 7 }, { SIX, 6 } }, 0, 6 },
        { NULL, "198.51.100.7", { { OTHER, 8 } }, CONNECTION_E_NONE, 0 },
        { NULL,
          "198.51.100.7",
          { { CLIENT, 7 }, { SAME_CLIENT_OTHER_PORT, 9 } },
          CONNECTION_E_AMBIGUOUS,
          0 },

        /* a reset one needs SSH_CONNECTION, and counts only where no other fits */
        { CLIENT, NULL, { { "!" CLIENT, 7 } }, 0, 7 },
        { CLIENT, NULL, { { "!" CLIENT, 7 }, { OTHER, 8 } }, 0, 7 },
        { CLIENT, NULL, { { "!" OTHER, 8 } }, CONNECTION_E_NONE, 0 },
        { CLIENT, NULL, { { "!" SAME_CLIENT_OTHER_PORT, 9 }, { CLIENT, 7 } }, 0, 7 },
        { CLIENT, NULL, { { "!" CLIENT, 7 }, { "!" CLIENT, 9 } }, CONNECTION_E_AMBIGUOUS, 0 },
        { NULL, "198.51.100.7", { { "!" CLIENT, 7 } }, CONNECTION_E_NONE, 0 },
};

static void test_cases(void **state) {
        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct connection_found found = { .inode = 77 };
                struct connection_hint hint, parsed;
                struct choice choice;

                connection_hint_parse(cases[i].ssh_connection, cases[i].rhost, &hint);
                choice_init(&choice, &hint);
                for (size_t n = 0; n < UNIT_COUNT(cases[i].offers); n++) {
                        const struct offer *offer = &cases[i].offers[n];
                        struct connection_found candidate = { .inode = offer->inode };

                        if (!offer->connection)
                                break;
                        connection_hint_parse(offer->connection + (*offer->connection == '!'), NULL,
                                              &parsed);
                        assert_true(parsed.has_connection);
                        candidate.connection = parsed.connection;
                        if (*offer->connection == '!') {
                                candidate.connection.remote = (struct endpoint){ 0 };
                                choice_offer_reset(&choice, &candidate);
                        } else {
                                choice_offer(&choice, &candidate);
                        }
                }

                assert_int_equal(choice_result(&choice, &found), cases[i].expected);
                assert_int_equal(found.inode, cases[i].expected ? 77 : cases[i].inode);
                if (!cases[i].expected && hint.has_connection)
                        assert_true(address_connection_equal(&found.connection, &hint.connection));
        }
}

static void test_hint(void **state) {
        struct connection_hint hint;

        (void)state;
        connection_hint_parse(NULL, NULL, &hint);
        assert_false(hint.has_connection || hint.has_rhost || hint.is_not_ip);
        connection_hint_parse("", "", &hint);
        assert_false(hint.has_connection || hint.has_rhost || hint.is_not_ip);
        connection_hint_parse(CLIENT, "client.example.net", &hint);
        assert_true(hint.has_connection && !hint.has_rhost && !hint.is_not_ip);
        connection_hint_parse("UNKNOWN 65535 UNKNOWN 65535", "UNKNOWN", &hint);
        assert_true(!hint.has_connection && !hint.has_rhost && hint.is_not_ip);
        connection_hint_parse("UNKNOWN 65535 UNKNOWN 65535", NULL, &hint);
        assert_true(!hint.has_connection && !hint.has_rhost && hint.is_not_ip);
        /* a user may have written the one, nobody the other */
        connection_hint_parse("UNKNOWN 65535 UNKNOWN 65535", "client.example.net", &hint);
        assert_true(!hint.has_connection && !hint.has_rhost && !hint.is_not_ip);
        connection_hint_parse("UNKNOWN 65535 UNKNOWN 65535", "192.0.2.1", &hint);
        assert_true(!hint.has_connection && hint.has_rhost && !hint.is_not_ip);
        connection_hint_parse("1 2 3 4", "192.0.2.1", &hint);
        assert_true(!hint.has_connection && hint.has_rhost && !hint.is_not_ip);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_hint),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
