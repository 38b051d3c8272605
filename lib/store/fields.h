/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Structures as JSON objects, driven by a table.
 *
 * Owns: the kinds of values that records and state files are made of, and how each says "unknown":
 * as null.
 * Relies on: jansson.
 */

#ifndef STORE_FIELDS_H
#define STORE_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define FIELD_UNKNOWN (-1)

enum field_kind {
        FIELD_TEXT,     /* char *; NULL is unknown */
        FIELD_FLAG,     /* bool */
        FIELD_NUMBER,   /* int64_t, not negative; FIELD_UNKNOWN is unknown */
        FIELD_SECONDS,  /* int64_t, microseconds, written as seconds; FIELD_UNKNOWN is unknown */
        FIELD_COUNTER,  /* struct known_counter */
        FIELD_TRAFFIC,  /* struct known_traffic */
        FIELD_OFFSET,   /* the same, to be added modulo 2^64: it may be below 0 */
        FIELD_ENDPOINT, /* struct endpoint */
        FIELD_TCPINFO,  /* struct tcpinfo */
};

struct field {
        const char *name;
        enum field_kind kind;
        size_t offset;
};

json_t *fields_value(enum field_kind kind, const void *value);
int fields_get(enum field_kind kind, const json_t *json, void *value);

int fields_encode(const struct field *fields, size_t n, const void *object, json_t **ret_json);
int fields_encode_line(const struct field *fields, size_t n, const void *object, char **ret_line,
                       size_t *ret_size);
int fields_decode(const struct field *fields, size_t n, const json_t *json, void *object,
                  const char **ret_field);
void fields_free(const struct field *fields, size_t n, void *object);

#endif
