/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The subflows of a session whose client uses MPTCP.
 *
 * Owns: whether the account misses some of them. Rules, conntrack and TCP's counters are those of
 * the first subflow, which has the socket's addresses and ports. The kernel knows only the subflows
 * that live, so it cannot say whether a connection ever had others. But it counts how many joined
 * any connection of the network namespace; as long as that number stands still, none joined this
 * connection.
 * Relies on: net/multipath.h for what is known of one connection.
 */

#include "reading/subflows.h"

#include "account/account.h"
#include "net/multipath.h"
#include "store/fields.h"

#include <netinet/tcp.h>
#include <syslog.h>

static int64_t subflows_joins(const struct session *session) {
        uint64_t joins;

        return multipath_joins(session->context->proc_fd, &joins) ? FIELD_UNKNOWN : (int64_t)joins;
}

/**
 * subflows_are() - tell whether a session's connection is one of MPTCP
 * @state:      the session's state
 *
 * Return: false also if an earlier release did not note it.
 */
bool subflows_are(const struct state *state) {
        return state->multipath > MULTIPATH_NONE;
}

/**
 * subflows_begin() - note what is known of the subflows when a session is opened
 * @session:    the session, with its state
 * @request:    what the module said
 *
 * Before the session was opened a subflow may have come and gone, with data or without. Data is
 * told by MULTIPATH_ALONE; where the kernel does not tell, only a host on which none ever joined is
 * sure.
 */
void subflows_begin(struct session *session, const struct request *request) {
        struct state *state = session->state;

        state->multipath = request->multipath;
        if (!subflows_are(state))
                return;
        state->joins = subflows_joins(session);
        if (state->joins == FIELD_UNKNOWN || (state->multipath != MULTIPATH_ALONE && state->joins))
                state->multipath = MULTIPATH_OTHERS;
}

/**
 * subflows_know() - learn from the first subflow's socket
 * @session:    the session, with its state
 * @socket:     the session's own
 *
 * The module knows the cookie of the connection; that of the subflow is learnt here, while the
 * inode tells that it is the session's. And a module that had to find the connection in the tables
 * does not know that it is one of MPTCP.
 */
void subflows_know(struct session *session, const struct sockdiag_socket *socket) {
        struct state *state = session->state;

        if (!socket->multipath)
                return;
        if (!subflows_are(state))
                state->multipath = MULTIPATH_OTHERS;
        if (state->cookie == FIELD_UNKNOWN && socket->inode && socket->state != TCP_TIME_WAIT &&
            socket->inode == (uint64_t)state->inode)
                state->cookie = (int64_t)socket->cookie;
}

/**
 * subflows_check() - mark a session incomplete that has, or may have had, other subflows
 * @session:    the session, with its state
 *
 * Says so, once.
 */
void subflows_check(struct session *session) {
        struct state *state = session->state;
        bool others = state->multipath == MULTIPATH_OTHERS;

        if (!subflows_are(state) || !state->account.whole)
                return;
        if (!others && subflows_joins(session) == state->joins)
                return;
        account_spoil(&state->account, ACCOUNT_CAUSE_SUBFLOWS);
        session_say(session, LOG_NOTICE,
                    others ? "session %s: the client came by MPTCP, with other subflows than the "
                             "first, which are not counted; its records are marked incomplete"
                           : "session %s: the client came by MPTCP, and subflows joined on this "
                             "host that may be its own, and are not counted; its records are "
                             "marked incomplete",
                    state->session);
}

/**
 * subflows_close() - take what the module saw when sshd closed the session
 * @session:    the session, with its state
 * @request:    what the module said
 */
void subflows_close(struct session *session, const struct request *request) {
        struct state *state = session->state;

        if (!subflows_are(state))
                return;
        if (request->multipath == MULTIPATH_OTHERS)
                state->multipath = MULTIPATH_OTHERS;
        /* the numbers of the first one are forgotten, but how the connection stood is known; the
         * only subflow was over: as with a reset of TCP */
        if (!request->info.known &&
            (request->info.state == TCP_CLOSE_WAIT ||
             (request->info.state == TCP_CLOSE && state->multipath != MULTIPATH_OTHERS)))
                state->closed_tcp_state = request->info.state;
}
