/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Opening a session, in two phases.
 *
 * Owns: their order. Phase 1, which the login waits for: what is known goes to disk, and the
 * traffic so far is read from conntrack; in this quiet moment, before the shell, it is what flowed
 * before authentication. It takes no lock of others and commits no table. Phase 2, which no login
 * waits for: the rules, the start record. Each step can be done again by whoever finds the session
 * half opened.
 */

#include "session/open.h"

#include "session/counting.h"
#include "session/ledger.h"
#include "session/sources.h"
#include "store/fields.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

/* In phase 1 nobody else works on the session, but for one whose lock has the same offset. */
#define OPEN_PATIENCE (2 * CLOCK_SECOND)

#define OPEN_PASSWD_ROOM 65536

/*
 * Read what the connection has moved so far, as pre-auth traffic: with it the account begins.
 * Where conntrack has no counters, TCP's own stand in: wire bytes and segments, which netfilter
 * would not have counted in quite the same way; preauth_source says so. Late, when the user has
 * been at work, nobody knows what flowed before.
 */
static int open_preauth(struct session *session, const struct tcpinfo *info, bool late) {
        struct state *state = session->state;
        struct account *account = &state->account;
        const char *source = NULL;
        struct conntrack_entry entry;

        account->info = *info;
        account->conntrack_id = FIELD_UNKNOWN;
        if (!sources_conntrack(session, &entry) && entry.has_counters) {
                account->total = (struct known_traffic){ true, entry.traffic };
                account->whole = true;
                account->conntrack_last = account->total;
                account->conntrack_offset.known = true; /* 0: it saw the first packet */
                account->conntrack_whole = true;
                account->conntrack_id = entry.id;
                source = "conntrack";
        } else if (info->known) {
                struct traffic *t = &account->total.traffic;

                tcpinfo_wire(info, state->local.address.family, &t->in.bytes, &t->out.bytes);
                t->in.packets = info->in_segments;
                t->out.packets = info->out_segments;
                account->total.known = true;
                source = "tcp_info";
        }
        state->seen_boottime = (int64_t)clock_now(CLOCK_BOOTTIME);

        if (source && !late) {
                state->preauth = account->total;
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
 * open_phase1() - make a session's state, and record it
 * @session:    gets the state
 * @request:    what the module said
 * @late:       whether the session has been open for a while: its close does this
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int open_phase1(struct session *session, const struct request *request, bool late) {
        int r;

        r = session_describe(session, request);
        if (!r)
                r = open_preauth(session, &request->info, late);
        if (r < 0) {
                session_say(session, LOG_ERR, "session %s: cannot be described: %s",
                            request->session, strerror(-r));
                return r;
        }
        return session_save(session, false);
}

/**
 * open_phase2() - count a session, and write its start record
 * @session:    the session, with its state
 *
 * Does what has not been done yet.
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int open_phase2(struct session *session) {
        struct state *state = session->state;
        struct ledger_entry entry = {
                .event = "start",
                .realtime = (uint64_t)state->opened_realtime,
                .duration = FIELD_UNKNOWN,
        };
        int counting = 0, r = 0;

        if (state->seq)
                return 0;
        /* the start record speaks of the moment of phase 1, whatever has flowed since */
        if (!state->excluded) {
                struct known_traffic now;

                counting = counting_start(session);
                now = state->account.total;
                entry.complete = state->account.whole;
                if (state->preauth.known)
                        state->account.total = state->preauth;
                open_uid(state);
                r = ledger_write(session, &entry);
                state->account.total = now;
        } else {
                entry.complete = true;
                open_uid(state);
                r = ledger_write(session, &entry);
        }
        return counting > 0 ? -EIO : counting < 0 ? counting : r;
}

static int open_begin(struct session *session, const struct request *request) {
        if (clock_now(CLOCK_BOOTTIME) > request->opened_boottime + OPEN_LATEST) {
                session_say(session, LOG_ERR,
                            "session %s: the helper came too late to open it; its close counts "
                            "what conntrack has",
                            request->session);
                return -ETIMEDOUT;
        }
        return open_phase1(session, request, false);
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
        _cleanup_(sources_close) struct sources sources = { 0 };
        _cleanup_(fd_closep) int folder_fd = -1;
        int r;

        r = session_folder(context, &folder_fd);
        if (!r)
                r = sources_open(&sources);
        if (!r) {
                r = session_begin(&session, context, folder_fd, &sources, request->session,
                                  OPEN_PATIENCE);
                if (r < 0)
                        session_report_line(context, LOG_ERR, "session %s: cannot lock it: %s",
                                            request->session, strerror(-r));
        }
        if (!r)
                r = open_begin(&session, request);
        if (!r) {
                context->acknowledge(context->context, ACK_RECORDED);
                r = open_phase2(&session);
        }
        context->acknowledge(context->context, r ? ACK_FAILED : ACK_COUNTING);
        return r;
}
