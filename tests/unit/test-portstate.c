/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The state files of local ports: what goes in comes out; damaged and hostile ones are named, never
 * believed; other names are passed over.
 */

#include "base/file.h"
#include "damaged.h"
#include "store/fields.h"
#include "store/portstate.h"
#include "store/state.h"
#include "store/statelock.h"
#include "temporary.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#define ID "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
#define BOOT "b6f7d6a4-0000-4000-8000-000000000000"

static struct portstate *sample(void) {
        struct portstate *state;

        assert_int_equal(portstate_new(22, &state), 0);
        assert_int_equal(portstate_begin(state, ID, BOOT, "nftables"), 0);
        state->last[PORT_IN4] = (struct known_counter){ true, { 700, 7 } };
        state->last[PORT_OUT6] = (struct known_counter){ true, { 900, 9 } };
        state->total.traffic = (struct traffic){ { 1700, 17 }, { 1900, 19 } };
        state->reported.traffic = (struct traffic){ { 1600, 16 }, { 1900, 19 } };
        state->seen_boottime = 5;
        state->seen_realtime = 1700000000000001;
        state->seq = 3;
        state->pending.lines = strdup("{}\n");
        state->pending.inode = 4711;
        state->pending.offset = 12;
        return state;
}

static void check(const struct portstate *state) {
        assert_int_equal(state->local_port, 22);
        assert_string_equal(state->session, ID);
        assert_string_equal(state->boot_id, BOOT);
        assert_string_equal(state->backend, "nftables");
        assert_true(state->last[PORT_IN4].known && !state->last[PORT_OUT4].known);
        assert_false(state->last[PORT_IN6].known);
        assert_int_equal(state->last[PORT_OUT6].counter.bytes, 900);
        assert_int_equal(state->total.traffic.out.packets, 19);
        assert_int_equal(state->reported.traffic.in.bytes, 1600);
        assert_true(state->whole);
        assert_int_equal(state->seq, 3);
        assert_int_equal(state->reported_boottime, FIELD_UNKNOWN);
        assert_string_equal(state->pending.lines, "{}\n");
        assert_int_equal(state->pending.offset, 12);
}

static void test_round(void **unused) {
        _cleanup_(portstate_freep) struct portstate *in = sample(), *out = NULL;
        _cleanup_(freep) char *data = NULL;
        const char *field;
        size_t size;

        (void)unused;
        assert_int_equal(portstate_encode(in, &data, &size), 0);
        assert_int_equal(portstate_decode(data, size, &out, &field), 0);
        check(out);
}

/* A port without an account, which is remembered. */
static void test_end(void **unused) {
        _cleanup_(portstate_freep) struct portstate *in = sample(), *out = NULL;
        _cleanup_(freep) char *data = NULL;
        const char *field;
        size_t size;

        (void)unused;
        portstate_end(in);
        assert_int_equal(portstate_encode(in, &data, &size), 0);
        assert_int_equal(portstate_decode(data, size, &out, &field), 0);
        assert_null(out->session);
        assert_int_equal(out->local_port, 22);
        assert_string_equal(out->pending.lines, "{}\n");

        /* a new one begins with nothing, but for what is pending */
        assert_int_equal(portstate_begin(out, ID, BOOT, "iptables"), 0);
        assert_false(out->last[PORT_IN4].known);
        assert_int_equal(out->total.traffic.in.bytes, 0);
        assert_int_equal(out->reported.traffic.in.bytes, 0);
        assert_int_equal(out->seq, 0);
        assert_string_equal(out->pending.lines, "{}\n");
}

static int decode(const char *data, size_t size, const char **ret_field) {
        _cleanup_(portstate_freep) struct portstate *out = NULL;
        int r = portstate_decode(data, size, &out, ret_field);

        assert_true(!r || !out);
        return r;
}

/* Replace a part of a good file, and see the complaint. */
static void test_damaged(void **unused) {
        static const struct damage damages[] = {
                { "\"local_port\": 22", "\"local_port\": 0", "local_port" },
                { "\"local_port\": 22", "\"local_port\": 65536", "local_port" },
                { "\"local_port\": 22", "\"local_port\": null", "local_port" },
                { "\"seq\": 3", "\"seq\": -3", "seq" },
                { "\"seq\": 3", "\"seq\": null", "seq" },
                { "\"seq\": 3", "\"local_port\": 22", "JSON" }, /* twice the same key */
                { ID, "../../etc/passwd", "session" },
                { "\"" BOOT "\"", "null", "boot_id" },
                { "\"nftables\"", "7", "backend" },
                { "\"nftables\"", "null", "backend" },
                { "\"packets\": 7", "\"packets\": -7", "last_in4" },
                { "\"packets\": 9", "\"x\": 9", "last_out6" },
                { "\"in_bytes\": 1700", "\"in_bytes\": 1599", "reported" }, /* of less than that */
                { "\"in_packets\": 17", "\"in_packets\": 1", "reported" },
                { "\"in_packets\": 17", "\"in_packets\": \"17\"", "total" },
                { "\"whole\": true", "\"whole\": 1", "whole" },
                { "\"seen_boottime\": 5", "\"seen_boottime\": null", "seen_boottime" },
                { "\"{}\\n\"", "\"{}\"", "pending" },
                { "\"{}\\n\"", "\"\"", "pending" },
                { "{", "[", "JSON" },
        };
        _cleanup_(portstate_freep) struct portstate *in = sample();
        _cleanup_(freep) char *data = NULL;
        size_t size;

        (void)unused;
        assert_int_equal(portstate_encode(in, &data, &size), 0);
        damaged_refused(decode, data, size, damages, UNIT_COUNT(damages));
}

static void test_folder(void **unused) {
        _cleanup_(portstate_freep) struct portstate *in = sample(), *out = NULL;
        _cleanup_(fd_closep) int fd = -1, other = -1;
        _cleanup_(freep) uint16_t *ports = NULL;
        const char *field;
        size_t n = 7;

        assert_int_equal(statefolder_open(temporary_path(unused, "state"), &fd), 0);
        assert_int_equal(portfolder_list(fd, &ports, &n), 0);
        assert_int_equal(n, 0);
        assert_int_equal(portfolder_load(fd, 22, &out, &field), STATE_E_NOT_FOUND);
        assert_int_equal(portfolder_save(fd, in, true), 0);
        assert_int_equal(portfolder_load(fd, 22, &out, &field), 0);
        check(out);
        out = portstate_free(out);

        /* other names, and a file under another port's name */
        other = openat(fd, "ports/022.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(other >= 0);
        assert_int_equal(symlinkat("22.json", fd, "ports/22.json.damaged"), 0);
        assert_int_equal(symlinkat("22.json", fd, "ports/65536.json"), 0);
        assert_int_equal(symlinkat("22.json", fd, "ports/23.json"), 0);
        assert_int_equal(linkat(fd, "ports/22.json", fd, "ports/24.json", 0), 0);
        ports = (free(ports), NULL);
        assert_int_equal(portfolder_list(fd, &ports, &n), 0);
        assert_int_equal(n, 3);
        assert_int_equal(portfolder_load(fd, 23, &out, &field), STATE_E_INVALID);
        assert_string_equal(field, "no file");
        assert_int_equal(portfolder_load(fd, 24, &out, &field), STATE_E_INVALID);
        assert_string_equal(field, "local_port");
        assert_int_equal(mkdirat(fd, "ports/25.json", 0700), 0);
        assert_int_equal(portfolder_load(fd, 25, &out, &field), STATE_E_INVALID);
        assert_int_equal(portfolder_set_aside(fd, 25), 0);
        assert_int_equal(portfolder_load(fd, 25, &out, &field), STATE_E_NOT_FOUND);
}

static void test_lock(void **unused) {
        _cleanup_(fd_closep) int fd = -1, first = -1, second = -1, session = -1;

        assert_int_equal(statefolder_open(temporary_path(unused, "state"), &fd), 0);
        assert_int_equal(statelock_take(fd, STATELOCK_PORTS, 0, &first), 0);
        assert_int_equal(statelock_take(fd, STATELOCK_PORTS, 0, &second), -ETIMEDOUT);
        /* no session is in its way */
        assert_int_equal(statelock_take_session(fd, "017f22e2-79b0-7cc3-98c4-000000000000", 0,
                                                &session),
                         0);
        session = fd_close(session);
        assert_int_equal(statelock_take_session(fd, "017f22e2-79b0-7cc3-98c4-ffffffffffff", 0,
                                                &session),
                         0);
        first = fd_close(first);
        assert_int_equal(statelock_take(fd, STATELOCK_PORTS, 0, &second), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_round),
                cmocka_unit_test(test_end),
                cmocka_unit_test(test_damaged),
                cmocka_unit_test_setup_teardown(test_folder, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_lock, temporary_setup, temporary_teardown),
        };

        return cmocka_run_group_tests_name("portstate", tests, NULL, NULL);
}
