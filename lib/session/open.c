/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Opening a session: the part for which the login waits.
 *
 * Owns: writing what is known to disk, and reading from conntrack what the connection has moved so
 * far. At this quiet moment, before the shell starts, that is the traffic before authentication.
 * This part takes no lock of other programs, commits no table, and reads nothing that grows with
 * the number of sessions or sockets. start.c does everything else; no login waits for it.
 * Does not: need a library that counts; the program that contains this part loads none of them.
 */

#include "session/open.h"

#include "account/bounds.h"
#include "base/patience.h"
#include "session/session.h"
#include "store/fields.h"
#include "store/log.h"
#include "store/sighting.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

/*
 * Read what the connection has moved so far, as pre-auth traffic: with it the account begins.
 * Where conntrack has no counters, TCP's own stand in: wire bytes and segments, which netfilter
 * would not have counted in quite the same way; preauth_source says so. Late, when the user has
 * been at work, nobody knows what flowed before.
 */
static int open_preauth(struct state *state, struct conntrack *conntrack,
                        const struct tcpinfo *info, enum open_when when) {
        struct connection connection = { .local = state->local, .remote = state->remote };
        struct account *account = &state->account;
        const char *source = NULL;
        struct conntrack_entry entry;
        struct bounds bounds;

        account->info = *info;
        account->conntrack_id = FIELD_UNKNOWN;
        if (conntrack && !conntrack_get(conntrack, &connection, &entry) && entry.has_counters) {
                account->total = (struct known_traffic){ true, entry.traffic };
                account->whole = true;
                account->conntrack_last = account->total;
                account->conntrack_offset.known = true; /* 0: it saw the first packet */
                account->conntrack_whole = true;
                account->conntrack_id = entry.id;
                bounds_of(&bounds, state->local.address.family, info, info, false);
                account->proven = info->known && bounds_explain(&bounds, &entry.traffic);
                source = "conntrack";
        } else if (info->known) {
                struct traffic *t = &account->total.traffic;

                tcpinfo_wire(info, state->local.address.family, &t->in.bytes, &t->out.bytes);
                t->in.packets = info->in_segments;
                t->out.packets = info->out_segments;
                account->total.known = true;
                source = "tcp_info";
        }
        account->whole = account->whole && when != OPEN_FOUND;
        if (!account->whole)
                account->cause = ACCOUNT_CAUSE_BEGIN;
        state->seen_boottime = (int64_t)clock_now(CLOCK_BOOTTIME);

        /* more than TCP had moved: another connection's, or the user has been at work */
        if (source && when == OPEN_NOW &&
            (account->proven || !account->conntrack_whole || !info->known)) {
                state->preauth = account->total;
                state->preauth_source = strdup(source);
                if (!state->preauth_source)
                        return -ENOMEM;
        }
        return 0;
}

/**
 * open_record() - begin a session's account, and record the session
 * @session:    the session, with its state as onesession_describe() made it
 * @conntrack:  the way to conntrack; NULL where this kernel has none, or its entry may be another
 *              connection's
 * @info:       what TCP has counted
 * @when:       how long the session has been open
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int open_record(struct session *session, struct conntrack *conntrack, const struct tcpinfo *info,
                enum open_when when) {
        int r = open_preauth(session->state, conntrack, info, when);

        if (r < 0) {
                session_say(session, LOG_ERR, "session %s: cannot be recorded: %s",
                            session->state->session, strerror(-r));
                return r;
        }
        return onesession_save(session, false);
}

/* Whether a reap has found this login, and recorded it: a module before ours took minutes. Its
 * close will come to that session (foundadopt.c). */
static bool open_is_recorded(struct session *session) {
        const struct state *state = session->state;
        _cleanup_(state_freep) struct state *other = NULL;
        struct sighting sighting;
        const char *field;

        if (state->cookie == FIELD_UNKNOWN ||
            sighting_load(session->folder_fd, (uint64_t)state->cookie, state->boot_id, &sighting) ||
            !*sighting.session ||
            statefolder_load(session->folder_fd, sighting.session, &other, &field))
                return false;
        session_say(session, LOG_NOTICE,
                    "session %s: a reap has recorded this login, as session %s", state->session,
                    other->session);
        return true;
}

/* Whether the session has come and gone before its open: the login did not wait for it. The log is
 * read for a helper only that is late. */
static bool open_is_over(struct session *session, const struct request *request) {
        const struct logfind_position anywhere = { .inode = -1 };
        char text[UUID_TEXT_MAX + 32];
        bool found = false;

        if (clock_now(CLOCK_BOOTTIME) < request->opened_boottime + OPEN_SOON)
                return false;
        (void)snprintf(text, sizeof(text), "\"session\":\"%s\"", request->session);
        (void)logfind_text(session->context->settings->log_file, &anywhere, text, &found);
        return found;
}

static int open_begin(struct session *session, struct conntrack *conntrack,
                      const struct request *request) {
        int r;

        if (clock_now(CLOCK_BOOTTIME) > request->opened_boottime + OPEN_LATEST) {
                session_say(session, LOG_ERR,
                            "session %s: the helper came too late to open it; its stop record "
                            "will have what conntrack has counted",
                            request->session);
                return -ETIMEDOUT;
        }
        r = onesession_describe(session, request);
        if (r < 0) {
                session_say(session, LOG_ERR, "session %s: cannot be described: %s",
                            request->session, strerror(-r));
                return r;
        }
        if (open_is_recorded(session) || open_is_over(session, request))
                return 0;
        return open_record(session, conntrack, &request->info, OPEN_NOW);
}

/**
 * session_open() - open a session; session_start() has the rest of the work
 * @context:    the settings and the listener
 * @request:    what the module said
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int session_open(const struct session_context *context, const struct request *request) {
        _cleanup_(conntrack_freep) struct conntrack *conntrack = NULL;
        _cleanup_(onesession_end) struct session session = SESSION_INIT;
        _cleanup_(fd_closep) int folder_fd = -1;
        int r;

        r = context_folder(context, &folder_fd);
        if (r < 0)
                return r;
        r = conntrack_new(&conntrack);
        if (r < 0) {
                context_report(context, LOG_ERR, "session %s: cannot ask conntrack: %s",
                               request->session, strerror(-r));
                return r;
        }
        r = onesession_begin(&session, context, folder_fd, NULL, request->session, OPEN_PATIENCE);
        if (r < 0) {
                context_report(context, LOG_ERR, "session %s: cannot lock it: %s", request->session,
                               strerror(-r));
                return r;
        }
        return open_begin(&session, conntrack, request);
}
