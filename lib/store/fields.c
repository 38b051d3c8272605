/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Structures as JSON objects.
 *
 * Relies on: jansson keeps the order in which keys were set, and rejects text that is not UTF-8. So
 * every text is converted to UTF-8 first.
 */

#include "store/fields.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/traffic.h"
#include "net/address.h"
#include "net/tcpinfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static json_t *fields_text(const char *text) {
        _cleanup_(freep) char *clean = NULL;
        size_t room;

        if (!text)
                return json_null();
        room = TEXT_ESCAPE_MAX(strlen(text));
        clean = malloc(room);
        if (!clean)
                return NULL;
        text_to_utf8(text, clean, room);
        return json_string(clean);
}

static json_t *fields_counter(const struct known_counter *known) {
        if (!known->known)
                return json_null();
        return json_pack("{sI sI}", "bytes", (json_int_t)known->counter.bytes, "packets",
                         (json_int_t)known->counter.packets);
}

static json_t *fields_traffic(const struct known_traffic *known) {
        const struct traffic *t = &known->traffic;

        if (!known->known)
                return json_null();
        return json_pack("{sI sI sI sI}", "in_bytes", (json_int_t)t->in.bytes, "in_packets",
                         (json_int_t)t->in.packets, "out_bytes", (json_int_t)t->out.bytes,
                         "out_packets", (json_int_t)t->out.packets);
}

static json_t *fields_endpoint(const struct endpoint *endpoint) {
        char text[ADDRESS_TEXT_MAX];

        if (!endpoint->address.family)
                return json_null();
        address_format(&endpoint->address, text);
        return json_pack("{ss si}", "address", text, "port", (int)endpoint->port);
}

static json_t *fields_tcpinfo(const struct tcpinfo *info) {
        if (!info->known)
                return json_null();
        return json_pack("{sI sI sI sI sI sI sI sI sb sb si}", "in_bytes",
                         (json_int_t)info->in_bytes, "in_segments", (json_int_t)info->in_segments,
                         "out_bytes", (json_int_t)info->out_bytes, "acked_bytes",
                         (json_int_t)info->acked_bytes, "unsent_bytes",
                         (json_int_t)info->unsent_bytes, "out_segments",
                         (json_int_t)info->out_segments, "retrans_bytes",
                         (json_int_t)info->retrans_bytes, "min_rtt_us",
                         (json_int_t)info->min_rtt_us, "timestamps", info->timestamps, "stalled",
                         info->stalled, "state", (int)info->state);
}

/* A new reference, or NULL: no memory. */
json_t *fields_value(enum field_kind kind, const void *value) {
        int64_t number;

        switch (kind) {
        case FIELD_TEXT:
                return fields_text(*(char *const *)value);
        case FIELD_FLAG:
                return json_boolean(*(const bool *)value);
        case FIELD_NUMBER:
                number = *(const int64_t *)value;
                return number < 0 ? json_null() : json_integer(number);
        case FIELD_SECONDS:
                number = *(const int64_t *)value;
                return number < 0 ? json_null() : json_real((double)number / 1e6);
        case FIELD_COUNTER:
                return fields_counter(value);
        case FIELD_TRAFFIC:
        case FIELD_OFFSET:
                return fields_traffic(value);
        case FIELD_ENDPOINT:
                return fields_endpoint(value);
        case FIELD_TCPINFO:
                return fields_tcpinfo(value);
        }
        return NULL;
}

/**
 * fields_encode() - make a JSON object of a structure
 * @fields:     its members, in the order wanted
 * @n:          how many
 * @object:     the structure
 * @ret_json:   the object, a new reference
 *
 * Return: 0 or -ENOMEM.
 */
int fields_encode(const struct field *fields, size_t n, const void *object, json_t **ret_json) {
        json_auto_t *json = json_object();

        if (!json)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                json_t *value =
                        fields_value(fields[i].kind, (const char *)object + fields[i].offset);

                if (!value || json_object_set_new(json, fields[i].name, value) < 0)
                        return -ENOMEM;
        }
        *ret_json = pointer_steal(&json);
        return 0;
}

/**
 * fields_encode_line() - write a structure as a line of JSON
 * @fields:     its members, in the order wanted
 * @n:          how many
 * @object:     the structure
 * @ret_line:   one JSON object and a newline; the caller frees it
 * @ret_size:   its bytes, the newline included
 *
 * Return: 0 or -ENOMEM.
 */
int fields_encode_line(const struct field *fields, size_t n, const void *object, char **ret_line,
                       size_t *ret_size) {
        _cleanup_(freep) char *line = NULL;
        json_auto_t *json = NULL;
        char *longer;
        size_t size;
        int r;

        r = fields_encode(fields, n, object, &json);
        if (r < 0)
                return r;
        /* 15 digits: microseconds of a duration are exact, and 0.1 does not become 0.1000...1 */
        line = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15));
        if (!line)
                return -ENOMEM;
        size = strlen(line);
        longer = realloc(line, size + 2);
        if (!longer)
                return -ENOMEM;
        line = longer;
        line[size] = '\n';
        line[size + 1] = '\0';
        *ret_line = pointer_steal(&line);
        *ret_size = size + 1;
        return 0;
}

/* A whole number that is not negative. */
static int fields_get_signed(const json_t *json, int64_t minimum, int64_t maximum,
                             int64_t *ret_number) {
        json_int_t number;

        if (!json_is_integer(json))
                return -EINVAL;
        number = json_integer_value(json);
        if (number < minimum || number > maximum)
                return -ERANGE;
        *ret_number = number;
        return 0;
}

static int fields_get_number(const json_t *json, int64_t maximum, int64_t *ret_number) {
        return fields_get_signed(json, 0, maximum, ret_number);
}

struct member {
        const char *name;
        int64_t maximum;
        int64_t number;
        bool is_signed;
};

static int fields_get_members(const json_t *json, struct member *members, size_t n) {
        for (size_t i = 0; i < n; i++) {
                int r = fields_get_signed(json_object_get(json, members[i].name),
                                          members[i].is_signed ? INT64_MIN : 0, members[i].maximum,
                                          &members[i].number);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int fields_get_counter(const json_t *json, struct known_counter *counter) {
        struct member m[] = { { "bytes", INT64_MAX, 0, false },
                              { "packets", INT64_MAX, 0, false } };
        int r;

        if (json_is_null(json))
                return 0;
        r = fields_get_members(json, m, COUNT(m));
        if (r < 0)
                return r;
        *counter = (struct known_counter){
                .known = true,
                .counter = { (uint64_t)m[0].number, (uint64_t)m[1].number },
        };
        return 0;
}

static int fields_get_traffic(const json_t *json, bool is_signed, struct known_traffic *traffic) {
        struct member m[] = {
                { "in_bytes", INT64_MAX, 0, is_signed },
                { "in_packets", INT64_MAX, 0, is_signed },
                { "out_bytes", INT64_MAX, 0, is_signed },
                { "out_packets", INT64_MAX, 0, is_signed },
        };
        int r;

        if (json_is_null(json))
                return 0;
        r = fields_get_members(json, m, COUNT(m));
        if (r < 0)
                return r;
        *traffic = (struct known_traffic){
                .known = true,
                .traffic = { .in = { (uint64_t)m[0].number, (uint64_t)m[1].number },
                             .out = { (uint64_t)m[2].number, (uint64_t)m[3].number } },
        };
        return 0;
}

static int fields_get_endpoint(const json_t *json, struct endpoint *endpoint) {
        const char *text = json_string_value(json_object_get(json, "address"));
        int64_t port;
        int r;

        if (!text)
                return -EINVAL;
        r = fields_get_number(json_object_get(json, "port"), UINT16_MAX, &port);
        if (r < 0)
                return r;
        endpoint->port = (uint16_t)port;
        return address_parse(text, &endpoint->address);
}

/* What a state of an earlier release does not have: then 0. */
static int fields_get_later(const json_t *json, const char *name, int64_t most,
                            uint64_t *ret_number) {
        const json_t *value = json_object_get(json, name);
        int64_t number;
        int r;

        if (!value)
                return 0;
        r = fields_get_number(value, most, &number);
        if (!r)
                *ret_number = (uint64_t)number;
        return r;
}

static int fields_get_tcpinfo(const json_t *json, struct tcpinfo *info) {
        const json_t *timestamps = json_object_get(json, "timestamps");
        const json_t *stalled = json_object_get(json, "stalled");
        struct member m[] = {
                { "in_bytes", INT64_MAX, 0, false },      { "in_segments", INT64_MAX, 0, false },
                { "out_bytes", INT64_MAX, 0, false },     { "out_segments", INT64_MAX, 0, false },
                { "retrans_bytes", INT64_MAX, 0, false }, { "min_rtt_us", UINT32_MAX, 0, false },
                { "state", UINT8_MAX, 0, false },
        };
        int r;

        if (json_is_null(json))
                return 0;
        r = fields_get_members(json, m, COUNT(m));
        if (r < 0)
                return r;
        if (!json_is_boolean(timestamps) || !json_is_boolean(stalled))
                return -EINVAL;
        *info = (struct tcpinfo){
                .known = true,
                .in_bytes = (uint64_t)m[0].number,
                .in_segments = (uint64_t)m[1].number,
                .out_bytes = (uint64_t)m[2].number,
                .out_segments = (uint64_t)m[3].number,
                .retrans_bytes = (uint64_t)m[4].number,
                .min_rtt_us = (uint32_t)m[5].number,
                .timestamps = json_boolean_value(timestamps),
                .stalled = json_boolean_value(stalled),
                .state = (uint8_t)m[6].number,
        };
        r = fields_get_later(json, "acked_bytes", INT64_MAX, &info->acked_bytes);
        if (!r)
                r = fields_get_later(json, "unsent_bytes", INT64_MAX, &info->unsent_bytes);
        return r;
}

/* Of hostile JSON. Return: 0, -EINVAL, -ERANGE or -ENOMEM. */
int fields_get(enum field_kind kind, const json_t *json, void *value) {
        switch (kind) {
        case FIELD_TEXT:
                if (json_is_null(json))
                        return 0;
                if (!json_is_string(json))
                        return -EINVAL;
                *(char **)value = strdup(json_string_value(json));
                return *(char **)value ? 0 : -ENOMEM;
        case FIELD_FLAG:
                if (json_is_null(json))
                        return 0;
                if (!json_is_boolean(json))
                        return -EINVAL;
                *(bool *)value = json_boolean_value(json);
                return 0;
        case FIELD_NUMBER:
                if (!json_is_null(json))
                        return fields_get_number(json, INT64_MAX, value);
                *(int64_t *)value = FIELD_UNKNOWN;
                return 0;
        case FIELD_SECONDS:
                *(int64_t *)value = FIELD_UNKNOWN;
                if (json_is_null(json))
                        return 0;
                if (!json_is_number(json) || !(json_number_value(json) >= 0) ||
                    !(json_number_value(json) < 1e12))
                        return -EINVAL;
                *(int64_t *)value = (int64_t)(json_number_value(json) * 1e6 + 0.5);
                return 0;
        case FIELD_COUNTER:
                return fields_get_counter(json, value);
        case FIELD_TRAFFIC:
        case FIELD_OFFSET:
                return fields_get_traffic(json, kind == FIELD_OFFSET, value);
        case FIELD_ENDPOINT:
                return fields_get_endpoint(json, value);
        case FIELD_TCPINFO:
                return fields_get_tcpinfo(json, value);
        }
        return -EINVAL;
}

/**
 * fields_decode() - fill a structure from a JSON object
 * @fields:     its members
 * @n:          how many
 * @json:       the object, hostile; keys that are not in @fields are passed over
 * @object:     the structure, all zero before; to be given to fields_free() whatever is returned
 * @ret_field:  for -EINVAL and -ERANGE: the member at fault
 *
 * Return: 0, -EINVAL, -ERANGE or -ENOMEM.
 */
int fields_decode(const struct field *fields, size_t n, const json_t *json, void *object,
                  const char **ret_field) {
        for (size_t i = 0; i < n; i++) {
                const json_t *value = json_object_get(json, fields[i].name);
                int r;

                /* a file of an earlier release may lack a key */
                r = fields_get(fields[i].kind, value ? value : json_null(),
                               (char *)object + fields[i].offset);
                if (r < 0) {
                        *ret_field = fields[i].name;
                        return r;
                }
        }
        return 0;
}

/**
 * fields_free() - free the texts of a structure
 * @fields:     its members
 * @n:          how many
 * @object:     the structure
 */
void fields_free(const struct field *fields, size_t n, void *object) {
        for (size_t i = 0; i < n; i++)
                if (fields[i].kind == FIELD_TEXT) {
                        char **text = (char **)(void *)((char *)object + fields[i].offset);

                        free(*text);
                        *text = NULL;
                }
}
