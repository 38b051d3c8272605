/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Opening a session, in two phases.
 *
 * Owns: their order. Phase 1, which the login waits for: what is known goes to disk, and the
 * traffic so far is read from conntrack; in this quiet moment, before the shell, it is what flowed
 * before authentication. It takes no lock of others and commits no table. Phase 2, which no login
 * waits for: the rules, the start record.
 */

#include "session/open.h"

#include "pam_traffic/clock.h"
#include "session/counting.h"
#include "session/ledger.h"
#include "store/fields.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

/* In phase 1 nobody else works on the session, but for one whose lock has the same offset. */
#define OPEN_PATIENCE (2 * CLOCK_SECOND)

#define OPEN_PASSWD_ROOM 65536

/**
 * open_preauth() - read what the connection has moved so far, as pre-auth traffic
 * @session:    the session, with its state, which gets it
 *
 * Where conntrack has no counters, TCP's own stand in: wire bytes and segments, which netfilter
 * would not have counted in quite the same way; preauth_source says so.
 *
 * Return: 0 or -ENOMEM.
 */
static int open_preauth(struct session *session) {
        struct state *state = session->state;
        const char *source = NULL;
        struct conntrack_entry entry;
        int r;

        r = session_conntrack(session, &entry);
        if (!r)
                state->conntrack_id = entry.id;
        if (!r && entry.has_counters) {
                state->preauth = (struct known_traffic){ true, entry.traffic };
                source = "conntrack";
        } else if (state->info.known) {
                struct traffic *t = &state->preauth.traffic;

                tcpinfo_wire(&state->info, state->local.address.family, &t->in.bytes,
                             &t->out.bytes);
                t->in.packets = state->info.in_segments;
                t->out.packets = state->info.out_segments;
                state->preauth.known = true;
                source = "tcp_info";
        }

        if (source) {
                state->preauth_source = strdup(source);
                if (!state->preauth_source)
                        return -ENOMEM;
        }
        return 0;
}

/* The user's uid. It may ask a directory service, which is why no login waits for it. */
static void open_uid(struct state *state) {
        _cleanup_(freep) char *room = NULL;
        struct passwd passwd, *found = NULL;

        room = malloc(OPEN_PASSWD_ROOM);
        if (room && !getpwnam_r(state->user, &passwd, room, OPEN_PASSWD_ROOM, &found) && found)
                state->uid = found->pw_uid;
}

/**
 * open_record() - write the start record
 * @session:    the session, with its state
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int open_record(struct session *session) {
        struct state *state = session->state;
        struct ledger_entry entry = {
                .event = "start",
                .realtime = (uint64_t)state->opened_realtime,
                .duration = FIELD_UNKNOWN,
                .total = state->preauth,
                .complete = state->excluded ||
                            (state->preauth_source && !strcmp(state->preauth_source, "conntrack")),
        };

        open_uid(state);
        return ledger_write(session, &entry);
}

static int open_phase1(struct session *session, const struct request *request) {
        uint64_t now = clock_now(CLOCK_BOOTTIME);
        int r;

        if (now > request->opened_boottime + OPEN_LATEST) {
                session_say(session, LOG_ERR,
                            "session %s: the helper came too late to open it; its close counts "
                            "what conntrack has",
                            request->session);
                return -ETIMEDOUT;
        }

        r = session_describe(session, request);
        if (!r)
                r = open_preauth(session);
        if (!r)
                r = state_save(session->folder_fd, session->state, false);
        if (r < 0)
                session_say(session, LOG_ERR, "session %s: cannot be recorded in %s: %s",
                            request->session, session->context->settings->state_dir, strerror(-r));
        return r;
}

static int open_phase2(struct session *session) {
        int counting = 0, r;

        if (!session->state->excluded)
                counting = counting_start(session);
        r = open_record(session);
        if (!r) {
                r = state_save(session->folder_fd, session->state, true);
                if (r < 0)
                        session_say(session, LOG_ERR, "session %s: cannot be recorded in %s: %s",
                                    session->state->session, session->context->settings->state_dir,
                                    strerror(-r));
        }
        return counting > 0 ? -EIO : counting < 0 ? counting : r;
}

/**
 * session_open() - open a session
 * @context:    the settings and the listeners; told ACK_RECORDED after phase 1, ACK_COUNTING after
 *              phase 2, or ACK_FAILED
 * @request:    what the module said
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int session_open(const struct session_context *context, const struct request *request) {
        _cleanup_(session_end) struct session session = SESSION_INIT;
        int r;

        r = session_begin(&session, context, request->session, OPEN_PATIENCE);
        if (!r)
                r = open_phase1(&session, request);
        if (!r) {
                context->acknowledge(context->context, ACK_RECORDED);
                r = open_phase2(&session);
        }
        context->acknowledge(context->context, r ? ACK_FAILED : ACK_COUNTING);
        return r;
}
