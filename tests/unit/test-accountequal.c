/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * account_equal(): a session's state is written again when something has changed, and only then.
 */

#include "account/account.h"
#include "unit.h"

#include <string.h>

#define MEMBER(member) offsetof(struct account, member)

/* Whatever changes is seen; what is between the members is not looked at. */
static void test_equal(void **state) {
        static const size_t members[] = {
                MEMBER(total.known),
                MEMBER(total.traffic.in.bytes),
                MEMBER(total.traffic.out.packets),
                MEMBER(whole),
                MEMBER(cause),
                MEMBER(proven),
                MEMBER(rules_last.traffic.in.packets),
                MEMBER(rules_offset.known),
                MEMBER(rules_offset.traffic.out.bytes),
                MEMBER(rules_whole),
                MEMBER(conntrack_last.traffic.in.bytes),
                MEMBER(conntrack_offset.traffic.in.bytes),
                MEMBER(conntrack_whole),
                MEMBER(conntrack_id),
                MEMBER(info.known),
                MEMBER(info.in_bytes),
                MEMBER(info.in_segments),
                MEMBER(info.out_bytes),
                MEMBER(info.acked_bytes),
                MEMBER(info.unsent_bytes),
                MEMBER(info.out_segments),
                MEMBER(info.retrans_bytes),
                MEMBER(info.min_rtt_us),
                MEMBER(info.timestamps),
                MEMBER(info.stalled),
                MEMBER(info.state),
        };
        struct account before, after;

        (void)state;
        memset(&before, 0, sizeof(before));
        memset(&after, 0xff, sizeof(after));
        after.total.known = after.rules_last.known = after.rules_offset.known = true;
        after.conntrack_last.known = after.conntrack_offset.known = after.info.known = true;
        after.whole = after.proven = after.rules_whole = after.conntrack_whole = true;
        after.info.timestamps = after.info.stalled = true;
        before = after;
        assert_true(account_equal(&before, &after));
        for (size_t i = 0; i < UNIT_COUNT(members); i++) {
                char *byte = (char *)&after + members[i];

                *byte ^= 1;
                assert_false(account_equal(&before, &after));
                *byte ^= 1;
                assert_true(account_equal(&before, &after));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_equal) };

        return cmocka_run_group_tests_name("accountequal", tests, NULL, NULL);
}
