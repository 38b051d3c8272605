/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A socket table of /proc/net, read in parts: 100,000 rows are 15 MB of text.
 *
 * Owns: the parts, which end at the ends of lines.
 * Relies on: the tables are seq files. If rows come or go between two reads, a row may be there
 * twice or not at all; no reader can prevent that.
 */

#include "net/sockfile.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define SOCKFILE_PART (64 * 1024)

struct sockfile {
        struct socktable table;
        bool begun;
        sockfile_take take;
        void *context;
};

/* The rows of whole lines. */
static int sockfile_rows(struct sockfile *file, const char *data, size_t size) {
        struct socktable_row row;
        int r = 0;

        if (file->begun)
                socktable_feed(&file->table, data, size);
        else if (socktable_init(&file->table, data, size, BYTE_ORDER))
                return SOCKFILE_E_HEADER;
        file->begun = true;

        while (!r) {
                int read = socktable_next(&file->table, &row);

                if (read == SOCKTABLE_E_END)
                        break;
                r = read ? 0 : file->take(file->context, &row);
        }
        return r;
}

/**
 * sockfile_walk() - read a table
 * @directory_fd:       an open /proc, or what stands for it
 * @path:               the table's path from there
 * @take:               told each row
 * @context:            handed to @take
 *
 * Return: 0, SOCKFILE_E_NONE, SOCKFILE_E_HEADER, what @take returned, or a negative errno.
 */
int sockfile_walk(int directory_fd, const char *path, sockfile_take take, void *context) {
        _cleanup_(fd_closep) int fd = -1;
        _cleanup_(freep) char *part = malloc(SOCKFILE_PART);
        struct sockfile file = { .take = take, .context = context };
        size_t used = 0;
        int r = 0;

        if (!part)
                return -ENOMEM;
        fd = openat(directory_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return errno == ENOENT ? SOCKFILE_E_NONE : -errno;
        while (!r) {
                ssize_t n = file_read_some(fd, part + used, SOCKFILE_PART - used);
                const char *last;
                size_t whole;

                if (n < 0)
                        return (int)n;
                if (!n)
                        break;
                used += (size_t)n;
                last = memrchr(part, '\n', used);
                if (!last) {
                        if (used == SOCKFILE_PART)
                                return SOCKFILE_E_HEADER; /* a line like that is no row */
                        continue;
                }
                whole = (size_t)(last - part) + 1;
                r = sockfile_rows(&file, part, whole);
                memmove(part, part + whole, used - whole);
                used -= whole;
        }
        return !r && !file.begun ? SOCKFILE_E_HEADER : r;
}
