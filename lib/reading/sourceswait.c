/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Waiting for the tables, which other programs change, too.
 *
 * Owns: that a run of the helper waits for them only once, however many sessions it has. It adds up
 * how long it has waited; when its patience is used up, it tries each thing once. The next reap
 * reads what could not be read then.
 */

#include "base/clock.h"
#include "reading/sources.h"

#include <string.h>
#include <syslog.h>

/**
 * sourceswait_deadline() - the latest moment to wait for the tables now
 * @sources:    the sources, whose backends know what they have waited so far
 *
 * Return: microseconds of CLOCK_MONOTONIC.
 */
uint64_t sourceswait_deadline(const struct sources *sources) {
        uint64_t waited = 0;

        for (size_t i = 0; i < BACKEND_COUNT; i++)
                if (sources->backends[i].backend)
                        waited += sources->backends[i].backend->waited;
        return clock_now(CLOCK_MONOTONIC) + sources->patience -
               (waited < sources->patience ? waited : sources->patience);
}

/**
 * sourceswait_say_busy() - report that what rules have counted cannot be read now, once a run
 * @session:    the first session that it happens to
 */
void sourceswait_say_busy(const struct session *session) {
        struct sources *sources = session->sources;

        if (sources->said_busy)
                return;
        sources->said_busy = true;
        session_say(session, LOG_WARNING,
                    "session %s%s: what its rules have counted cannot be read now (backend %s): "
                    "%s; pam_traffic_helper reap will read it",
                    session->state->session, sources->all ? ", and perhaps others" : "",
                    session->state->backend, sourceswait_reason(BACKEND_E_BUSY));
}

/**
 * sourceswait_reason() - say why a backend could not do something
 * @r:          BACKEND_E_... or a negative errno
 *
 * Return: a clause for a log line.
 */
const char *sourceswait_reason(int r) {
        switch (r) {
        case BACKEND_E_UNAVAILABLE:
                return "this kernel does not have it, or it is not loaded: run `pam_traffic_helper "
                       "setup`";
        case BACKEND_E_BUSY:
                return "another program held the lock of the tables, or kept changing them, for "
                       "too long";
        case BACKEND_E_NOT_FOUND:
                return "they are gone: another program flushed the tables";
        case BACKEND_E_UNKNOWN:
                return "no backend of that name";
        case -EEXIST:
                return "something in the table inet pam_traffic is not what pam_traffic makes: run "
                       "`nft delete table inet pam_traffic`";
        default:
                return strerror(-r);
        }
}
