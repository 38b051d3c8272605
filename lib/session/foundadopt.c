/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The close of a login that a reap has found.
 *
 * Owns: that this close comes to the session that the reap made, which has an id of its own. It
 * finds that session by the socket's cookie; if the module does not know the cookie (MPTCP), by the
 * process.
 * Relies on: the sighting stays as long as the process that closes the login, and the helper that
 * does so (found.c).
 */

#include "session/foundadopt.h"
#include "session/ledger.h"
#include "store/fields.h"
#include "store/sighting.h"

#include <errno.h>
#include <string.h>

/* Whether a login that was seen is the one that a process has opened. Where the process is gone,
 * another one may have had its number. */
static bool foundadopt_is_of_process(const struct sighting *sighting, const struct request *request,
                                     int64_t started) {
        if (sighting->pid != request->pid)
                return false;
        if (started != FIELD_UNKNOWN)
                return sighting->pid_started == started;
        return sighting->ended_boottime == FIELD_UNKNOWN ||
               (int64_t)request->opened_boottime < sighting->ended_boottime;
}

/* What a reap has noted of the login whose monitor made a request. Return: as sighting_load(). */
static int foundadopt_of_process(const struct session *session, const struct request *request,
                                 const char *boot_id, struct sighting *ret_sighting) {
        int64_t started = context_pid_started(session->context, request->pid);
        _cleanup_(freep) uint64_t *cookies = NULL;
        size_t n;
        int r;

        r = sighting_list(session->folder_fd, &cookies, &n);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                if (!sighting_load(session->folder_fd, cookies[i], boot_id, ret_sighting) &&
                    foundadopt_is_of_process(ret_sighting, request, started))
                        return 0;
        return STATE_E_NOT_FOUND;
}

/* Look up the id that a reap has given to the login with a socket. */
static int foundadopt_other_id(struct session *session, const struct request *request,
                               char ret_id[static UUID_TEXT_MAX]) {
        _cleanup_(state_freep) struct state *state = NULL;
        _cleanup_(freep) char *boot_id = NULL;
        struct sighting sighting;
        const char *field;
        int r;

        r = context_boot_id(session->context, &boot_id);
        if (!r)
                r = request->cookie
                            ? sighting_load(session->folder_fd, request->cookie, boot_id, &sighting)
                            : foundadopt_of_process(session, request, boot_id, &sighting);
        if (r || !*sighting.session)
                return r < 0 ? r : FOUNDADOPT_E_NONE;
        /* without its lock: for the reap may have been killed before there was a state */
        if (statefolder_load(session->folder_fd, sighting.session, &state, &field) ==
            STATE_E_NOT_FOUND)
                return ledger_has(session, sighting.session) ? FOUNDADOPT_E_OVER
                                                             : FOUNDADOPT_E_NONE;
        memcpy(ret_id, sighting.session, UUID_TEXT_MAX);
        return 0;
}

/**
 * foundadopt_session() - look for the session that a reap made for a login, under an id of its own
 * @session:    begun, with the lock of the id that the module knows; gets the other lock and the
 *              state
 * @request:    what the module says at close
 * @patience:   how long to wait for whoever works on it, microseconds
 *
 * Return: 0, FOUNDADOPT_E_NONE, FOUNDADOPT_E_OVER, or a negative errno.
 */
int foundadopt_session(struct session *session, const struct request *request, uint64_t patience) {
        char id[UUID_TEXT_MAX];
        const char *field;
        int r;

        r = foundadopt_other_id(session, request, id);
        if (r)
                return r;
        session->lock_fd = fd_close(session->lock_fd);
        r = onesession_begin(session, session->context, session->folder_fd, session->sources, id,
                             patience);
        if (!r)
                r = statefolder_load(session->folder_fd, id, &session->state, &field);
        if (r == STATE_E_NOT_FOUND)
                return FOUNDADOPT_E_OVER;
        return r > 0 ? -EBADMSG : r;
}
