/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reading a record's line without a JSON library.
 *
 * Owns: the one form that record_encode() writes: all keys in their order, no blanks, no escapes,
 * numbers without exponents. A line of any other form is left to jansson, which takes longer: 17
 * microseconds a line instead of 2, and a report may read a million lines.
 * Does not: judge. It accepts only lines that jansson would accept, with the same result; tests
 * compare the two.
 */

#include "store/recordscan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct recordscan {
        const char *at;
        const char *end;
};

static bool recordscan_is(struct recordscan *scan, const char *text, size_t size) {
        if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, text, size) != 0)
                return false;
        scan->at += size;
        return true;
}

#define IS(scan, text) recordscan_is(scan, text, sizeof(text) - 1)

/* "key": with the comma or brace before it. */
static bool recordscan_key(struct recordscan *scan, const char *name, bool first) {
        size_t size = strlen(name);

        if ((size_t)(scan->end - scan->at) < size + 4 || *scan->at != (first ? '{' : ',') ||
            scan->at[1] != '"' || memcmp(scan->at + 2, name, size) != 0 ||
            scan->at[size + 2] != '"' || scan->at[size + 3] != ':')
                return false;
        scan->at += size + 4;
        return true;
}

/* Printable ASCII, which is what it says. */
static bool recordscan_text(struct recordscan *scan, char **ret_text) {
        const char *begin = scan->at + 1, *at = begin;

        if (scan->at == scan->end || *scan->at != '"')
                return false;
        while (at < scan->end && *at != '"' && *at != '\\' && *at >= ' ' && *at <= '~')
                at++;
        if (at == scan->end || *at != '"')
                return false;
        scan->at = at + 1;
        *ret_text = strndup(begin, (size_t)(at - begin));
        return *ret_text;
}

/* Digits without a zero before them; at most as many as an int64_t surely holds. */
static bool recordscan_digits(struct recordscan *scan, int64_t *ret_number) {
        const char *begin = scan->at;
        int64_t number = 0;

        while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9' &&
               scan->at - begin < 18)
                number = number * 10 + (*scan->at++ - '0');
        *ret_number = number;
        return scan->at > begin && (*begin != '0' || scan->at == begin + 1);
}

static bool recordscan_number(struct recordscan *scan, int64_t *ret_number) {
        return recordscan_digits(scan, ret_number) && scan->at < scan->end &&
               (*scan->at == ',' || *scan->at == '}');
}

/* Seconds with at most six digits behind the point, and so few before it that a double, which
 * jansson makes of them, has them all. */
static bool recordscan_seconds(struct recordscan *scan, int64_t *ret_microseconds) {
        int64_t whole, unit = 1000000;

        if (!recordscan_digits(scan, &whole) || whole > INT64_C(1000000000))
                return false;
        whole *= 1000000;
        if (scan->at < scan->end && *scan->at == '.') {
                const char *begin = ++scan->at;

                while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9' && unit > 1) {
                        unit /= 10;
                        whole += (*scan->at++ - '0') * unit;
                }
                if (scan->at == begin)
                        return false;
        }
        *ret_microseconds = whole;
        return scan->at < scan->end && (*scan->at == ',' || *scan->at == '}');
}

static bool recordscan_value(struct recordscan *scan, enum field_kind kind, void *value) {
        switch (kind) {
        case FIELD_TEXT:
                return IS(scan, "null") || recordscan_text(scan, value);
        case FIELD_FLAG:
                *(bool *)value = IS(scan, "true");
                return *(bool *)value || IS(scan, "false") || IS(scan, "null");
        case FIELD_NUMBER:
                *(int64_t *)value = FIELD_UNKNOWN;
                return IS(scan, "null") || recordscan_number(scan, value);
        case FIELD_SECONDS:
                *(int64_t *)value = FIELD_UNKNOWN;
                return IS(scan, "null") || recordscan_seconds(scan, value);
        case FIELD_COUNTER:
        case FIELD_TRAFFIC:
        case FIELD_OFFSET:
        case FIELD_ENDPOINT:
        case FIELD_TCPINFO:
                break; /* no record has them */
        }
        return false;
}

/**
 * recordscan() - read a line
 * @fields:     the members of a record
 * @n:          how many
 * @line:       the bytes, hostile, without a newline
 * @size:       how many
 * @object:     the record, all zero before; to be given to fields_free() whatever is returned
 *
 * Return: whether it was read; if not, it may be a record all the same.
 */
bool recordscan(const struct field *fields, size_t n, const char *line, size_t size, void *object) {
        struct recordscan scan = { line, line + size };

        for (size_t i = 0; i < n; i++) {
                void *value = (char *)object + fields[i].offset;

                /* records of earlier releases do not have the last ones */
                if (i && scan.at < scan.end && *scan.at == '}') {
                        if (fields[i].kind == FIELD_NUMBER || fields[i].kind == FIELD_SECONDS)
                                *(int64_t *)value = FIELD_UNKNOWN;
                        continue;
                }
                if (!recordscan_key(&scan, fields[i].name, !i) ||
                    !recordscan_value(&scan, fields[i].kind, value))
                        return false;
        }
        return IS(&scan, "}") && scan.at == scan.end;
}
