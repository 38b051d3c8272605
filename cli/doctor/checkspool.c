/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Logins that were left to a reap.
 *
 * Owns: that they may be in two folders: the module uses the second one if the first has no room
 * (pam_module/leave.c).
 */

#include "checkspool.h"

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>

static int checkspool_add(const char *path, struct checkspool *spool) {
        DIR *folder = opendir(path);
        const struct dirent *entry;

        if (!folder)
                return errno == ENOENT ? 0 : -errno;
        while ((entry = readdir(folder))) {
                struct stat st;

                if (entry->d_name[0] == '.' ||
                    fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (!spool->n++ || st.st_mtime < spool->oldest) {
                        spool->oldest = st.st_mtime;
                        spool->path = path;
                }
        }
        (void)closedir(folder);
        return 0;
}

/**
 * checkspool_look() - look at what waits
 * @ret_spool:  how many, and the one that waits longest
 *
 * Return: 0, or a negative errno; a folder that is missing has nothing.
 */
int checkspool_look(struct checkspool *ret_spool) {
        static const char *const paths[] = { PATH_SPOOL, PATH_RUN_SPOOL };
        int r;

        *ret_spool = (struct checkspool){ .path = PATH_SPOOL };
        for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
                r = checkspool_add(paths[i], ret_spool);
                if (r < 0) {
                        ret_spool->path = paths[i];
                        return r;
                }
        }
        return 0;
}
