/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A folder of a test's own, gone with everything in it when the test is.
 */

#ifndef PAM_TRAFFIC_TESTS_TEMPORARY_H
#define PAM_TRAFFIC_TESTS_TEMPORARY_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int temporary_remove(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void)st;
        (void)type;
        (void)ftw;
        return remove(path);
}

/* cmocka's setup: *state becomes the path. */
static int temporary_setup(void **state) {
        char path[] = "/tmp/pam_traffic-test-XXXXXX";

        *state = mkdtemp(path) ? strdup(path) : NULL;
        return *state ? 0 : -1;
}

static int temporary_teardown(void **state) {
        int r = nftw(*state, temporary_remove, 8, FTW_DEPTH | FTW_PHYS);

        free(*state);
        return r;
}

/* A path in the folder; valid until the next call. */
static const char *temporary_path(void **state, const char *name) {
        static char path[512];

        (void)snprintf(path, sizeof(path), "%s/%s", (const char *)*state, name);
        return path;
}

static inline void temporary_write(void **state, const char *name, const char *text) {
        FILE *file = fopen(temporary_path(state, name), "w");

        if (!file || fputs(text, file) < 0 || fclose(file) != 0)
                abort();
}

#endif
