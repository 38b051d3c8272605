/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The accounts of the users' ledger in the state folder: what goes in comes out; damaged and
 * hostile files are named, never believed.
 */

#include "damaged.h"
#include "store/fields.h"
#include "store/state.h"
#include "store/userstate.h"
#include "temporary.h"
#include "unit.h"

#define ID "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
#define OTHER "017f22e2-79b0-7cc3-98c4-dc0c0c073990"
#define BOOT "b6f7d6a4-0000-4000-8000-000000000000"

/* How the first account begins. */
#define ROW "[\"" ID "\",1000,5,1000,0,\"alice\""

static struct userstate *sample(void) {
        struct useraccount *account;
        struct userstate *state;

        assert_int_equal(userstate_new(&state), 0);
        state->boot_id = strdup(BOOT);
        state->map = 71;
        state->seen_realtime = 1700000000000001;
        state->lost = 13;
        state->since = 14;
        state->off = 1700000000000002;
        state->pending.lines = strdup("{}\n");
        state->pending.inode = 4711;
        state->pending.offset = 12;

        assert_int_equal(userstate_add(state, ID, &account), 0);
        account->uid = account->owner = 1000;
        account->session = 5;
        account->who = USERACCOUNT_USER;
        account->user = strdup("alice");
        account->ssh_session = strdup(OTHER);
        account->moved = 9;
        account->seq = 3;
        account->reported_at = 8;
        account->total[USERACCOUNT_COUNTED] = (struct traffic){ { 1700, 17 }, { 1900, 19 } };
        account->total[USERACCOUNT_EXCLUDED] = (struct traffic){ { 70, 1 }, { 90, 2 } };
        account->reported[USERACCOUNT_COUNTED] = (struct traffic){ { 1600, 16 }, { 1900, 19 } };
        account->last[USERACCOUNT_COUNTED] = (struct traffic){ { 7, 1 }, { 9, 1 } };

        assert_int_equal(userstate_add(state, OTHER, &account), 0);
        account->who = USERACCOUNT_KERNEL;
        account->whole = false;
        return state;
}

static void test_round(void **unused) {
        _cleanup_(userstate_freep) struct userstate *in = sample(), *out = NULL;
        _cleanup_(freep) char *data = NULL;
        const struct useraccount *account;
        const char *field;
        size_t size;

        (void)unused;
        assert_int_equal(userstate_encode(in, &data, &size), 0);
        assert_int_equal(userstate_decode(data, size, &out, &field), 0);
        assert_string_equal(out->boot_id, BOOT);
        assert_int_equal(out->map, 71);
        assert_int_equal(out->seen_realtime, 1700000000000001);
        assert_int_equal(out->lost, 13);
        assert_int_equal(out->since, 14);
        assert_int_equal(out->off, 1700000000000002);
        assert_string_equal(out->pending.lines, "{}\n");
        assert_int_equal(out->pending.offset, 12);
        assert_int_equal(out->n, 2);
        account = &out->accounts[0];
        assert_string_equal(account->id, ID);
        assert_int_equal(account->uid, 1000);
        assert_int_equal(account->session, 5);
        assert_string_equal(account->user, "alice");
        assert_string_equal(account->ssh_session, OTHER);
        assert_null(account->boot_id);
        assert_int_equal(account->moved, 9);
        assert_int_equal(account->seq, 3);
        assert_int_equal(account->reported_at, 8);
        assert_true(account->whole && !account->over);
        assert_memory_equal(account->total, in->accounts[0].total, sizeof(account->total));
        assert_memory_equal(account->reported, in->accounts[0].reported, sizeof(account->total));
        assert_memory_equal(account->last, in->accounts[0].last, sizeof(account->total));
        account++;
        assert_int_equal(account->uid, FIELD_UNKNOWN);
        assert_int_equal(account->who, USERACCOUNT_KERNEL);
        assert_int_equal(account->reported_at, FIELD_UNKNOWN);
        assert_false(account->whole);
}

/* The file says what its values are. */
static void test_columns(void **unused) {
        _cleanup_(userstate_freep) struct userstate *in = sample();
        _cleanup_(freep) char *data = NULL;
        static const char begin[] =
                "{\"columns\":[\"id\",\"uid\",\"session\",\"owner\",\"who\",\"user\","
                "\"ssh_session\",\"boot_id\",\"ended\",\"moved\",\"seq\",\"reported_at\","
                "\"whole\",\"over\",\"last\",\"total\",\"reported\"],";
        size_t size;

        (void)unused;
        assert_int_equal(userstate_encode(in, &data, &size), 0);
        assert_memory_equal(data, begin, strlen(begin));
        assert_non_null(strstr(data, ROW ",\"" OTHER "\",null,null,9,3,8,true,false,"
                                         "[7,1,9,1,0,0,0,0],[1700,17,1900,19,70,1,90,2],"
                                         "[1600,16,1900,19,0,0,0,0]]"));
        /* what is not known is null, and so is "last" where it is the total */
        assert_non_null(strstr(data, "[\"" OTHER "\",null,null,null,1,null,null,null,null,null,0,"
                                     "null,false,false,null,[0,0,"));
}

static int decode(const char *data, size_t size, const char **ret_field) {
        _cleanup_(userstate_freep) struct userstate *out = NULL;
        int r = userstate_decode(data, size, &out, ret_field);

        assert_true(!r || !out);
        return r;
}

static void test_damaged(void **unused) {
        static const struct damage damages[] = {
                { "\"boot_id\":\"" BOOT "\"", "\"boot_id\":null", "boot_id" },
                { "1700000000000001", "null", "seen_realtime" },
                { "\"map\":71", "\"map\":-1", "map" },
                { "\"map\":71", "\"boot_id\":null", "JSON" }, /* twice the same key */
                { ROW, "[\"../../etc/passwd\",1000,5,1000,0,\"alice\"", "id" },
                { ROW, "[null,1000,5,1000,0,\"alice\"", "id" },
                { ROW, "[\"" ID "\",4294967295,5,1000,0,\"alice\"", "uid" },
                { ROW, "[\"" ID "\",\"1000\",5,1000,0,\"alice\"", "uid" },
                { ROW, "[\"" ID "\",1000.0,5,1000,0,\"alice\"", "uid" },
                { ROW, "[\"" ID "\",1000,99999999999,1000,0,\"alice\"", "session" },
                { ROW, "[\"" ID "\",1000,5,4294967295,0,\"alice\"", "owner" },
                { ROW, "[\"" ID "\",1000,5,1000,4,\"alice\"", "who" },
                { ROW, "[\"" ID "\",1000,5,1000,null,\"alice\"", "who" },
                { ROW, "[\"" ID "\",1000,5,1000,0,7", "user" },
                { ROW, "[\"" ID "\",5,1000,0,\"alice\"", "accounts" }, /* one less */
                { ROW, "[0,\"" ID "\",1000,5,1000,0,\"alice\"", "accounts" },
                { ROW, "7,[\"" ID "\",1000,5,1000,0,\"alice\"", "accounts" },
                { "\"" OTHER "\",null,null,9,3,8", "\"x\",null,null,9,3,8", "ssh_session" },
                { "null,null,9,3,8", "\"x\",null,9,3,8", "over" },
                { "null,null,9,3,8", "null,-1,9,3,8", "ended" },
                { "null,null,9,3,8", "null,null,9,null,8", "seq" },
                { "8,true,false,[", "8,1,false,[", "whole" },
                { "[1700,17,", "[1700,", "total" },
                { "[1700,17,", "[-1700,17,", "total" },
                { "[1700,17,", "[99999999999999999999,17,", "JSON" },
                { "[1700,17,", "[1599,17,", "reported" }, /* of less than that */
                { "[1600,16,", "{\"x\":1},[1600,16,", "accounts" },
                { "[1600,16,", "[\"1600\",16,", "reported" },
                { "[7,1,", "[7,", "last" },
                { "\"{}\\n\"", "\"{}\"", "pending" },
                { "\"accounts\":[", "\"x\":[", "accounts" },
                { "\"accounts\":[", "\"accounts\":7,\"x\":[", "accounts" },
                { "\"columns\":", "\"x\":", "columns" }, /* as of other releases */
                { "\"uid\",", "", "columns" },
                { "\"uid\",", "\"uid\",\"uid\",", "columns" },
                { "\"uid\",\"session\"", "\"session\",\"uid\"", "columns" },
                { "\"uid\",", "\"gid\",", "columns" },
                { "\"uid\",", "7,", "columns" },
                { "\"columns\":", "\"columns\":[],\"columns\":", "JSON" },
        };
        _cleanup_(userstate_freep) struct userstate *in = sample();
        _cleanup_(freep) char *data = NULL;
        size_t size;

        (void)unused;
        assert_int_equal(userstate_encode(in, &data, &size), 0);
        damaged_refused(decode, data, size, damages, UNIT_COUNT(damages));
}

static void test_folder(void **unused) {
        _cleanup_(userstate_freep) struct userstate *in = sample(), *out = NULL;
        _cleanup_(fd_closep) int fd = -1;
        const char *field;

        assert_int_equal(statefolder_open(temporary_path(unused, "state"), &fd), 0);
        assert_int_equal(userfolder_load(fd, &out, &field), STATE_E_NOT_FOUND);
        assert_int_equal(userfolder_save(fd, in, true), 0);
        assert_int_equal(userfolder_load(fd, &out, &field), 0);
        assert_int_equal(out->n, 2);
        assert_false(userfolder_is_outdated(fd));
        assert_int_equal(userfolder_set_aside(fd), 0);
        out = userstate_free(out);
        assert_int_equal(userfolder_load(fd, &out, &field), STATE_E_NOT_FOUND);
}

static void test_drop(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = sample();

        (void)unused;
        assert_true(userstate_account_moved(&state->accounts[0]));
        assert_false(userstate_account_moved(&state->accounts[1]));
        userstate_drop(state, 0);
        assert_int_equal(state->n, 1);
        assert_string_equal(state->accounts[0].id, OTHER);
        userstate_drop(state, 0);
        assert_int_equal(state->n, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_round),
                cmocka_unit_test(test_columns),
                cmocka_unit_test(test_damaged),
                cmocka_unit_test_setup_teardown(test_folder, temporary_setup, temporary_teardown),
                cmocka_unit_test(test_drop),
        };

        return cmocka_run_group_tests_name("userstate", tests, NULL, NULL);
}
