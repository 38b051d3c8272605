/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * MPTCP: what the kernel's numbers tell of a connection's subflows, those of older kernels, too.
 */

#include "net/multipath.h"
#include "unit.h"

#include <linux/tcp.h>
#include <string.h>

/* struct mptcp_info, by its offsets */
#define SUBFLOWS 0
#define SENT 56
#define RECEIVED 64
#define TOTAL 80
#define SIZE_6_1 48
#define SIZE_6_5 80
#define SIZE_6_7 88

static const struct tcp_info first = {
        .tcpi_state = 1,
        .tcpi_bytes_received = 1000,
        .tcpi_bytes_sent = 2300,
        .tcpi_bytes_retrans = 300,
        .tcpi_notsent_bytes = 40,
};

static enum multipath judge(uint8_t subflows, uint64_t received, uint64_t sent, uint8_t total,
                            size_t size) {
        uint8_t info[SIZE_6_7] = { 0 };

        info[SUBFLOWS] = subflows;
        memcpy(info + SENT, &sent, sizeof(sent));
        memcpy(info + RECEIVED, &received, sizeof(received));
        info[TOTAL] = total;
        return multipath_judge(info, size, &first, sizeof(first));
}

static void test_judge(void **state) {
        (void)state;
        assert_int_equal(judge(0, 1000, 2000, 1, SIZE_6_7), MULTIPATH_ALONE);
        /* the first one was read later */
        assert_int_equal(judge(0, 900, 1900, 1, SIZE_6_7), MULTIPATH_ALONE);
        /* the first one has it, but has not sent it */
        assert_int_equal(judge(0, 1000, 2040, 1, SIZE_6_7), MULTIPATH_ALONE);
        assert_int_equal(judge(0, 1000, 2041, 1, SIZE_6_7), MULTIPATH_OTHERS);
        assert_int_equal(judge(0, 1001, 2000, 1, SIZE_6_7), MULTIPATH_OTHERS);
        assert_int_equal(judge(1, 1000, 2000, 1, SIZE_6_7), MULTIPATH_OTHERS);
        assert_int_equal(judge(0, 1000, 2000, 2, SIZE_6_7), MULTIPATH_OTHERS);
        assert_int_equal(judge(0, 1000, 2000, 2, SIZE_6_5), MULTIPATH_ALONE);
        assert_int_equal(judge(0, 1001, 2000, 2, SIZE_6_5), MULTIPATH_OTHERS);
        assert_int_equal(judge(0, 1001, 2000, 2, SIZE_6_1), MULTIPATH_UNSURE);
        assert_int_equal(judge(1, 1000, 2000, 2, SIZE_6_1), MULTIPATH_OTHERS);
        assert_int_equal(judge(0, 0, 0, 0, 0), MULTIPATH_OTHERS);
}

static void test_judge_over(void **state) {
        const struct tcp_info over = { .tcpi_state = 7 };
        uint8_t info[SIZE_6_7] = { [RECEIVED] = 1 };

        (void)state;
        assert_int_equal(multipath_judge(info, sizeof(info), &over, sizeof(over)),
                         MULTIPATH_UNSURE);
        assert_int_equal(multipath_judge(info, sizeof(info), &over, 0), MULTIPATH_UNSURE);
        info[SUBFLOWS] = 1;
        assert_int_equal(multipath_judge(info, sizeof(info), &over, sizeof(over)),
                         MULTIPATH_OTHERS);
}

static void test_joins(void **state) {
        static const struct {
                const char *text;
                int expected;
                uint64_t joins;
        } cases[] = {
                { "TcpExt: A MPJoinAckRx\nTcpExt: 1 9\n"
                  "MPTcpExt: MPCapableSYNRX MPJoinSynRx MPJoinSynAckRx MPJoinAckRx\n"
                  "MPTcpExt: 1 2 30 4\n",
                  0, 34 },
                { "MPTcpExt: MPJoinAckRx MPJoinSynAckRx\nMPTcpExt: 0 0", 0, 0 },
                { "", MULTIPATH_E_NO_COUNTER, 0 },
                { "MPTcpExt: MPJoinAckRx MPJoinSynAckRx\n", MULTIPATH_E_NO_COUNTER, 0 },
                { "MPTcpExt: MPJoinAckRx MPJoinSynAckRx\nMPTcpExt: 1\n", MULTIPATH_E_NO_COUNTER,
                  0 },
                { "MPTcpExt: MPJoinAckRx Other\nMPTcpExt: 1 2\n", MULTIPATH_E_NO_COUNTER, 0 },
                { "MPTcpExt: MPJoinAckRx MPJoinSynAckRx\nMPTcpExt: 1 x\n", MULTIPATH_E_NO_COUNTER,
                  0 },
                { "MPTcpExt: MPJoinAckRx MPJoinSynAckRx\nMPTcpExt: 1 18446744073709551615\n",
                  MULTIPATH_E_NO_COUNTER, 0 },
                { "TcpExt: MPJoinAckRx MPJoinSynAckRx\nTcpExt: 1 2\n", MULTIPATH_E_NO_COUNTER, 0 },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                uint64_t joins = 0;

                assert_int_equal(multipath_joins_parse(cases[i].text, strlen(cases[i].text),
                                                       &joins),
                                 cases[i].expected);
                assert_int_equal(joins, cases[i].joins);
        }
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_judge),
                cmocka_unit_test(test_judge_over),
                cmocka_unit_test(test_joins),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
