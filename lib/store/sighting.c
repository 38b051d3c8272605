/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Connections that a reap has seen without a state: found/<cookie>.json of the state folder.
 *
 * Owns: that only one process can take a sighting: the one that removes its file. No lock is
 * needed. A file that cannot be read, or is of another boot, counts as no sighting.
 */

#include "store/sighting.h"

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "store/statefile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGHTING_FOLDER "found"
#define SIGHTING_NAME_MAX (3 * sizeof(uint64_t) + sizeof(".json"))

/* As it is in the file. */
struct sighting_file {
        char *boot_id;
        int64_t first_boottime;
        char *session;
        int64_t pid;
        int64_t pid_started;
        int64_t ended_boottime;
};

static const struct field sighting_fields[] = {
        { "boot_id", FIELD_TEXT, offsetof(struct sighting_file, boot_id) },
        { "first_boottime", FIELD_NUMBER, offsetof(struct sighting_file, first_boottime) },
        { "session", FIELD_TEXT, offsetof(struct sighting_file, session) },
        { "pid", FIELD_NUMBER, offsetof(struct sighting_file, pid) },
        { "pid_started", FIELD_NUMBER, offsetof(struct sighting_file, pid_started) },
        { "ended_boottime", FIELD_NUMBER, offsetof(struct sighting_file, ended_boottime) },
};

static const struct statefile_kind sighting_kind = {
        .fields = sighting_fields,
        .n_fields = sizeof(sighting_fields) / sizeof(*sighting_fields),
        .object_size = sizeof(struct sighting_file),
        .folder = SIGHTING_FOLDER,
        .limit = 4096,
};

static void sighting_name(uint64_t cookie, char name[static SIGHTING_NAME_MAX]) {
        (void)snprintf(name, SIGHTING_NAME_MAX, "%llu.json", (unsigned long long)cookie);
}

static inline void sighting_clear(struct sighting_file *file) {
        free(file->boot_id);
        free(file->session);
}

/**
 * sighting_load() - tell what was seen of a connection
 * @folder_fd:          the state folder
 * @cookie:             its socket's cookie
 * @boot_id:            of the kernel as it runs now
 * @ret_sighting:       what was seen
 *
 * Return: 0, STATE_E_NOT_FOUND, or a negative errno.
 */
int sighting_load(int folder_fd, uint64_t cookie, const char *boot_id,
                  struct sighting *ret_sighting) {
        _cleanup_(sighting_clear) struct sighting_file file = {
                .first_boottime = FIELD_UNKNOWN,
                .pid = FIELD_UNKNOWN,
                .pid_started = FIELD_UNKNOWN,
                .ended_boottime = FIELD_UNKNOWN,
        };
        _cleanup_(freep) char *data = NULL;
        char name[SIGHTING_NAME_MAX];
        const char *field;
        size_t size;
        int r;

        sighting_name(cookie, name);
        r = statefile_read(&sighting_kind, folder_fd, name, &data, &size, &field);
        if (!r)
                r = statefile_decode(&sighting_kind, data, size, &file, &field);
        if (r)
                return r < 0 ? r : STATE_E_NOT_FOUND;
        if (!file.boot_id || strcmp(file.boot_id, boot_id) != 0 ||
            file.first_boottime == FIELD_UNKNOWN || (file.session && !uuid_valid(file.session)))
                return STATE_E_NOT_FOUND;
        *ret_sighting = (struct sighting){
                .first_boottime = file.first_boottime,
                .pid = file.pid,
                .pid_started = file.pid_started,
                .ended_boottime = file.ended_boottime,
        };
        if (file.session)
                memcpy(ret_sighting->session, file.session, sizeof(ret_sighting->session));
        return 0;
}

/**
 * sighting_save() - note what was seen of a connection
 * @folder_fd:          the state folder
 * @cookie:             its socket's cookie
 * @boot_id:            of the kernel as it runs now
 * @sighting:           what was seen
 *
 * Return: 0, or a negative errno.
 */
int sighting_save(int folder_fd, uint64_t cookie, const char *boot_id,
                  const struct sighting *sighting) {
        _cleanup_(sighting_clear) struct sighting_file file = {
                .first_boottime = sighting->first_boottime,
                .pid = sighting->pid,
                .pid_started = sighting->pid_started,
                .ended_boottime = sighting->ended_boottime,
        };
        _cleanup_(freep) char *data = NULL;
        char name[SIGHTING_NAME_MAX];
        size_t size;
        int r;

        r = text_copy(&file.boot_id, boot_id);
        if (!r && *sighting->session)
                r = text_copy(&file.session, sighting->session);
        if (!r)
                r = statefile_encode(&sighting_kind, &file, &data, &size);
        if (r < 0)
                return r;
        sighting_name(cookie, name);
        return statefile_write(&sighting_kind, folder_fd, name, data, size, false);
}

/**
 * sighting_take() - forget that a connection was seen, and become the one who does what follows
 * @folder_fd:          the state folder
 * @cookie:             its socket's cookie
 *
 * Return: 0; STATE_E_NOT_FOUND if somebody else was faster; or a negative errno.
 */
int sighting_take(int folder_fd, uint64_t cookie) {
        char name[SIGHTING_NAME_MAX];

        sighting_name(cookie, name);
        return statefile_remove(&sighting_kind, folder_fd, name);
}

struct sighting_cookies {
        uint64_t *cookies;
        size_t n;
};

static int sighting_add(const char *name, void *data) {
        struct sighting_cookies *list = data;
        char own[SIGHTING_NAME_MAX];
        uint64_t cookie, *more;

        if (number_parse(name, strcspn(name, "."), 10, UINT64_MAX, &cookie) < 0)
                return 0;
        sighting_name(cookie, own);
        if (strcmp(own, name) != 0)
                return 0;
        more = reallocarray(list->cookies, list->n + 1, sizeof(*more));
        if (!more)
                return -ENOMEM;
        list->cookies = more;
        list->cookies[list->n++] = cookie;
        return 0;
}

/**
 * sighting_list() - list the connections that were seen
 * @folder_fd:          the state folder
 * @ret_cookies:        their sockets' cookies, in no order; the caller frees them
 * @ret_n:              how many
 *
 * Return: 0, or a negative errno.
 */
int sighting_list(int folder_fd, uint64_t **ret_cookies, size_t *ret_n) {
        struct sighting_cookies list = { 0 };
        int r = statefile_list(&sighting_kind, folder_fd, sighting_add, &list);

        if (r < 0) {
                free(list.cookies);
                return r;
        }
        *ret_cookies = list.cookies;
        *ret_n = list.n;
        return 0;
}
