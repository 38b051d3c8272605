/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Checks of what is installed: only root may be able to change what sshd runs as root.
 */

#include "check.h"
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECKPROGRAMS_PATH_MAX 512

/* Whether who is not root may change it, or put something else in its place. */
static bool checkprograms_is_open(const struct stat *st, bool folder) {
        /* others may make files in a sticky folder, but not rename ours */
        if (folder && (st->st_mode & S_ISVTX) && !st->st_uid)
                return false;
        return st->st_uid || (st->st_mode & S_IWOTH) || ((st->st_mode & S_IWGRP) && st->st_gid);
}

/* All folders above a file, as far as its path says. Return: the first at fault, NULL if none. */
static const char *checkprograms_above(char *path) {
        struct stat st;

        while (strcmp(path = dirname(path), "/") != 0)
                if (!stat(path, &st) && checkprograms_is_open(&st, true))
                        return path;
        return NULL;
}

static void checkprograms_file(const char *path, bool runs, struct check_result *result) {
        char copy[CHECKPROGRAMS_PATH_MAX];
        const char *folder;
        struct stat st;

        (void)snprintf(copy, sizeof(copy), "%s", path);
        if (stat(path, &st) < 0) {
                check_find(result, CHECK_FAIL, "%s: %s", path, strerror(errno));
                check_reinstall(result);
                return;
        }
        folder = checkprograms_above(copy);
        if (!S_ISREG(st.st_mode)) {
                check_find(result, CHECK_FAIL, "%s is not a regular file", path);
                check_reinstall(result);
        } else if (checkprograms_is_open(&st, false)) {
                check_find(result, CHECK_FAIL, "users other than root can change %s", path);
                check_mend(result, "chown root:root %s && chmod go-w %s", path, path);
        } else if (folder) {
                check_find(result, CHECK_FAIL,
                           "users other than root can replace %s: they can write to %s", path,
                           folder);
                check_mend(result, "chown root:root %s && chmod go-w %s", folder, folder);
        } else if (runs && !(st.st_mode & S_IXUSR)) {
                check_find(result, CHECK_FAIL, "%s is not executable", path);
                check_mend(result, "chmod 755 %s", path);
        } else {
                check_find(result, CHECK_PASS, "%s", path);
        }
}

static void checkprograms_module(const struct check_context *context, struct check_result *result) {
        char copy[] = PATH_MODULE, neighbour[sizeof(copy) + 16];

        (void)context;
        checkprograms_file(PATH_MODULE, false, result);
        if (result->status != CHECK_PASS)
                return;
        (void)snprintf(neighbour, sizeof(neighbour), "%s/pam_unix.so", dirname(copy));
        if (access(neighbour, F_OK) < 0)
                check_find(result, CHECK_WARN,
                           PATH_MODULE
                           " is not in the folder of PAM's own modules: the line in the "
                           "PAM file needs its full path");
}

static void checkprograms_helper(const struct check_context *context, struct check_result *result) {
        (void)context;
        checkprograms_file(PATH_HELPER, true, result);
}

static void checkprograms_worker(const struct check_context *context, struct check_result *result) {
        (void)context;
        checkprograms_file(PATH_WORKER, true, result);
}

static const struct check checkprograms_checks[] = {
        { "module", checkprograms_module },
        { "helper", checkprograms_helper },
        { "worker", checkprograms_worker },
};

const struct check_room checkprograms_room = CHECK_ROOM(checkprograms_checks);
