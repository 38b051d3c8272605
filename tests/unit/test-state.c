/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * State files: what goes in comes out; damaged and hostile ones are named, never believed; the
 * lock keeps a second one out until the first is gone.
 */

#include "base/clock.h"
#include "damaged.h"
#include "store/fields.h"
#include "store/state.h"
#include "store/statelock.h"
#include "temporary.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define ID "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
#define OTHER "017f22e2-79b0-7cc3-98c4-dc0c0c073990"

static struct state *sample(void) {
        struct state *state;

        assert_int_equal(state_new(&state), 0);
        state->session = strdup(ID);
        state->boot_id = strdup("b6f7d6a4-0000-4000-8000-000000000000");
        state->opened_realtime = 1700000000000001;
        state->opened_boottime = 77;
        state->pid = 42;
        state->inode = 4711;
        state->multipath = 1;
        assert_int_equal(address_parse("2001:db8::1", &state->local.address), 0);
        assert_int_equal(address_parse("2001:db8::2", &state->remote.address), 0);
        state->local.port = 22;
        state->remote.port = 65535;
        state->service = strdup("sshd");
        state->user = strdup("al\xff"
                             "ice");
        state->preauth_source = strdup("conntrack");
        state->preauth = (struct known_traffic){ true, { { 1, 2 }, { 3, 4 } } };
        state->account.info = (struct tcpinfo){
                .known = true,
                .in_bytes = 9,
                .acked_bytes = 7,
                .timestamps = true,
        };
        state->account.rules_whole = true;
        state->seq = 1;
        return state;
}

static void check(const struct state *state) {
        assert_string_equal(state->session, ID);
        assert_int_equal(state->opened_realtime, 1700000000000001);
        assert_int_equal(state->remote.port, 65535);
        assert_int_equal(state->remote.address.family, AF_INET6);
        assert_string_equal(state->user, "al\\xffice");
        assert_null(state->rhost);
        assert_int_equal(state->uid, FIELD_UNKNOWN);
        assert_int_equal(state->multipath, 1);
        assert_int_equal(state->joins, FIELD_UNKNOWN);
        assert_int_equal(state->account.conntrack_id, FIELD_UNKNOWN);
        assert_true(state->preauth.known);
        assert_int_equal(state->preauth.traffic.out.packets, 4);
        assert_false(state->account.rules_offset.known);
        assert_true(state->account.rules_whole);
        assert_true(state->account.info.known && state->account.info.timestamps);
        assert_int_equal(state->account.info.in_bytes, 9);
        assert_int_equal(state->account.info.acked_bytes, 7);
        assert_int_equal(state->seq, 1);
}

static void test_round(void **unused) {
        _cleanup_(state_freep) struct state *in = sample(), *out = NULL;
        _cleanup_(freep) char *data = NULL;
        const char *field;
        size_t size;

        (void)unused;
        assert_int_equal(state_encode(in, &data, &size), 0);
        assert_int_equal(state_decode(data, size, &out, &field), 0);
        check(out);
}

/* A state that an earlier release has left behind. */
static void test_earlier(void **unused) {
        _cleanup_(state_freep) struct state *in = sample(), *out = NULL;
        _cleanup_(freep) char *data = NULL;
        const char *field;
        size_t size;
        char *name;

        (void)unused;
        assert_int_equal(state_encode(in, &data, &size), 0);
        name = strstr(data, "acked_bytes");
        assert_non_null(name);
        *name = 'x'; /* unknown keys are passed over */
        assert_int_equal(state_decode(data, size, &out, &field), 0);
        assert_int_equal(out->account.info.in_bytes, 9);
        assert_int_equal(out->account.info.acked_bytes, 0);
}

static int decode(const char *data, size_t size, const char **ret_field) {
        _cleanup_(state_freep) struct state *out = NULL;
        int r = state_decode(data, size, &out, ret_field);

        assert_true(!r || !out);
        return r;
}

/* Replace a part of a good file, and see the complaint. */
static void test_damaged(void **unused) {
        static const struct damage damages[] = {
                { "\"seq\": 1", "\"seq\": -1", "seq" },
                { "\"seq\": 1", "\"seq\": 1.5", "seq" },
                { "\"seq\": 1", "\"seq\": 99999999999999999999", "JSON" },
                { "\"seq\": 1", "\"seq\": null", "seq" },
                { "\"pid\": 42", "\"pid\": \"42\"", "pid" },
                { "\"pid\": 42", "\"seq\": 42", "JSON" }, /* twice the same key */
                { "65535", "65536", "remote" },
                { "2001:db8::2", "192.0.2.1", "remote" },
                { "2001:db8::2", "nobody", "remote" },
                { "\"service\": \"sshd\"", "\"service\": null", "service" },
                { "\"service\": \"sshd\"", "\"service\": 7", "service" },
                { "\"in_packets\": 2", "\"in_packets\": -2", "preauth" },
                { "\"in_packets\": 2", "\"x\": 2", "preauth" },
                { "\"timestamps\": true", "\"timestamps\": 1", "info" },
                { "\"acked_bytes\": 7", "\"acked_bytes\": -7", "info" },
                { "\"excluded\": false", "\"excluded\": 0", "excluded" },
                { "{", "[", "JSON" },
        };
        _cleanup_(state_freep) struct state *in = sample();
        _cleanup_(freep) char *data = NULL;
        size_t size;

        (void)unused;
        assert_int_equal(state_encode(in, &data, &size), 0);
        damaged_refused(decode, data, size, damages, UNIT_COUNT(damages));
}

static void test_folder(void **unused) {
        _cleanup_(state_freep) struct state *in = sample(), *out = NULL;
        _cleanup_(fd_closep) int fd = -1;
        const char *field;

        assert_int_equal(statefolder_open(temporary_path(unused, "state"), &fd), 0);
        assert_int_equal(statefolder_load(fd, ID, &out, &field), STATE_E_NOT_FOUND);
        assert_int_equal(statefolder_save(fd, in, true), 0);
        assert_int_equal(statefolder_load(fd, ID, &out, &field), 0);
        check(out);
        assert_int_equal(statefolder_remove(fd, ID), 0);
        assert_int_equal(statefolder_remove(fd, ID), 0);
        out = state_free(out);
        assert_int_equal(statefolder_load(fd, ID, &out, &field), STATE_E_NOT_FOUND);

        /* a file under another session's name is not that session */
        assert_int_equal(statefolder_save(fd, in, false), 0);
        assert_int_equal(renameat(fd, "sessions/" ID ".json", fd, "sessions/" OTHER ".json"), 0);
        assert_int_equal(statefolder_load(fd, OTHER, &out, &field), STATE_E_INVALID);
        assert_string_equal(field, "session");
}

/* A session is forgotten, and what a helper that was killed while it wrote has left of it. */
static void test_remove(void **unused) {
        _cleanup_(state_freep) struct state *in = sample();
        _cleanup_(fd_closep) int fd = -1, left = -1;

        assert_int_equal(statefolder_open(temporary_path(unused, "state"), &fd), 0);
        assert_int_equal(statefolder_save(fd, in, false), 0);
        left = openat(fd, "sessions/" ID ".json.tmp", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(left >= 0);
        assert_int_equal(statefolder_remove(fd, ID), 0);
        assert_int_equal(faccessat(fd, "sessions/" ID ".json", F_OK, 0), -1);
        assert_int_equal(faccessat(fd, "sessions/" ID ".json.tmp", F_OK, 0), -1);
        assert_int_equal(statefolder_remove(fd, ID), 0);
}

static void test_lock(void **unused) {
        _cleanup_(fd_closep) int fd = -1, first = -1, second = -1, other = -1;
        uint64_t now = clock_now(CLOCK_MONOTONIC);

        assert_int_equal(statefolder_open(temporary_path(unused, "state"), &fd), 0);
        assert_int_equal(statelock_take_session(fd, ID, now, &first), 0);
        assert_int_equal(statelock_take_session(fd, ID, now + 20000, &second), -ETIMEDOUT);
        assert_true(clock_now(CLOCK_MONOTONIC) >= now + 20000);
        assert_int_equal(statelock_take_session(fd, OTHER, 0, &other), 0);
        first = fd_close(first);
        assert_int_equal(statelock_take_session(fd, ID, 0, &second), 0);
        assert_int_equal(statelock_take_session(fd, "../x", 0, &first), -EINVAL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_round),
                cmocka_unit_test(test_earlier),
                cmocka_unit_test(test_damaged),
                cmocka_unit_test_setup_teardown(test_folder, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_remove, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_lock, temporary_setup, temporary_teardown),
        };

        return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
