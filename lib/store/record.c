/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One record of the log, as a line of JSON.
 *
 * Owns: the form of the line. Its keys are those of include/pam_traffic/recordkeys.h.
 */

#include "store/record.h"

#include "store/fields.h"
#include "store/recordscan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(kind, member) { #member, FIELD_##kind, offsetof(struct record, member) },

static const struct field record_fields[] = { PAM_TRAFFIC_RECORD_KEYS(FIELD) };

#define RECORD_FIELDS (sizeof(record_fields) / sizeof(*record_fields))

_Static_assert(RECORD_UNKNOWN == FIELD_UNKNOWN, "records and fields have one word for unknown");

/**
 * record_new() - make a record of which nothing is known
 * @ret_record: the record; every number is RECORD_UNKNOWN, every text NULL
 *
 * Return: 0 or -ENOMEM.
 */
int record_new(struct record **ret_record) {
        struct record *record;

        record = calloc(1, sizeof(*record));
        if (!record)
                return -ENOMEM;
        for (size_t i = 0; i < RECORD_FIELDS; i++)
                if (record_fields[i].kind == FIELD_NUMBER || record_fields[i].kind == FIELD_SECONDS)
                        *(int64_t *)(void *)((char *)record + record_fields[i].offset) =
                                FIELD_UNKNOWN;
        record->v = RECORD_VERSION;
        *ret_record = record;
        return 0;
}

/**
 * record_free() - end what record_new() began
 * @record:     the record, or NULL
 *
 * Return: NULL.
 */
struct record *record_free(struct record *record) {
        if (record)
                fields_free(record_fields, RECORD_FIELDS, record);
        free(record);
        return NULL;
}

/**
 * record_is_port() - tell whether a record is of a local port, and not of a login
 * @record:     the record
 *
 * Return: true if its event is "port".
 */
bool record_is_port(const struct record *record) {
        return record->event && !strcmp(record->event, "port");
}

/**
 * record_is_mark() - tell whether a record is of no session, but says since when there are none
 * @record:     the record
 *
 * Return: true if its event is "off" or "on".
 */
bool record_is_mark(const struct record *record) {
        return record->event && (!strcmp(record->event, "off") || !strcmp(record->event, "on"));
}

/**
 * record_is_users_mark() - tell whether a record says since when the users' ledger is kept, or not
 * @record:     the record
 *
 * Return: true if its event is "users-off" or "users-on".
 */
bool record_is_users_mark(const struct record *record) {
        return record->event &&
               (!strcmp(record->event, "users-off") || !strcmp(record->event, "users-on"));
}

/**
 * record_is_user() - tell whether a record is of a user
 * @record:     the record
 *
 * Return: true if its event is "user".
 */
bool record_is_user(const struct record *record) {
        return record->event && !strcmp(record->event, "user");
}

/**
 * record_is_session() - tell whether a record is of a login
 * @record:     the record
 *
 * Return: true if so.
 */
bool record_is_session(const struct record *record) {
        return !record_is_port(record) && !record_is_mark(record) && !record_is_user(record) &&
               !record_is_users_mark(record);
}

/**
 * record_encode() - write a record as a line
 * @record:     the record
 * @ret_line:   one JSON object and a newline; the caller frees it
 * @ret_size:   its bytes, the newline included
 *
 * Return: 0 or -ENOMEM.
 */
int record_encode(const struct record *record, char **ret_line, size_t *ret_size) {
        return fields_encode_line(record_fields, RECORD_FIELDS, record, ret_line, ret_size);
}

/* Hand out a record that was read, if it is of this version. */
static int record_judge(struct record **record, struct record **ret_record,
                        const char **ret_field) {
        if ((*record)->v != RECORD_VERSION) {
                *ret_field = "v";
                return RECORD_E_INVALID;
        }
        *ret_record = pointer_steal(record);
        return 0;
}

/**
 * record_decode() - read a record from a line
 * @line:       the bytes, hostile; a newline at the end does not matter
 * @size:       how many
 * @ret_record: the record
 * @ret_field:  for RECORD_E_INVALID: the key at fault, or "JSON" if it is none
 *
 * Return: 0, RECORD_E_INVALID or -ENOMEM.
 */
int record_decode(const char *line, size_t size, struct record **ret_record,
                  const char **ret_field) {
        _cleanup_(record_freep) struct record *record = NULL;
        json_auto_t *json = NULL;
        int r;

        *ret_field = "JSON";
        record = calloc(1, sizeof(*record));
        if (!record)
                return -ENOMEM;
        if (recordscan(record_fields, RECORD_FIELDS, line,
                       size && line[size - 1] == '\n' ? size - 1 : size, record))
                return record_judge(&record, ret_record, ret_field);

        record = record_free(record);
        json = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(json))
                return RECORD_E_INVALID;

        r = record_new(&record);
        if (r < 0)
                return r;
        r = fields_decode(record_fields, RECORD_FIELDS, json, record, ret_field);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return RECORD_E_INVALID;
        return record_judge(&record, ret_record, ret_field);
}
