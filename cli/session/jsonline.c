/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Records for programs, on standard output.
 *
 * Owns: that a record is printed as it is in the log, with keys of other releases, but in ASCII: so
 * nothing in it can be hidden on a terminal.
 */

#include "jsonline.h"

#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/**
 * jsonline_print() - print a line of the log
 * @line:       the record, without its newline
 *
 * Return: 0 or -ENOMEM.
 */
int jsonline_print(const char *line) {
        size_t room = TEXT_JSON_MAX(strlen(line));
        _cleanup_(freep) char *ascii = malloc(room);

        if (!ascii)
                return -ENOMEM;
        text_json_to_ascii(line, ascii, room);
        (void)puts(ascii);
        return 0;
}

static void jsonline_rate(int64_t rate, char *ret_text, size_t room) {
        (void)snprintf(ret_text, room, "null");
        if (rate != RECORD_UNKNOWN)
                (void)snprintf(ret_text, room, "%" PRId64, rate);
}

/**
 * jsonline_print_open() - print an open session
 * @record:     what is known of it
 * @in_rate:    bytes per second, or RECORD_UNKNOWN
 * @out_rate:   likewise
 *
 * Return: 0, or a negative errno.
 */
int jsonline_print_open(const struct record *record, int64_t in_rate, int64_t out_rate) {
        _cleanup_(freep) char *line = NULL, *whole = NULL;
        char in[24], out[24];
        size_t size;
        int r;

        r = record_encode(record, &line, &size);
        if (r < 0)
                return r;
        jsonline_rate(in_rate, in, sizeof(in));
        jsonline_rate(out_rate, out, sizeof(out));
        /* an object of many keys: it ends with its brace */
        *strrchr(line, '}') = '\0';
        if (asprintf(&whole, "%s,\"in_rate\":%s,\"out_rate\":%s}", line, in, out) < 0) {
                whole = NULL;
                return -ENOMEM;
        }
        return jsonline_print(whole);
}
