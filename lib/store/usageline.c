/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One line of a user's own figures, as JSON.
 *
 * Owns: the table of its keys. The file of such lines belongs to the user, who may write anything
 * into it. So it is read as hostile text.
 */

#include "store/usageline.h"

#include "base/clock.h"
#include "store/fields.h"

#include <errno.h>
#include <string.h>

#define FIELD(kind, member) \
        { #member, kind, offsetof(struct usageline, member) }

static const struct field usageline_fields[] = {
        FIELD(FIELD_NUMBER, v),
        FIELD(FIELD_TEXT, time),
        FIELD(FIELD_TEXT, user),
        FIELD(FIELD_NUMBER, uid),
        FIELD(FIELD_TEXT, period),
        FIELD(FIELD_TEXT, since),
        FIELD(FIELD_TEXT, until),
        FIELD(FIELD_NUMBER, in_bytes),
        FIELD(FIELD_NUMBER, out_bytes),
        FIELD(FIELD_NUMBER, sessions),
        FIELD(FIELD_NUMBER, open),
        FIELD(FIELD_FLAG, complete),
        FIELD(FIELD_TEXT, open_until),
        FIELD(FIELD_NUMBER, all_in_bytes),
        FIELD(FIELD_NUMBER, all_out_bytes),
        FIELD(FIELD_FLAG, all_complete),
};

#define USAGELINE_FIELDS (sizeof(usageline_fields) / sizeof(*usageline_fields))

_Static_assert(USAGELINE_UNKNOWN == FIELD_UNKNOWN, "lines and fields have one word for unknown");

/**
 * usageline_new() - make a line of which nothing is known
 * @ret_line:   the line; every number is USAGELINE_UNKNOWN, every text NULL
 *
 * Return: 0 or -ENOMEM.
 */
int usageline_new(struct usageline **ret_line) {
        struct usageline *line = malloc(sizeof(*line));

        if (!line)
                return -ENOMEM;
        *line = (struct usageline){
                .v = USAGELINE_VERSION,
                .uid = USAGELINE_UNKNOWN,
                .in_bytes = USAGELINE_UNKNOWN,
                .out_bytes = USAGELINE_UNKNOWN,
                .sessions = USAGELINE_UNKNOWN,
                .open = USAGELINE_UNKNOWN,
                .all_in_bytes = USAGELINE_UNKNOWN,
                .all_out_bytes = USAGELINE_UNKNOWN,
        };
        *ret_line = line;
        return 0;
}

/**
 * usageline_free() - end what usageline_new() began
 * @line:       the line, or NULL
 *
 * Return: NULL.
 */
struct usageline *usageline_free(struct usageline *line) {
        if (line)
                fields_free(usageline_fields, USAGELINE_FIELDS, line);
        free(line);
        return NULL;
}

/**
 * usageline_encode() - write a line
 * @line:       what it says
 * @ret_text:   one JSON object and a newline; the caller frees it
 * @ret_size:   its bytes, the newline included
 *
 * Return: 0 or -ENOMEM.
 */
int usageline_encode(const struct usageline *line, char **ret_text, size_t *ret_size) {
        return fields_encode_line(usageline_fields, USAGELINE_FIELDS, line, ret_text, ret_size);
}

static const char *usageline_fault(const struct usageline *line) {
        uint64_t moment;

        if (line->v != USAGELINE_VERSION)
                return "v";
        if (!line->time || clock_parse(line->time, &moment) < 0)
                return "time";
        if (!line->since || clock_parse(line->since, &moment) < 0)
                return "since";
        if (!line->until || clock_parse(line->until, &moment) < 0)
                return "until";
        if (line->open_until && clock_parse(line->open_until, &moment) < 0)
                return "open_until";
        return line->period ? NULL : "period";
}

/**
 * usageline_decode() - read a line
 * @text:       the bytes, hostile; a newline at the end does not matter
 * @size:       how many
 * @ret_line:   what it says: period and the three times are there, and are times
 * @ret_field:  for USAGELINE_E_INVALID: the key at fault, or "JSON" if it is none
 *
 * Return: 0, USAGELINE_E_INVALID or -ENOMEM.
 */
int usageline_decode(const char *text, size_t size, struct usageline **ret_line,
                     const char **ret_field) {
        _cleanup_(usageline_freep) struct usageline *line = NULL;
        json_auto_t *json = NULL;
        const char *fault;
        int r;

        *ret_field = "JSON";
        json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(json))
                return USAGELINE_E_INVALID;
        r = usageline_new(&line);
        if (r < 0)
                return r;
        r = fields_decode(usageline_fields, USAGELINE_FIELDS, json, line, ret_field);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return USAGELINE_E_INVALID;
        fault = usageline_fault(line);
        if (fault) {
                *ret_field = fault;
                return USAGELINE_E_INVALID;
        }
        *ret_line = pointer_steal(&line);
        return 0;
}
