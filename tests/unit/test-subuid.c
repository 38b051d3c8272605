/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Subordinate uids: whose they are, and that a user is nobody's.
 */

#include "unit.h"
#include "usermap/subuid.h"

static const char test_text[] = "# a comment\n"
                                "alice:100000:65536\n"
                                "20002:165000:65536\n"
                                "dave:1000:65536\n"
                                "carol:300000:10\n"
                                "carol:300005:10\n";

/* by their uids, as localusers_read() has them */
static char test_names[][8] = { "erin", "frank", "grace" };
static struct localuser test_users[] = {
        { 1001, test_names[0] },
        { 100500, test_names[1] },
        { 300014, test_names[2] },
};

static struct subuid test_subuid(void) {
        struct subuid subuid;

        assert_int_equal(subuid_parse(test_text, &subuid), 0);
        subuid.users = (struct localusers){ test_users, UNIT_COUNT(test_users) };
        return subuid;
}

static void test_end(struct subuid *subuid) {
        subuid->users = (struct localusers){ .n = 0 };
        subuid_clear(subuid);
}

static void test_owner(void **state) {
        static const struct {
                uint32_t uid;
                bool has;
                const char *owner; /* NULL: nobody alone */
        } cases[] = {
                { 0, false, NULL },          /* in no range */
                { 99999, false, NULL },      /* likewise */
                { 100000, true, "alice" },   /* a range's first */
                { 164999, true, "alice" },   /* before another's begins */
                { 165000, true, NULL },      /* of both */
                { 165535, true, NULL },      /* the last of both */
                { 165536, true, "20002" },   /* behind the first one's end */
                { 230535, true, "20002" },   /* the last */
                { 230536, false, NULL },     /* behind it */
                { 100500, false, NULL },     /* frank himself */
                { 1001, false, NULL },       /* erin herself */
                { 1002, false, NULL },       /* maybe a user of a directory */
                { 65535, false, NULL },      /* likewise */
                { 65536, true, "dave" },     /* no user's */
                { 300007, true, "carol" },   /* twice hers */
                { 300014, false, NULL },     /* grace herself */
                { UINT32_MAX, false, NULL }, /* no uid */
                { 4294967294, false, NULL }, /* in no range */
        };
        struct subuid subuid = test_subuid();

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                const char *owner = subuid_owner(&subuid, cases[i].uid);

                assert_int_equal(subuid_has(&subuid, cases[i].uid), cases[i].has);
                assert_int_equal(owner == NULL, cases[i].owner == NULL);
                if (owner)
                        assert_string_equal(owner, cases[i].owner);
        }
        test_end(&subuid);
}

static void test_is_of(void **state) {
        struct subuid subuid = test_subuid();

        (void)state;
        assert_true(subuid_is_of(&subuid, 100000, "alice", 20001));
        assert_true(subuid_is_of(&subuid, 165000, "alice", 20001));
        assert_true(subuid_is_of(&subuid, 165000, "bob", 20002));
        assert_true(subuid_is_of(&subuid, 165000, NULL, 20002));
        assert_true(subuid_is_of(&subuid, 300012, "carol", 20003));
        assert_false(subuid_is_of(&subuid, 165000, "bob", -1));
        assert_false(subuid_is_of(&subuid, 100000, "bob", 20002));
        assert_false(subuid_is_of(&subuid, 165536, "alice", 20001));
        assert_false(subuid_is_of(&subuid, 100500, "alice", 20001));
        assert_false(subuid_is_of(&subuid, 1001, "dave", 1000));
        assert_false(subuid_is_of(&subuid, 400000, "", -1));
        test_end(&subuid);
}

static void test_lines(void **state) {
        struct subuid subuid = test_subuid();

        (void)state;
        assert_int_equal(subuid.n, 5);
        assert_int_equal(subuid.ranges[0].line, 2);
        assert_int_equal(subuid.ranges[4].line, 6);
        test_end(&subuid);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_owner),
                cmocka_unit_test(test_is_of),
                cmocka_unit_test(test_lines),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
