/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A login finds that the counters of its port are gone, makes them, and tells the port's account:
 * it is exact from there on. A reap may have looked in between; then the account is incomplete.
 */

#include "ports/ports.h"
#include "temporary.h"
#include "unit.h"

#include "base/clock.h"
#include "netfilter/backend.h"
#include "reading/context.h"
#include "store/portstate.h"

#include <fcntl.h>

/* How long before the note the counters were made, microseconds. */
#define AGO 1000

struct world {
        struct settings settings;
        struct session_context context;
        int folder_fd;
};

static void reported(void *unused, int priority, const char *line) {
        (void)unused;
        (void)priority;
        fail_msg("%s", line);
}

static void world_begin(struct world *world, void **state) {
        *world = (struct world){
                .settings = { .state_dir = *state },
                .context = { .proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                             .report = reported },
        };
        world->context.settings = &world->settings;
        world->folder_fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(world->folder_fd >= 0 && world->context.proc_fd >= 0);
}

static void world_end(struct world *world) {
        close(world->context.proc_fd);
        close(world->folder_fd);
}

static void note(const struct world *world, uint64_t before) {
        struct backend_operations operations = { .name = "iptables" };
        struct backend backend = { .operations = &operations };

        ports_note(&world->context, world->folder_fd, &backend, 22, 1U << PORT_IN4, before);
}

static struct portstate *load(const struct world *world) {
        struct portstate *port;
        const char *field;

        assert_int_equal(portfolder_load(world->folder_fd, 22, &port, &field), 0);
        return port;
}

/* The account, as a reap left it at some moment, with counters that it took for old ones. */
static void leave(const struct world *world, uint64_t seen) {
        _cleanup_(portstate_freep) struct portstate *port = load(world);

        port->last[PORT_IN4] = (struct known_counter){ .known = true, .counter = { 7, 1 } };
        port->seen_boottime = (int64_t)seen;
        assert_int_equal(portfolder_save(world->folder_fd, port, false), 0);
}

static void test_first(void **state) {
        _cleanup_(portstate_freep) struct portstate *port = NULL;
        struct world world;

        world_begin(&world, state);
        note(&world, clock_now(CLOCK_BOOTTIME) - AGO);
        port = load(&world);
        assert_true(port->whole && port->last[PORT_IN4].known);
        assert_int_equal(port->last[PORT_IN4].counter.bytes, 0);
        assert_false(port->last[PORT_OUT4].known);
        world_end(&world);
}

static void test_nobody_looked(void **state) {
        _cleanup_(portstate_freep) struct portstate *port = NULL;
        uint64_t before = clock_now(CLOCK_BOOTTIME) - AGO;
        struct world world;

        world_begin(&world, state);
        note(&world, before);
        leave(&world, before - AGO);
        note(&world, before);
        port = load(&world);
        /* what the earlier ones counted after the reap is missing */
        assert_false(port->whole);
        assert_int_equal(port->last[PORT_IN4].counter.bytes, 0);
        assert_true((uint64_t)port->seen_boottime > before);
        world_end(&world);
}

static void test_a_reap_looked(void **state) {
        _cleanup_(portstate_freep) struct portstate *port = NULL;
        uint64_t before = clock_now(CLOCK_BOOTTIME) - AGO;
        struct world world;

        world_begin(&world, state);
        note(&world, before);
        leave(&world, before + AGO / 2);
        note(&world, before);
        port = load(&world);
        assert_false(port->whole);
        /* the reap's reading stays: what comes is counted from there */
        assert_int_equal(port->last[PORT_IN4].counter.bytes, 7);
        assert_int_equal(port->seen_boottime, before + AGO / 2);
        world_end(&world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_first),
                TEST(test_nobody_looked),
                TEST(test_a_reap_looked),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
