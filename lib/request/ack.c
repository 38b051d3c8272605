/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The helper's acknowledgement: one line for each phase.
 *
 * Does not: read a descriptor; the caller passes the bytes that came in.
 */

#include "request/request.h"

#include <string.h>

static const struct {
        enum ack ack;
        const char *line;
} ack_lines[] = {
        { ACK_RECORDED, PAM_TRAFFIC_ACK_RECORDED },
        { ACK_COUNTING, PAM_TRAFFIC_ACK_COUNTING },
        { ACK_FAILED, PAM_TRAFFIC_ACK_FAILED },
};

#define ACK_LINES (sizeof(ack_lines) / sizeof(*ack_lines))

/**
 * ack_parse() - read the first line of what the helper wrote
 * @data:       the bytes so far
 * @size:       how many
 * @ret_used:   how many of them the line took; 0 for ACK_NONE and ACK_GARBAGE
 *
 * Return: the acknowledgement; ACK_NONE as long as the bytes may yet become one.
 */
enum ack ack_parse(const char *data, size_t size, size_t *ret_used) {
        bool prefix = false;

        *ret_used = 0;
        for (size_t i = 0; i < ACK_LINES; i++) {
                size_t n = strlen(ack_lines[i].line);

                if (size >= n && !memcmp(data, ack_lines[i].line, n)) {
                        *ret_used = n;
                        return ack_lines[i].ack;
                }
                if (size < n && !memcmp(data, ack_lines[i].line, size))
                        prefix = true;
        }
        return prefix || !size ? ACK_NONE : ACK_GARBAGE;
}

/**
 * ack_line() - the line that says an acknowledgement
 * @ack:        ACK_RECORDED, ACK_COUNTING or ACK_FAILED
 *
 * Return: the line with its newline, or NULL for the others.
 */
const char *ack_line(enum ack ack) {
        for (size_t i = 0; i < ACK_LINES; i++)
                if (ack_lines[i].ack == ack)
                        return ack_lines[i].line;
        return NULL;
}
