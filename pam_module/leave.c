/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Leaving a request for the next reap, if no helper can start or none can write.
 *
 * Owns: the name of the link, SESSION.VERB, and who may see it: only root can read the folder. If
 * the folder's file system is full, the link goes into a second folder, whose file system users
 * cannot fill; that one is lost with a reboot.
 * Relies on: pam_traffic-reap.path, which starts a reap at once; without it the timer does.
 * Does not: need a process, a descriptor or bytes of a file; see spooltext.h.
 */

#include "leave.h"

#include "base/base.h"
#include "config.h"
#include "request/request.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEAVE_PATH_MAX 512

/* Return: 0, also if it is there already, or a negative errno. */
static int leave_link(const char *parent, const char *folder, const char *session, const char *verb,
                      const char *text) {
        char path[LEAVE_PATH_MAX];
        int r;

        r = snprintf(path, sizeof(path), "%s/%s.%s", folder, session, verb);
        if (r < 0 || (size_t)r >= sizeof(path))
                return -ENAMETOOLONG;
        /* the first one may come before the first helper; but what was removed is not made again,
         * and then this module is gone, too */
        if (!access(PATH_HELPER, F_OK) || !access(PATH_MODULE, F_OK))
                (void)mkdir(parent, 0700);
        (void)mkdir(folder, 0700);
        return symlink(text, path) < 0 && errno != EEXIST ? -errno : 0;
}

/**
 * leave_request() - put a request into the spool folder
 * @session:    the session's id
 * @verb:       open or close
 * @request:    the request
 * @size:       its bytes
 *
 * Return: 0, -E2BIG, or another negative errno.
 */
int leave_request(const char *session, const char *verb, const char *request, size_t size) {
        _cleanup_(freep) char *text = malloc(SPOOLTEXT_MAX);
        int r;

        if (!text)
                return -ENOMEM;
        r = spooltext_encode(request, size, text, SPOOLTEXT_MAX);
        if (!r)
                r = leave_link(PATH_STATE, PATH_SPOOL, session, verb, text);
        if (r < 0 && r != -E2BIG && !leave_link(PATH_RUN, PATH_RUN_SPOOL, session, verb, text))
                return 0;
        return r;
}
