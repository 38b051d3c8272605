/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Cutting a stream into lines: whatever the pieces and the greatest length, the lines are those
 * that a search for newlines finds. The first two bytes choose both.
 */

#include "base/lines.h"
#include "fuzz.h"

/* The stream, as far as it is accounted for. */
struct model {
        const uint8_t *data;
        size_t size, offset, number, maximum;
};

static void check(struct model *model, const struct line *line) {
        const uint8_t *begin = model->data + model->offset;
        const uint8_t *newline = memchr(begin, '\n', model->size - model->offset);
        size_t size;

        fuzz_assert(!!newline);
        size = (size_t)(newline - begin);
        fuzz_assert(line->number == ++model->number && line->offset == model->offset);
        fuzz_assert(line->end == model->offset + size + 1);
        fuzz_assert(line->too_long == (size > model->maximum));
        fuzz_assert(line->size == (line->too_long ? 0 : size) && !line->text[line->size]);
        fuzz_assert(!line->size || !memcmp(line->text, begin, size));
        model->offset += size + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(lines_freep) struct lines *lines = NULL;
        struct model model;
        size_t added = 0, piece;
        struct line line;

        if (size < 2)
                return 0;
        model = (struct model){ .data = data + 2, .size = size - 2, .maximum = 1 + data[0] % 32 };
        piece = 1 + data[1] % 64;
        fuzz_assert(lines_new(model.maximum, &lines) == 0);

        for (;;) {
                size_t room, n = model.size - added;
                char *place;

                while (!lines_next(lines, &line))
                        check(&model, &line);
                if (!n)
                        break;
                place = lines_room(lines, &room);
                fuzz_assert(room > 0 && room <= model.maximum + 1);
                n = n < piece ? n : piece;
                n = n < room ? n : room;
                memcpy(place, model.data + added, n);
                lines_add(lines, n);
                added += n;
        }

        size = model.size - model.offset;
        fuzz_assert(!size || !memchr(model.data + model.offset, '\n', size));
        fuzz_assert(lines_rest(lines, &line) == (size > 0));
        if (size) {
                fuzz_assert(line.number == model.number + 1 && line.offset == model.offset);
                fuzz_assert(line.end == model.size && line.too_long == (size > model.maximum));
        }
        return 0;
}
