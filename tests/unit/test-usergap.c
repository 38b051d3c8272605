/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When the users' ledger was not kept: what readings say of the time between them.
 */

#include "base/text.h"
#include "store/fields.h"
#include "unit.h"
#include "userledger/usergap.h"

#include <stdio.h>
#include <string.h>

#define BOOT "b6f7d6a4-0000-4000-8000-000000000000"
#define BOOT2 "b6f7d6a4-0000-4000-8000-000000000001"

/* At 1000 by the clock, 100 after the boot; the map counts since 40 after it. */
static const struct useraccounts_reading usual = {
        .boot_id = BOOT,
        .map = 1,
        .realtime = 1000,
        .boottime = 100,
        .since = 40,
        .whole = true,
};

static struct userstate *begin(void) {
        struct userstate *state;

        assert_int_equal(userstate_new(&state), 0);
        return state;
}

/* A reading, and its marks: "off TIME CAUSE; on TIME; ". */
static void expect(struct userstate *state, const struct useraccounts_reading *reading,
                   const char *wanted) {
        char text[256] = "";

        usergap_look(state, reading);
        for (size_t i = 0; i < state->n_marks; i++) {
                const struct usermark *mark = &state->marks[i];

                (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %d%s%s; ",
                               mark->off ? "off" : "on", (int)mark->realtime, mark->off ? " " : "",
                               mark->off ? gaps_cause_name(mark->cause) : "");
        }
        assert_string_equal(text, wanted);
        /* what a reading of rows does then */
        assert_int_equal(text_replace(&state->boot_id, reading->boot_id), 0);
        if (reading->map == FIELD_UNKNOWN)
                return;
        state->map = reading->map;
        state->seen_realtime = (int64_t)reading->realtime;
}

static void test_first(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin(), *none = begin();
        struct useraccounts_reading reading = usual;

        (void)unused;
        expect(state, &reading, "on 940; ");
        reading.realtime = 2000;
        reading.boottime = 1100;
        expect(state, &reading, "");

        /* nothing ever counts */
        reading.map = FIELD_UNKNOWN;
        reading.whole = false;
        expect(none, &reading, "");
        usergap_end(none);
        assert_int_equal(none->n_marks, 0);
}

static void test_between(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        struct useraccounts_reading reading = usual;

        (void)unused;
        expect(state, &reading, "on 940; ");
        /* something was attached again */
        reading.realtime = 2000;
        reading.boottime = 1100;
        reading.since = 600;
        expect(state, &reading, "off 1000 lost; on 1500; ");
        /* other maps */
        reading.realtime = 3000;
        reading.boottime = 2100;
        reading.map = 2;
        reading.since = 1600;
        expect(state, &reading, "off 2000 lost; on 2500; ");
        /* another boot, of which the maps happen to say the same */
        reading.realtime = 4000;
        reading.boot_id = BOOT2;
        expect(state, &reading, "off 3000 reboot; on 3500; ");
}

static void test_long(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        struct useraccounts_reading reading = usual;

        (void)unused;
        expect(state, &reading, "on 940; ");
        reading.whole = false;
        reading.realtime = 2000;
        expect(state, &reading, "off 1000 lost; ");
        reading.realtime = 3000;
        expect(state, &reading, "");
        reading.map = FIELD_UNKNOWN;
        expect(state, &reading, "");
        reading = usual;
        reading.realtime = 4000;
        reading.boottime = 3100;
        reading.since = 2600;
        expect(state, &reading, "on 3500; ");

        reading.map = FIELD_UNKNOWN;
        reading.whole = false;
        reading.realtime = 5000;
        expect(state, &reading, "off 4000 off; ");
        usergap_end(state);
        assert_int_equal(state->n_marks, 1);
}

/* Who ends it says when; if it goes on, it was off for a moment at least. */
static void test_end(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        struct useraccounts_reading reading = usual;

        (void)unused;
        expect(state, &reading, "on 940; ");
        usergap_end(state);
        assert_int_equal(state->n_marks, 2);
        assert_int_equal(state->marks[1].realtime, 1000);
        assert_int_equal(state->marks[1].cause, GAP_OFF);
        reading.realtime = 2000;
        reading.boottime = 1100;
        expect(state, &reading, "on 1001; ");
}

/* The accounts are lost: what the log lacks of these maps is not known. */
static void test_forgotten(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        struct useraccounts_reading reading = usual;

        (void)unused;
        reading.forgotten = true;
        expect(state, &reading, "off 940 lost; on 1000; ");
        reading.forgotten = false;
        expect(state, &reading, "");
}

/* Accounts of an earlier release do not say since when their maps count. */
static void test_upgrade(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();

        (void)unused;
        expect(state, &usual, "on 940; ");
        state->since = FIELD_UNKNOWN;
        expect(state, &usual, "");
        assert_int_equal(state->since, 40);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_first),     cmocka_unit_test(test_between),
                cmocka_unit_test(test_long),      cmocka_unit_test(test_end),
                cmocka_unit_test(test_forgotten), cmocka_unit_test(test_upgrade),
        };

        return cmocka_run_group_tests_name("usergap", tests, NULL, NULL);
}
