/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The choice of the client's connection.
 *
 * Owns: what the hint decides: SSH_CONNECTION, else PAM_RHOST if it is an address, else the only
 * connection there is. One inode is one candidate, however often it is offered.
 * Does not: know where candidates come from; keep them: memory does not grow with their number.
 */

#include "net/choice.h"

/**
 * choice_init() - begin to choose
 * @choice:     the choice
 * @hint:       what is known of the client; it must stay as long as the choice
 */
void choice_init(struct choice *choice, const struct connection_hint *hint) {
        *choice = (struct choice){ .hint = hint };
}

static void choice_take(struct choice_pick *pick, const struct connection_found *candidate) {
        if (!pick->is_any)
                pick->found = *candidate;
        else if (pick->found.inode != candidate->inode)
                pick->is_several = true;
        pick->is_any = true;
}

/**
 * choice_offer() - offer a connection
 * @choice:     the choice
 * @candidate:  a TCP connection with both ends known
 */
void choice_offer(struct choice *choice, const struct connection_found *candidate) {
        const struct connection_hint *hint = choice->hint;

        if (hint->has_connection) {
                if (!address_connection_equal(&hint->connection, &candidate->connection))
                        return;
        } else if (hint->has_rhost) {
                if (!address_equal(&hint->rhost, &candidate->connection.remote.address))
                        return;
        }
        choice_take(&choice->fit, candidate);
}

/**
 * choice_offer_reset() - offer a connection that was reset, so that its remote end is not known
 * @choice:     the choice
 * @candidate:  such a connection; only its local end is looked at
 *
 * A client that is killed while data is under way resets the connection before the session is
 * closed. SSH_CONNECTION then has the remote end; without it there is nothing to go by.
 */
void choice_offer_reset(struct choice *choice, const struct connection_found *candidate) {
        const struct connection_hint *hint = choice->hint;
        struct connection_found completed = *candidate;

        if (!hint->has_connection ||
            !address_endpoint_equal(&hint->connection.local, &candidate->connection.local))
                return;
        completed.connection.remote = hint->connection.remote;
        choice_take(&choice->reset, &completed);
}

/**
 * choice_result() - choose
 * @choice:     the choice, after everything was offered
 * @ret_found:  the client's connection
 *
 * Return: 0, CONNECTION_E_NONE, or CONNECTION_E_AMBIGUOUS.
 */
int choice_result(const struct choice *choice, struct connection_found *ret_found) {
        const struct choice_pick *pick = choice->fit.is_any ? &choice->fit : &choice->reset;

        if (!pick->is_any)
                return CONNECTION_E_NONE;
        if (pick->is_several)
                return CONNECTION_E_AMBIGUOUS;
        *ret_found = pick->found;
        return 0;
}
