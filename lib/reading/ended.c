/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whether a session's connection is over.
 *
 * Relies on: conntrack's state goes to TIME_WAIT with the last ACK of the FIN exchange and to CLOSE
 * with a RST (nf_conntrack_proto_tcp.c).
 */

#include "reading/ended.h"

#include "reading/ownsocket.h"
#include "reading/sources.h"
#include "reading/subflows.h"

#include <netinet/tcp.h>

/**
 * ended_tell() - tell whether a session's connection is over
 * @session:    the session, with its state
 *
 * It is when the socket is gone, or in TIME_WAIT or CLOSE. A process that died says nothing:
 * another may have the socket. conntrack is asked only where the socket cannot be: it takes a FIN
 * that was repeated for that of the other side, and is in TIME_WAIT with the next ACK, while the
 * socket awaits this host's close (nf_conntrack_proto_tcp.c, tcp_conntracks, sFW and sCW). An entry
 * that is gone says nothing either: somebody may have flushed it.
 *
 * Return: ENDED_...
 */
enum ended ended_tell(struct session *session) {
        struct sockdiag_socket socket;
        struct conntrack_entry entry;
        int r;

        if (!session_is_here(session))
                return ENDED_UNSURE;
        r = ownsocket_get(session, &socket);
        /* what is gone may be a subflow of MPTCP, and others go on */
        if (r == SOCKDIAG_E_NOT_FOUND ||
            (!r && (socket.state == TCP_TIME_WAIT || socket.state == TCP_CLOSE)))
                return subflows_are(session->state) ? ENDED_SEEMS : ENDED_YES;
        if (!r) {
                /* what it has moved when it is seen for the last time is what it moved */
                if (socket.info.known)
                        session->state->account.info = socket.info;
                return ENDED_NO;
        }
        if (!sources_conntrack(session, &entry) && conntrack_entry_ended(&entry))
                return ENDED_SEEMS;
        return ENDED_UNSURE;
}
