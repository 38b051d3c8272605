/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The accounts of local ports in the state folder: ports/<port>.json.
 *
 * Owns: that folder, which is made with the first account: no login waits for it.
 * Relies on: the lock of the ports is held (state_lock_ports()); rename(2).
 */

#include "pam_traffic/file.h"
#include "pam_traffic/number.h"
#include "store/portstate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PORTFOLDER "ports"
#define PORTFOLDER_MAX (64 * 1024)
#define PORTFOLDER_NAME_MAX (sizeof(PORTFOLDER "/65535.json"))

static void portfolder_name(uint16_t port, char name[static PORTFOLDER_NAME_MAX]) {
        (void)snprintf(name, PORTFOLDER_NAME_MAX, PORTFOLDER "/%u.json", port);
}

/* Open a port's file. PORTSTATE_E_INVALID: something else has its name, a folder or a link, say. */
static int portfolder_open(int folder_fd, uint16_t port, int *ret_fd) {
        _cleanup_(fd_closep) int fd = -1;
        char name[PORTFOLDER_NAME_MAX];
        struct stat st;

        portfolder_name(port, name);
        fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
        if (fd < 0)
                return errno == ELOOP || errno == ENXIO ? PORTSTATE_E_INVALID : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return PORTSTATE_E_INVALID;
        *ret_fd = fd_steal(&fd);
        return 0;
}

/**
 * portfolder_load() - read what is known of a port
 * @folder_fd:  the state folder
 * @port:       the port
 * @ret_state:  the state
 * @ret_field:  for PORTSTATE_E_INVALID: the key at fault
 *
 * Return: 0, PORTSTATE_E_NOT_FOUND, PORTSTATE_E_INVALID, or a negative errno.
 */
int portfolder_load(int folder_fd, uint16_t port, struct portstate **ret_state,
                    const char **ret_field) {
        _cleanup_(portstate_freep) struct portstate *state = NULL;
        _cleanup_(fd_closep) int fd = -1;
        _cleanup_(freep) char *data = NULL;
        size_t size;
        int r;

        *ret_field = "no file";
        r = portfolder_open(folder_fd, port, &fd);
        if (r)
                return r == -ENOENT ? PORTSTATE_E_NOT_FOUND : r;
        r = file_read(fd, PORTFOLDER_MAX, &data, &size);
        if (r < 0)
                return r;
        if (r == FILE_E_TOO_LARGE) {
                *ret_field = "size";
                return PORTSTATE_E_INVALID;
        }
        r = portstate_decode(data, size, &state, ret_field);
        if (r)
                return r;
        if (state->local_port != port) {
                *ret_field = "local_port";
                return PORTSTATE_E_INVALID;
        }
        *ret_state = pointer_steal(&state);
        return 0;
}

/**
 * portfolder_save() - write what is known of a port, as a whole or not at all
 * @folder_fd:  the state folder
 * @state:      the state
 * @sync:       whether it must outlast a power loss when this returns
 *
 * Return: 0, or a negative errno; then what stood there before still does.
 */
int portfolder_save(int folder_fd, const struct portstate *state, bool sync) {
        _cleanup_(fd_closep) int ports_fd = -1;
        _cleanup_(freep) char *data = NULL;
        char name[PORTFOLDER_NAME_MAX];
        size_t size;
        int r;

        r = portstate_encode(state, &data, &size);
        if (r < 0)
                return r;
        if (mkdirat(folder_fd, PORTFOLDER, 0700) < 0 && errno != EEXIST)
                return -errno;
        ports_fd = openat(folder_fd, PORTFOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (ports_fd < 0)
                return -errno;
        (void)snprintf(name, sizeof(name), "%u.json", (unsigned int)state->local_port);
        return file_replace_at(ports_fd, name, data, size, sync);
}

/**
 * portfolder_set_aside() - put a damaged file out of the way, for the admin to look at
 * @folder_fd:  the state folder
 * @port:       the port
 *
 * Return: 0, or a negative errno; its new name ends in .damaged.
 */
int portfolder_set_aside(int folder_fd, uint16_t port) {
        char name[PORTFOLDER_NAME_MAX], aside[PORTFOLDER_NAME_MAX + sizeof(".damaged")];

        portfolder_name(port, name);
        (void)snprintf(aside, sizeof(aside), "%s.damaged", name);
        return renameat(folder_fd, name, folder_fd, aside) < 0 ? -errno : 0;
}

/* The port whose file has that name; 0 if none has. */
static uint16_t portfolder_parse(const char *text) {
        size_t length = strcspn(text, ".");
        char name[PORTFOLDER_NAME_MAX];
        uint64_t port = 0;

        if (number_parse(text, length, 10, UINT16_MAX, &port) < 0 || !port)
                return 0;
        /* 022.json is none of ours */
        portfolder_name((uint16_t)port, name);
        return strcmp(name + sizeof(PORTFOLDER "/") - 1, text) == 0 ? (uint16_t)port : 0;
}

static void closedirp(DIR **folder) {
        if (*folder)
                (void)closedir(*folder);
}

/**
 * portfolder_list() - list the ports that are known
 * @folder_fd:          the state folder
 * @ret_ports:          the ports, in no order; the caller frees them
 * @ret_n:              how many
 *
 * Files with other names are passed over.
 *
 * Return: 0, or a negative errno.
 */
int portfolder_list(int folder_fd, uint16_t **ret_ports, size_t *ret_n) {
        _cleanup_(closedirp) DIR *folder = NULL;
        _cleanup_(freep) uint16_t *ports = NULL;
        const struct dirent *entry;
        size_t n = 0;
        int fd;

        fd = openat(folder_fd, PORTFOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 && errno != ENOENT)
                return -errno;
        folder = fd < 0 ? NULL : fdopendir(fd);
        if (fd >= 0 && !folder) {
                int r = -errno;

                (void)fd_close(fd);
                return r;
        }
        while (folder && (errno = 0, (entry = readdir(folder)))) {
                uint16_t port = portfolder_parse(entry->d_name), *more;

                if (!port)
                        continue;
                more = reallocarray(ports, n + 1, sizeof(*ports));
                if (!more)
                        return -ENOMEM;
                ports = more;
                ports[n++] = port;
        }
        if (folder && errno)
                return -errno;
        *ret_ports = pointer_steal(&ports);
        *ret_n = n;
        return 0;
}
