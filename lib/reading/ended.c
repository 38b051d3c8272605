/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How the end of a session's connection is noticed.
 *
 * Owns: what each answer of the socket and of conntrack means.
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
 * The connection is over if the socket is gone, or in TIME_WAIT or CLOSE. The death of a process
 * tells nothing, because another process may have the socket. Conntrack is asked only if the socket
 * cannot be asked: conntrack takes a repeated FIN for that of the other side, and is in TIME_WAIT
 * with the next ACK, while the socket still waits for this host's close (nf_conntrack_proto_tcp.c,
 * tcp_conntracks, sFW and sCW). A missing entry tells nothing either: it may have been flushed.
 *
 * Return: ENDED_...
 */
enum ended ended_tell(struct session *session) {
        struct sockdiag_socket socket;
        struct conntrack_entry entry;
        int r;

        if (!onesession_is_here(session))
                return ENDED_UNSURE;
        r = ownsocket_get(session, &socket);
        /* the socket that is gone may be a subflow of MPTCP, and others go on */
        if (r == SOCKDIAG_E_NOT_FOUND ||
            (!r && (socket.state == TCP_TIME_WAIT || socket.state == TCP_CLOSE)))
                return subflows_are(session->state) ? ENDED_SEEMS : ENDED_YES;
        if (!r) {
                /* the last reading of the socket has what it moved */
                if (socket.info.known)
                        session->state->account.info = socket.info;
                return ENDED_NO;
        }
        if (!sources_conntrack(session, &entry) && conntrack_entry_ended(&entry))
                return ENDED_SEEMS;
        return ENDED_UNSURE;
}
