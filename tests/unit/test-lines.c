/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Lines out of a stream: the same whatever the pieces in which it comes, and whatever is too long
 * is counted and passed over.
 */

#include "base/lines.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define MAXIMUM 8

/* Cut a stream that comes in pieces; what was found as a text: number@offset-end=text */
static void cut(const char *stream, size_t piece, char *ret_text, size_t size) {
        _cleanup_(lines_freep) struct lines *lines = NULL;
        size_t length = strlen(stream), used = 0;
        struct line line;

        ret_text[0] = '\0';
        assert_int_equal(lines_new(MAXIMUM, &lines), 0);
        for (;;) {
                size_t n = length < piece ? length : piece, room;
                char *place;

                while (!lines_next(lines, &line)) {
                        assert_int_equal(line.text[line.size], '\0');
                        assert_int_equal(strlen(line.text), line.size);
                        used += (size_t)snprintf(ret_text + used, size - used, "%d@%d-%d=%s ",
                                                 (int)line.number, (int)line.offset, (int)line.end,
                                                 line.too_long ? "(long)" : line.text);
                }
                if (!length)
                        break;
                place = lines_room(lines, &room);
                assert_in_range(room, 1, MAXIMUM + 1);
                n = n < room ? n : room;
                memcpy(place, stream, n);
                lines_add(lines, n);
                stream += n;
                length -= n;
        }
        if (lines_rest(lines, &line))
                (void)snprintf(ret_text + used, size - used, "%d@%d-%d%s", (int)line.number,
                               (int)line.offset, (int)line.end, line.too_long ? "(long)" : "");
}

static void test_pieces(void **state) {
        static const struct {
                const char *stream;
                const char *lines;
        } cases[] = {
                { "", "" },
                { "\n", "1@0-1= " },
                { "a\nbc\n\n", "1@0-2=a 2@2-5=bc 3@5-6= " },
                { "a\nb", "1@0-2=a 2@2-3" },
                { "12345678\n1\n", "1@0-9=12345678 2@9-11=1 " },
                { "123456789\n1\n", "1@0-10=(long) 2@10-12=1 " },
                { "123456789abcdefghijklmnopqrstuvwxyz\n12345678\n",
                  "1@0-36=(long) 2@36-45=12345678 " },
                { "123456789012345678\n123456789012345678\n1",
                  "1@0-19=(long) 2@19-38=(long) 3@38-39" },
                { "12345678", "1@0-8" },
                { "a\n123456789", "1@0-2=a 2@2-11(long)" },
                { "a\n12345678901234567890", "1@0-2=a 2@2-22(long)" },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++)
                for (size_t piece = 1; piece < 24; piece++) {
                        char got[256];

                        cut(cases[i].stream, piece, got, sizeof(got));
                        assert_string_equal(got, cases[i].lines);
                }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_pieces) };

        return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
