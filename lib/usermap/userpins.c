/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The folder of the pins in the BPF file system.
 *
 * Relies on: when nothing holds a link any more, its program is detached; then the maps go, too.
 */

#include "usermap/userpins.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

/**
 * userpins_remove() - take a folder of pins away
 * @path:       the folder; it may be missing
 *
 * Return: 0 or a negative errno.
 */
int userpins_remove(const char *path) {
        const struct dirent *entry;
        DIR *folder = opendir(path);

        if (!folder)
                return errno == ENOENT ? 0 : -errno;
        while ((entry = readdir(folder)))
                if (entry->d_name[0] != '.')
                        (void)unlinkat(dirfd(folder), entry->d_name, 0);
        (void)closedir(folder);
        return rmdir(path) < 0 ? -errno : 0;
}
