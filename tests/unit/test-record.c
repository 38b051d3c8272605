/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Records: the contract's keys in the contract's order, null for unknown, never 0.
 */

#include "store/fields.h"
#include "store/record.h"
#include "unit.h"

#include <string.h>

/* docs/contract.md, "Records", in its order */
static const char contract[] =
        "v event time host boot_id session seq service user uid pid rhost family local_addr "
        "local_port remote_addr remote_port auth_method auth_key audit_session login_session "
        "excluded backend in_bytes in_packets out_bytes out_packets preauth_in_bytes "
        "preauth_in_packets preauth_out_bytes preauth_out_packets preauth_source delta_in_bytes "
        "delta_out_bytes tcp_in_bytes tcp_out_bytes tcp_in_segments tcp_out_segments "
        "tcp_retrans_bytes tcp_min_rtt_us wire_in_bytes wire_out_bytes duration terminate_cause "
        "complete incomplete_cause excluded_in_bytes excluded_out_bytes kind socket_owner "
        "ssh_session "
        "excluded_in_packets excluded_out_packets delta_excluded_in_bytes delta_excluded_out_bytes "
        "process_in_bytes process_in_packets process_out_bytes process_out_packets ";

static void test_keys(void **state) {
        _cleanup_(record_freep) struct record *record = NULL;
        _cleanup_(freep) char *line = NULL;
        json_auto_t *json = NULL;
        char keys[2048] = "";
        const char *key;
        json_t *value;
        size_t size;

        (void)state;
        assert_int_equal(record_new(&record), 0);
        assert_int_equal(record_encode(record, &line, &size), 0);
        assert_int_equal(size, strlen(line));
        assert_ptr_equal(strchr(line, '\n'), line + size - 1);

        json = json_loads(line, 0, NULL);
        json_object_foreach(json, key, value) {
                strcat(strcat(keys, key), " ");
                if (!strcmp(key, "v"))
                        assert_int_equal(json_integer_value(value), 1);
                else if (!strcmp(key, "excluded") || !strcmp(key, "complete"))
                        assert_true(json_is_false(value));
                else
                        assert_true(json_is_null(value));
        }
        assert_string_equal(keys, contract);
}

static void test_round(void **state) {
        _cleanup_(record_freep) struct record *in = NULL, *out = NULL;
        _cleanup_(freep) char *line = NULL;
        const char *field;
        size_t size;

        (void)state;
        assert_int_equal(record_new(&in), 0);
        in->event = strdup("stop");
        in->user = strdup("a\"b\\c\n\xfe");
        in->in_bytes = INT64_MAX;
        in->out_bytes = 0;
        in->duration = 12345678;
        in->complete = true;
        assert_int_equal(record_encode(in, &line, &size), 0);
        assert_non_null(strstr(line, "\"user\":\"a\\\"b\\\\c\\n\\\\xfe\""));
        assert_non_null(strstr(line, "\"in_bytes\":9223372036854775807,"));
        assert_non_null(strstr(line, "\"out_bytes\":0,"));
        assert_non_null(strstr(line, "\"duration\":12.345678,"));

        assert_int_equal(record_decode(line, size, &out, &field), 0);
        assert_string_equal(out->event, "stop");
        assert_int_equal(out->in_bytes, INT64_MAX);
        assert_int_equal(out->in_packets, FIELD_UNKNOWN);
        assert_int_equal(out->duration, 12345678);
        assert_true(out->complete);
}

/* What a line says, in two ways: a blank before it leaves it to jansson. */
static void compare(const char *line, size_t size) {
        char blank[4096] = " ";
        struct record *of[2] = { NULL, NULL };
        char *said[2] = { NULL, NULL };
        const char *field;
        size_t n;
        int r[2];

        memcpy(blank + 1, line, size);
        r[0] = record_decode(line, size, &of[0], &field);
        r[1] = record_decode(blank, size + 1, &of[1], &field);
        if (r[0] != r[1])
                fail_msg("%d and %d: %.*s", r[0], r[1], (int)size, line);
        for (size_t i = 0; !r[0] && i < 2; i++)
                assert_int_equal(record_encode(of[i], &said[i], &n), 0);
        if (!r[0])
                assert_string_equal(said[0], said[1]);
        for (size_t i = 0; i < 2; i++) {
                free(said[i]);
                (void)record_free(of[i]);
        }
}

/* The quick way to read a line takes nothing that the other would not, and takes it the same. */
static void test_both_ways(void **state) {
        static const char bytes[] = "0-.e\"\\,:{}[]ntf 9\x01\x7f\xc3\n";
        static const char *const durations[] = {
                "0",          "125",      "12.345678", "12.3456789",
                "1e3",        "01",       "1.",        "999999999.999999",
                "1000000001", "0.000001", "-1"
        };
        _cleanup_(record_freep) struct record *record = NULL;
        _cleanup_(freep) char *line = NULL;
        size_t size;

        (void)state;
        assert_int_equal(record_new(&record), 0);
        record->event = strdup("stop");
        record->user = strdup("alice");
        record->seq = 12;
        record->in_bytes = 4829;
        record->tcp_in_bytes = 999999999999999999;
        record->duration = 12345678;
        record->excluded = true;
        assert_int_equal(record_encode(record, &line, &size), 0);
        compare(line, size);
        compare(line, size - 1);
        for (size_t i = 0; i < size; i++) {
                char was = line[i];

                compare(line, i);
                for (size_t j = 0; j < sizeof(bytes); j++) {
                        line[i] = bytes[j];
                        compare(line, size);
                }
                line[i] = was;
        }
        for (size_t i = 0; i < UNIT_COUNT(durations); i++) {
                char text[2048];
                const char *at = strstr(line, "12.345678");

                (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - line), line, durations[i],
                               at + strlen("12.345678"));
                compare(text, strlen(text));
        }
}

static void test_hostile(void **state) {
        static const struct {
                const char *line;
                const char *field;
        } cases[] = {
                { "", "JSON" },
                { "null", "JSON" },
                { "[1]", "JSON" },
                { "{\"v\":1", "JSON" },
                { "{\"v\":1}{\"v\":1}", "JSON" },
                { "{\"v\":1,\"v\":1,\"excluded\":false,\"complete\":true}", "JSON" },
                { "{\"v\":2,\"excluded\":false,\"complete\":true}", "v" },
                { "{\"v\":1,\"excluded\":false,\"complete\":\"yes\"}", "complete" },
                { "{\"v\":1,\"in_bytes\":-5,\"excluded\":false,\"complete\":true}", "in_bytes" },
                { "{\"v\":1,\"duration\":-1.0,\"excluded\":false,\"complete\":true}", "duration" },
                { "{\"v\":1,\"duration\":1e300,\"excluded\":false,\"complete\":true}", "duration" },
                { "{\"v\":1,\"user\":\"\xff\",\"excluded\":false,\"complete\":true}", "JSON" },
                { "{\"v\":1,\"user\":\"a\\u0000b\",\"excluded\":false,\"complete\":true}", "JSON" },
                { "{\"v\":1,\"user\":[],\"excluded\":false,\"complete\":true}", "user" },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct record *record = NULL;
                const char *field = NULL;

                assert_int_equal(record_decode(cases[i].line, strlen(cases[i].line), &record,
                                               &field),
                                 RECORD_E_INVALID);
                assert_null(record);
                assert_string_equal(field, cases[i].field);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_keys),
                cmocka_unit_test(test_round),
                cmocka_unit_test(test_both_ways),
                cmocka_unit_test(test_hostile),
        };

        return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
