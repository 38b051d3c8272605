/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The socket of a session, told from others with the same addresses and ports.
 *
 * Owns: which socket is the session's own: the one with the cookie that its open saw. Addresses and
 * ports do not tell: the next connection may have the same ones, while rules and conntrack's entry
 * are still those of the earlier connection.
 */

#include "reading/ownsocket.h"

#include "reading/sources.h"
#include "reading/subflows.h"
#include "store/fields.h"

#include <netinet/tcp.h>

/* Whether a socket with the session's addresses and ports is its own. What is in TIME_WAIT has the
 * cookie of the socket that it was, or, by other kernels, one of its own: it is taken for the
 * session's, which is over in either case. An earlier release did not note the cookie; and inode 0
 * is one that all have closed, while the kernel has bytes of it to send. All subflows of MPTCP have
 * the inode of their connection (mptcp_sock_graft()). */
static bool ownsocket_is(const struct state *state, const struct sockdiag_socket *socket) {
        if (socket->state == TCP_TIME_WAIT)
                return true;
        if (state->cookie != FIELD_UNKNOWN)
                return socket->cookie == (uint64_t)state->cookie;
        if (!socket->inode || state->inode == FIELD_UNKNOWN)
                return !subflows_are(state);
        return socket->inode == (uint64_t)state->inode;
}

/**
 * ownsocket_sockdiag() - the way to ask for sockets
 * @sources:    has it, once it is needed
 *
 * Return: the way, which stays theirs; NULL where this kernel has none.
 */
struct sockdiag *ownsocket_sockdiag(struct sources *sources) {
        if (!sources->sockdiag_tried && sockdiag_new(&sources->sockdiag))
                sources->sockdiag = NULL;
        sources->sockdiag_tried = true;
        return sources->sockdiag;
}

/* Ask for the socket that has the session's addresses and ports. */
static int ownsocket_diagnose(struct session *session, struct sockdiag_socket *ret_socket) {
        struct connection connection = sources_connection(session);
        struct sockdiag *sockdiag = ownsocket_sockdiag(session->sources);

        return sockdiag ? sockdiag_get(sockdiag, &connection, session->state->interface, ret_socket)
                        : SOCKDIAG_E_UNAVAILABLE;
}

/**
 * ownsocket_get() - look up the session's socket
 * @session:    the session, with its state
 * @ret_socket: the socket; another one with the same four-tuple is none
 *
 * Return: 0, SOCKDIAG_E_NOT_FOUND, SOCKDIAG_E_UNAVAILABLE, or a negative errno.
 */
int ownsocket_get(struct session *session, struct sockdiag_socket *ret_socket) {
        struct sockdiag_socket socket;
        int r;

        r = ownsocket_diagnose(session, &socket);
        if (r)
                return r;
        if (!ownsocket_is(session->state, &socket))
                return SOCKDIAG_E_NOT_FOUND;
        subflows_know(session, &socket);
        *ret_socket = socket;
        return 0;
}

/**
 * ownsocket_follower() - look for another socket with the session's addresses and ports
 * @session:    the session, with its state
 * @ret_socket: the socket; rules and conntrack count it now, if it is there
 *
 * Return: whether there is one.
 */
bool ownsocket_follower(struct session *session, struct sockdiag_socket *ret_socket) {
        return !ownsocket_diagnose(session, ret_socket) &&
               !ownsocket_is(session->state, ret_socket);
}
