/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The requests that the module could not give to a helper (pam_module/leave.c).
 *
 * Owns: that each request is done once, and leaves the folder only when the session's state has it.
 * If the run is killed in between, the next reap finds the state, or the records. A request that
 * cannot be read is moved to the folder above, so it is reported only once.
 * Relies on: only root can write to the folder. But the content of the links comes from a login,
 * and is hostile.
 */

#include "session/spool.h"

#include "base/cleanup.h"
#include "request/spooltext.h"
#include "session/close.h"
#include "session/foundadopt.h"
#include "session/late.h"
#include "session/ledger.h"
#include "session/start.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define SPOOL_FOLDERS (sizeof(((struct session_context *)NULL)->spools) / sizeof(const char *))

static inline void spool_closep(DIR **folder) {
        if (*folder)
                (void)closedir(*folder);
}

/* One of them, while it is done. */
struct spool {
        const struct session_context *context;
        struct sources *sources;
        const char *boot_id;
        const char *path; /* the folder */
        int state_fd;     /* the state folder */
        int fd;           /* the folder itself */
};

/* Put what nobody understands out of the way, and say so. */
static int spool_set_aside(const struct spool *spool, const char *name, const char *why) {
        char aside[NAME_MAX + sizeof("../.damaged")];
        int r = 0;

        (void)snprintf(aside, sizeof(aside), "../%s.damaged", name);
        if (renameat(spool->fd, name, spool->fd, aside) < 0)
                r = -errno;
        context_report(spool->context, LOG_ERR,
                       "%s/%s is not a request of the module (wrong: %s); it was moved to %s/%s%s",
                       spool->path, name, why, spool->path, aside,
                       r < 0 ? ", but that failed" : "");
        return -EBADMSG;
}

/* Whether a request was left since the machine was booted. Where it does not say, it was. */
static bool spool_is_of_this_boot(const struct spool *spool, const struct request *request) {
        return !request->boot_id || !strcmp(request->boot_id, spool->boot_id);
}

/* A login that no helper has recorded. One of an earlier boot has no connection to count: the reap
 * ends it. */
static int spool_open(const struct spool *spool, struct session *session,
                      const struct request *request) {
        const char *field;
        int r;

        r = statefolder_load(spool->state_fd, request->session, &session->state, &field);
        if (r != STATE_E_NOT_FOUND)
                return r < 0 ? r : 0;
        if (ledger_has(session, request->session))
                return 0;
        /* a reap has found it, under an id of its own */
        r = spool_is_of_this_boot(spool, request) ? foundadopt_session(session, request, 0)
                                                  : FOUNDADOPT_E_NONE;
        if (r != FOUNDADOPT_E_NONE)
                return r == -ETIMEDOUT ? -EAGAIN : r < 0 ? r : 0;
        r = late_record(session, request);
        if (!r && spool_is_of_this_boot(spool, request))
                (void)start_session(session);
        return r;
}

static int spool_close(struct session *session, const struct request *request) {
        int r = close_take(session, request, false);

        return r ? r : onesession_save(session, true);
}

/* Return: 0 once the request is done, or a negative errno, which has been reported. */
static int spool_do(const struct spool *spool, const struct request *request, bool closes) {
        _cleanup_(onesession_end) struct session session = SESSION_INIT;
        int r;

        r = onesession_begin(&session, spool->context, spool->state_fd, spool->sources,
                             request->session, 0);
        if (r == -ETIMEDOUT)
                return -EAGAIN; /* somebody works on it */
        if (r < 0)
                return r;
        if (closes && spool_is_of_this_boot(spool, request))
                r = spool_close(&session, request);
        else
                r = spool_open(spool, &session, request);
        return r < 0 ? r : 0;
}

static int spool_take_one(const struct spool *spool, const char *name) {
        char text[SPOOLTEXT_MAX], data[SPOOLTEXT_MAX];
        const char *field = "its form", *verb = strchr(name, '.');
        struct request request;
        size_t size;
        ssize_t n;
        int r;

        n = readlinkat(spool->fd, name, text, sizeof(text) - 1);
        if (n < 0)
                return errno == EINVAL ? spool_set_aside(spool, name, "its type") : -errno;
        text[n] = '\0';
        r = spooltext_decode(text, data, sizeof(data), &size);
        if (!r)
                r = request_decode(data, size, &request, &field);
        if (r)
                return spool_set_aside(spool, name, field);
        if (!verb || strncmp(name, request.session, (size_t)(verb - name)) != 0 ||
            (strcmp(verb, ".open") != 0 && strcmp(verb, ".close") != 0))
                return spool_set_aside(spool, name, "its name");

        r = spool_do(spool, &request, !strcmp(verb, ".close"));
        if (!r && unlinkat(spool->fd, name, 0) < 0)
                r = -errno;
        return r == -EAGAIN ? 0 : r;
}

static unsigned int spool_take_all(const struct spool *spool, DIR *folder, bool closes) {
        unsigned int failures = 0;
        const struct dirent *entry;

        rewinddir(folder);
        while ((entry = readdir(folder))) {
                size_t size = strlen(entry->d_name);
                bool is_close = size > 6 && !strcmp(entry->d_name + size - 6, ".close");

                if (entry->d_name[0] == '.' || is_close != closes)
                        continue;
                if (spool_take_one(spool, entry->d_name) < 0)
                        failures++;
        }
        return failures;
}

static unsigned int spool_take_folder(struct spool *spool, bool closes) {
        _cleanup_(spool_closep) DIR *folder = spool->path ? opendir(spool->path) : NULL;

        if (!folder)
                return 0;
        spool->fd = dirfd(folder);
        return spool_take_all(spool, folder, closes);
}

/**
 * spool_take() - do what the module left to do
 * @context:    names the folders
 * @folder_fd:  the state folder
 * @sources:    the sources
 * @boot_id:    of the kernel as it runs now
 *
 * What was left at close comes first: it has all that was left at open, and what TCP had moved by
 * then.
 *
 * Return: how many requests could not be done, which has been reported; they stay.
 */
unsigned int spool_take(const struct session_context *context, int folder_fd,
                        struct sources *sources, const char *boot_id) {
        struct spool spool = {
                .context = context,
                .sources = sources,
                .boot_id = boot_id,
                .state_fd = folder_fd,
        };
        unsigned int failures = 0;

        for (size_t i = 0; i < 2 * SPOOL_FOLDERS; i++) {
                spool.path = context->spools[i % SPOOL_FOLDERS];
                failures += spool_take_folder(&spool, i < SPOOL_FOLDERS);
        }
        return failures;
}
