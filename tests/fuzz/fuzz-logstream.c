/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * logstream_read(): whatever a file has, it ends, says the same in steps of any size, and again
 * after it was rewound; a fault is named.
 */

#include "fuzz.h"
#include "store/logstream.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define ENOUGH ((size_t)4 << 20)

struct sum {
        uint64_t hash;
        size_t size;
        ssize_t end;
};

static struct sum read_all(struct logstream *stream, size_t step) {
        struct sum sum = { .hash = 1 };
        char *room = malloc(step);
        ssize_t n = 0;

        fuzz_assert(!!room);
        while (sum.size < ENOUGH && (n = logstream_read(stream, room, step)) > 0)
                for (ssize_t i = 0; i < n; i++, sum.size++)
                        if (sum.size < ENOUGH)
                                sum.hash = sum.hash * 31 + (unsigned char)room[i];
        free(room);
        sum.end = sum.size < ENOUGH ? n : 0;
        sum.size = sum.size < ENOUGH ? sum.size : ENOUGH;
        fuzz_assert(sum.end == 0 || (sum.end == -EBADMSG && logstream_fault(stream)));
        return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(logstream_freep) struct logstream *stream = NULL;
        _cleanup_(fd_closep) int fd = memfd_create("log", MFD_CLOEXEC);
        struct sum first, second;
        char path[64];

        fuzz_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        fuzz_assert(logstream_new(path, &stream) == 0);
        first = read_all(stream, 65536);
        fuzz_assert(logstream_rewind(stream) == 0);
        second = read_all(stream, 1013);
        fuzz_assert(first.size == second.size && first.hash == second.hash &&
                    first.end == second.end);
        fuzz_assert(logstream_compressed(stream) || first.size == (size < ENOUGH ? size : ENOUGH));
        return 0;
}
