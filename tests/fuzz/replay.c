/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Feeds a fuzz target what was kept for it: every file of the folders given as arguments.
 */

#include "base/cleanup.h"
#include "base/file.h"
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define REPLAY_FILE_MAX (1024U * 1024U)

static inline void directory_closep(DIR **directory) {
        if (*directory)
                (void)closedir(*directory);
}

static int replay_file(int directory_fd, const char *name) {
        _cleanup_(freep) uint8_t *exact = NULL;
        _cleanup_(freep) char *data = NULL;
        size_t size;
        int r;

        r = file_read_at(directory_fd, name, REPLAY_FILE_MAX, &data, &size);
        if (r) {
                (void)fprintf(stderr, "%s: cannot be read (%d)\n", name, r);
                return -1;
        }

        /* a block of just that size, so that the sanitizer sees a step beyond it */
        exact = malloc(size ? size : 1);
        if (!exact)
                return -1;
        memcpy(exact, data, size);
        return LLVMFuzzerTestOneInput(exact, size);
}

static int replay_folder(const char *path) {
        _cleanup_(directory_closep) DIR *directory = opendir(path);
        const struct dirent *entry;
        unsigned int n = 0;

        if (!directory) {
                perror(path);
                return -1;
        }
        while ((entry = readdir(directory))) {
                if (entry->d_name[0] == '.')
                        continue;
                if (replay_file(dirfd(directory), entry->d_name) < 0)
                        return -1;
                n++;
        }
        (void)printf("%s: %u files\n", path, n);
        return n ? 0 : -1;
}

int main(int argc, char **argv) {
        if (argc < 2) {
                (void)fprintf(stderr, "usage: %s FOLDER...\n", argv[0]);
                return 2;
        }
        for (int i = 1; i < argc; i++)
                if (replay_folder(argv[i]) < 0)
                        return 1;
        return 0;
}
