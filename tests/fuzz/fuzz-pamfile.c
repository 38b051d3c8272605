/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pamfile_parse(): its lines are all of the file. pamedit: what was added can be taken away, and
 * then every byte is as it was.
 */

#include "cli/etc/pamedit.h"
#include "fuzz.h"

static int weigh(void *context, const struct pamfile_line *line) {
        (void)context;
        return pamfile_includes(line) ? 2 : 1;
}

static void parse(const char *data, size_t size) {
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;
        const char *end = data;

        if (pamfile_parse(data, size, &file))
                return;
        for (size_t i = 0; i < file->n; i++) {
                const struct pamfile_line *line = &file->lines[i];

                fuzz_assert(line->whole.text == end && line->whole.size);
                end += line->whole.size;
                if (line->kind == PAMFILE_RULE) {
                        (void)pamfile_jump(line);
                        (void)pamfile_may_end(line);
                        (void)pamfile_has_argument(line, "user_readenv=1");
                        fuzz_assert(line->control.size && line->module.size);
                }
        }
        fuzz_assert(end == data + size);
}

static void edit(const char *data, size_t size) {
        _cleanup_(pamedit_clear) struct pamedit added = { .size = 0 }, removed = { .size = 0 };

        if (pamedit_add(data, size, "session optional pam_traffic.so", weigh, NULL, &added) ||
            added.reason)
                return;
        fuzz_assert(!pamedit_remove(added.data, added.size, &removed));
        fuzz_assert(!removed.reason && removed.size == size && removed.number == added.number);
        fuzz_assert(!memcmp(removed.data, data, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        /* a block of just that size, without a NUL behind it */
        _cleanup_(freep) char *block = malloc(size ? size : 1);

        fuzz_assert(!!block);
        if (size)
                memcpy(block, data, size);
        parse(block, size);
        edit(block, size);
        return 0;
}
