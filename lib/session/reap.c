/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reaping: the work on all sessions, every minute and at boot.
 *
 * Owns: ending the sessions that nobody ended (sshd's monitor or the helper was killed, or the
 * machine went down), completing what a killed helper left undone, interim records, and saving the
 * accounts; the same for local ports (ports.h).
 * Relies on: the lock of each session. If another process works on a session, the reap leaves that
 * session to it. The state folder says which sessions there are; logins without a state are
 * searched for last (found.h).
 */

#include "base/clock.h"
#include "base/patience.h"
#include "ports/ports.h"
#include "reading/ended.h"
#include "reading/ownsocket.h"
#include "reading/sources.h"
#include "reading/subflows.h"
#include "session/alive.h"
#include "session/counting.h"
#include "session/ending.h"
#include "session/found.h"
#include "session/kind.h"
#include "session/ledger.h"
#include "session/lost.h"
#include "session/session.h"
#include "session/spool.h"
#include "session/stop.h"
#include "session/tables.h"
#include "store/fields.h"
#include "userledger/userledger.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <syslog.h>

/* One run. */
struct reap {
        const struct session_context *context;
        int folder_fd;
        char *boot_id;
        struct sources sources;
        struct ending *ending;
        struct found found;
        struct offspring offspring;
        bool offspring_read;  /* or it could not be */
        struct ports_due due; /* the ports of which this run writes a record */
        bool ports_done;
        struct userlive logins; /* those that are open */
        unsigned int failures;
};

/* What is to be done with a session that has been looked at. */
enum { REAP_KEEP, REAP_CONCLUDE, REAP_END, REAP_CLEAN };

/* With its port's record it has what it had moved at that moment: the rules of both were read in
 * one snapshot. */
static int reap_interim(struct session *session, bool with_port) {
        struct state *state = session->state;
        struct known_traffic now = state->account.total;
        struct sessionrecord_entry entry = {
                .event = "interim",
                .realtime = clock_now(CLOCK_REALTIME),
                .duration = (int64_t)clock_now(CLOCK_BOOTTIME) - state->opened_boottime,
                .complete = state->excluded || state->account.whole,
        };
        int r;

        if (with_port && now.known)
                state->account.total.traffic =
                        account_at_rules(&state->account, &state->reported.traffic);
        r = ledger_write(session, &entry);
        if (!known_traffic_equal(&state->account.total, &now)) {
                state->account.total = now;
                (void)onesession_save(session, false);
        }
        return r;
}

/*
 * The interim record, if it is time for one. If the session's port gets a record, so does the
 * session: what the port moved less what its sessions moved is what failed logins moved. If no
 * interim records are wanted, the port has to wait.
 */
static void reap_report(struct reap *reap, struct session *session) {
        const uint64_t interval = session->context->settings->interim_interval;
        struct state *state = session->state;
        int64_t now = (int64_t)clock_now(CLOCK_BOOTTIME);
        bool with_port = ports_has(&reap->due, state->local.port) && state->account.total.known &&
                         !known_traffic_equal(&state->account.total, &state->reported);

        if (with_port && (!interval || !state->seq || state->pending.lines))
                ports_put_off(&reap->due, state->local.port);
        /* while the log cannot be written, one record that waits is enough */
        if (!interval || state->pending.lines || !state->seq)
                return;
        if (with_port || now - state->reported_boottime >= (int64_t)interval)
                (void)reap_interim(session, with_port);
}

/* What the session is for. Return: whether that is new. */
static bool reap_look(struct reap *reap, struct session *session) {
        if (!reap->offspring_read)
                (void)offspring_read(reap->context->proc_fd, &reap->offspring);
        reap->offspring_read = true;
        return kind_look(session, &reap->offspring);
}

/* A session whose connection goes on. */
static int reap_living(struct reap *reap, struct session *session) {
        struct account before = session->state->account;
        bool news = reap_look(reap, session);

        session->state->gone_boottime = FIELD_UNKNOWN;
        if (stop_is_readable(session))
                (void)counting_check(session);
        reap_report(reap, session);
        /* an idle session is not written again and again */
        if (!news && account_equal(&before, &session->state->account))
                return 0;
        return onesession_save(session, false);
}

/* What TCP had counted in the end, if the process that would close the session still holds the
 * socket: as its close would have said it. */
static void reap_ask_holder(struct session *session) {
        const struct session_context *context = session->context;
        struct state *state = session->state;
        struct held held;

        if (!context->held || subflows_are(state) || !onesession_pid_lives(session) ||
            state->inode == FIELD_UNKNOWN || state->cookie == FIELD_UNKNOWN ||
            context->held(context->looker, (pid_t)state->pid, (uint64_t)state->inode, &held) < 0 ||
            held.cookie != (uint64_t)state->cookie || !held.info.known ||
            held.info.state != TCP_CLOSE)
                return;
        state->account.info = held.info;
        state->closed_tcp_state = held.info.state;
}

/*
 * A session whose connection is over. If sshd closed it, or has had the time to, it is ended: sshd
 * may be gone, or be stopped by its user. The close that it started may be on its way. Its last
 * readings are taken at once: soon the next connection may have the same addresses and ports.
 */
static int reap_ended(struct reap *reap, struct session *session) {
        int64_t grace = onesession_pid_lives(session) ? REAP_GRACE_ALIVE : REAP_GRACE;
        struct state *state = session->state;
        int64_t now = (int64_t)clock_now(CLOCK_BOOTTIME);

        if (state->closed)
                return REAP_END;
        if (state->gone_boottime == FIELD_UNKNOWN || state->gone_boottime > now) {
                state->gone_boottime = now;
                reap_ask_holder(session);
                /* what it has moved is known when the ports have been read */
                ports_put_off(&reap->due, state->local.port);
                return REAP_CONCLUDE;
        }
        if (now - state->gone_boottime >= grace)
                return REAP_END;
        reap_report(reap, session);
        return REAP_KEEP;
}

struct reap_search {
        uint64_t inode;
        bool found;
};

static int reap_take_subflow(void *context, const struct sockdiag_entry *entry) {
        struct reap_search *search = context;

        search->found = search->found || entry->inode == search->inode;
        return 0;
}

/* Whether a connection of MPTCP has a subflow. True also if nobody can tell. */
static bool reap_subflows_live(struct session *session) {
        const struct state *state = session->state;
        struct sockdiag *sockdiag = ownsocket_sockdiag(session->sources);
        struct reap_search search = { .inode = (uint64_t)state->inode };

        if (!subflows_are(state) || !sockdiag || state->inode == FIELD_UNKNOWN)
                return true;
        return sockdiag_walk(sockdiag, state->local.port, reap_take_subflow, &search) ||
               search.found;
}

/* Return: REAP_..., or a negative errno, which has been reported. */
static int reap_loaded(struct reap *reap, struct session *session) {
        int r;

        if (strcmp(session->state->boot_id, reap->boot_id) != 0) {
                r = stop_after_reboot(session);
                return r < 0 ? r : REAP_CLEAN;
        }
        r = stop_resume(session);
        if (r)
                return r < 0 ? r : REAP_CLEAN;

        switch (ended_tell(session)) {
        case ENDED_NO:
                return reap_living(reap, session);
        case ENDED_YES:
                return reap_ended(reap, session);
        case ENDED_SEEMS:
                /* no subflow is left, and whoever would close it does not: sshd was stopped */
                if (!onesession_pid_lives(session) || !reap_subflows_live(session))
                        return reap_ended(reap, session);
                ports_put_off(&reap->due, session->state->local.port);
                return REAP_KEEP;
        case ENDED_UNSURE:
        default:
                /* without the socket's own word: as long as its process lives, so does it */
                return onesession_pid_lives(session) ? reap_living(reap, session)
                                                     : reap_ended(reap, session);
        }
}

/* The ports, and then those sessions that are over: their last readings take a new snapshot, and
 * that would be of a later moment than the records of the other sessions. */
static void reap_finish(struct reap *reap) {
        if (!reap->ports_done)
                reap->failures +=
                        ports_reap(reap->context, reap->folder_fd, &reap->sources, &reap->due);
        reap->ports_done = true;
        reap->failures += ending_finish(reap->ending, &reap->sources);
}

/* One that is open, or was when the reap began. */
static void reap_note_login(struct reap *reap, const struct state *state) {
        if (!strcmp(state->boot_id, reap->boot_id))
                userlive_add(&reap->logins, state);
}

/* Somebody works on a session: the record of its port would have what it moved, and its own would
 * not. */
static void reap_busy(struct reap *reap, const char *id) {
        _cleanup_(state_freep) struct state *state = NULL;
        const char *field;

        found_note_busy(&reap->found, id);
        if (!statefolder_load(reap->folder_fd, id, &state, &field)) {
                ports_put_off(&reap->due, state->local.port);
                reap_note_login(reap, state);
        }
}

static int reap_session(struct reap *reap, const char *id) {
        _cleanup_(onesession_end) struct session session = SESSION_INIT;
        const char *field;
        int r;

        r = onesession_begin(&session, reap->context, reap->folder_fd, &reap->sources, id, 0);
        if (r == -ETIMEDOUT) {
                reap_busy(reap, id);
                return 0;
        }
        if (!r)
                r = statefolder_load(reap->folder_fd, id, &session.state, &field);
        if (r == STATE_E_NOT_FOUND)
                return 0; /* somebody has ended it */
        if (r == STATE_E_INVALID) {
                r = statefolder_set_aside(reap->folder_fd, id);
                lost_unsettle(reap->folder_fd);
                context_report(reap->context, LOG_ERR,
                               "session %s: its state file is damaged (%s) and was moved to "
                               "%s/sessions/%s.json.damaged; its stop record will have what "
                               "conntrack has counted",
                               id, field, reap->context->settings->state_dir, id);
                return r < 0 ? r : -EBADMSG;
        }
        if (r < 0) {
                context_report(reap->context, LOG_ERR, "session %s: its state cannot be read: %s",
                               id, strerror(-r));
                return r;
        }
        found_note(&reap->found, session.state);
        reap_note_login(reap, session.state);
        /* of a backend that is no longer the configured one, this may be the first session */
        if (session.state->backend)
                (void)tables_prepare(&reap->sources, session.state->backend);
        r = reap_loaded(reap, &session);
        if (r > REAP_KEEP) {
                ending_take(reap->ending, &session,
                            r == REAP_CLEAN ? ENDING_CLEAN
                            : r == REAP_END ? ENDING_STOP
                                            : ENDING_CONCLUDE);
                if (ending_is_full(reap->ending)) {
                        /* the rest of the sessions would be read after the ports */
                        reap->due = (struct ports_due){ .of = { 0 } };
                        reap_finish(reap);
                }
        }
        return r < 0 ? r : 0;
}

static int reap_run(struct reap *reap) {
        _cleanup_(freep) char(*sessions)[UUID_TEXT_MAX] = NULL;
        size_t n;
        int r;

        r = context_boot_id(reap->context, &reap->boot_id);
        if (!r)
                alive_note(reap->context, reap->folder_fd, reap->boot_id);
        if (!r)
                r = sources_open(&reap->sources, SOURCES_PATIENCE);
        if (!r)
                reap->failures +=
                        spool_take(reap->context, reap->folder_fd, &reap->sources, reap->boot_id);
        if (!r)
                r = statefolder_list(reap->folder_fd, &sessions, &n);
        if (r < 0) {
                context_report(reap->context, LOG_ERR, "cannot read the states of the sessions: %s",
                               strerror(-r));
                return r;
        }
        reap->found = (struct found){
                .context = reap->context,
                .sources = &reap->sources,
                .boot_id = reap->boot_id,
                .folder_fd = reap->folder_fd,
        };
        reap->sources.all = true;
        (void)tables_prepare(&reap->sources, reap->context->settings->backend);
        (void)sources_observe(&reap->sources, reap->context->settings->backend,
                              reap->context->proc_fd);

        ports_look(reap->context, reap->folder_fd, &reap->sources, &reap->due);
        for (size_t i = 0; i < n; i++)
                if (reap_session(reap, sessions[i]) < 0)
                        reap->failures++;
        reap_finish(reap);
        reap->failures += found_finish(&reap->found);
        reap->failures +=
                lost_finish(reap->context, reap->folder_fd, &reap->sources, reap->boot_id);
        reap->failures +=
                userledger_reap(reap->context, reap->folder_fd, reap->boot_id, &reap->logins) < 0;
        return reap->failures ? -EIO : 0;
}

/**
 * session_reap() - look after all sessions
 * @context:    the settings and the listener
 *
 * Return: 0, or a negative errno if something was left undone, which has been reported.
 */
int session_reap(const struct session_context *context) {
        struct reap reap = { .context = context, .folder_fd = -1, .found = FOUND_INIT };
        int r;

        r = context_folder(context, &reap.folder_fd);
        if (!r) {
                reap.ending = calloc(1, sizeof(*reap.ending));
                r = reap.ending ? reap_run(&reap) : -ENOMEM;
        }
        found_clear(&reap.found);
        userlive_clear(&reap.logins);
        offspring_clear(&reap.offspring);
        sources_close(&reap.sources);
        free(reap.boot_id);
        free(reap.ending);
        reap.folder_fd = fd_close(reap.folder_fd);
        return r;
}
