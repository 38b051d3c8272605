/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A session that no open has recorded.
 *
 * Owns: whether conntrack's entry belongs to the session's connection. That connection may be over,
 * and another one may have the same addresses and ports. Then only TCP's own counters are known, as
 * the module saw them last, and nobody knows how much flowed before authentication.
 */

#include "session/late.h"

#include "reading/ownsocket.h"
#include "reading/sources.h"
#include "session/counting.h"
#include "session/open.h"
#include "session/start.h"
#include "store/log.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

/* What may follow the module's last look at TCP, and what TCP's counters do not have: the exchange
 * of FINs, options, a segment or two that came twice. */
#define LATE_MARGIN 4096

/* Whether what conntrack counted is no more than what TCP moved. An entry that has less is found
 * out when the account is next brought up to date (account.c, account_raise()). */
static bool late_explains(const struct state *state, const struct tcpinfo *info,
                          const struct traffic *traffic) {
        uint64_t in, out;

        if (!info->known)
                return false;
        tcpinfo_wire(info, state->local.address.family, &in, &out);
        return traffic->in.bytes <= in + LATE_MARGIN && traffic->out.bytes <= out + LATE_MARGIN;
}

static bool late_is_own(struct session *session, const struct tcpinfo *info) {
        _cleanup_(freep) char *boot_id = NULL;
        struct sockdiag_socket socket;
        struct conntrack_entry entry;

        if (context_boot_id(session->context, &boot_id) ||
            strcmp(session->state->boot_id, boot_id) != 0)
                return false;
        if (!ownsocket_get(session, &socket) && socket.state != TCP_TIME_WAIT)
                return true;
        return !ownsocket_follower(session, &socket) && !sources_conntrack(session, &entry) &&
               late_explains(session->state, info, &entry.traffic);
}

/**
 * late_record() - make a session's state, and record it
 * @session:    gets the state
 * @request:    what the module said
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int late_record(struct session *session, const struct request *request) {
        struct conntrack *conntrack = NULL;
        int r;

        r = onesession_describe(session, request);
        if (r < 0) {
                session_say(session, LOG_ERR, "session %s: cannot be described: %s",
                            request->session, strerror(-r));
                return r;
        }
        if (late_is_own(session, &request->info))
                conntrack = session->sources->conntrack;
        else
                session->state->concluded = session->state->followed = true;
        return open_record(session, conntrack, &request->info, OPEN_LATE);
}

/**
 * late_resume() - make the state of a session anew whose state file was damaged, or is gone
 * @session:    gets the state
 * @request:    what the module said
 *
 * It goes on behind the last record that the log has of it.
 *
 * Return: 0; 1 if it is over; or a negative errno, which has been reported.
 */
int late_resume(struct session *session, const struct request *request) {
        struct loglast_end last = { .seq = -1 };
        struct state *state;
        int r;

        r = loglast_find(session->context->settings->log_file, loglast_session, request->session,
                         &last, 1);
        if (r < 0)
                session_say(session, LOG_ERR, "session %s: the log cannot be read: %s",
                            request->session, strerror(-r));
        if (r < 0 || last.stopped)
                return r < 0 ? r : 1;
        r = late_record(session, request);
        if (r < 0 || last.seq < 0)
                return r;
        state = session->state;
        state->seq = last.seq + 1;
        state->reported = last.total;
        state->kinds = last.kinds;
        state->reported_boottime = state->opened_boottime;
        start_uid(state);
        /* its rules are there, and its end removes those that it knows of */
        if (!state->concluded)
                (void)counting_start(session);
        return onesession_save(session, false);
}
