/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions that are open now.
 *
 * Owns: the order of the readings. Conntrack comes first. For most sessions it suffices: an entry
 * that lost nothing has the total, and asking for it takes no lock. If it does not suffice, one
 * snapshot of all rules is taken. With iptables that takes the lock of the tables while they are
 * copied; no login waits for that lock.
 * Relies on: a state file is replaced as a whole, so it can be read without the session's lock. The
 * offsets in an old copy of the file still fit the counters.
 * Does not: save an account, put back rules, or make anything that is missing.
 */

#include "reading/live.h"

#include "base/clock.h"
#include "base/patience.h"
#include "reading/ended.h"
#include "reading/liveports.h"
#include "reading/sessionrecord.h"
#include "reading/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct look {
        enum live_way way;
        struct session_context context;
        int folder_fd;
        char *boot_id;
        struct sources sources;
        struct processes processes;
        struct live *live;
};

static void live_end(struct look *look) {
        sources_close(&look->sources);
        processes_clear(&look->processes);
        look->folder_fd = fd_close(look->folder_fd);
        free(look->boot_id);
        (void)live_free(look->live);
}

/* Nothing that a look finds is for syslog. */
static void live_report(void *context, int priority, const char *line) {
        (void)context;
        (void)priority;
        (void)line;
}

/* Whether conntrack alone tells as much as was known before. */
static bool live_suffices(const struct account *before, const struct account *now,
                          const struct sample *sample, unsigned int findings) {
        return sample->conntrack.known && !(findings & (ACCOUNT_CONNTRACK_LOST | ACCOUNT_LOST)) &&
               now->whole >= before->whole;
}

/* Bring the account up to the moment of the snapshot of all rules: false if nothing can be read, or
 * is to be read any more. */
static bool live_count_together(struct session *session) {
        struct state *state = session->state;
        struct account now = state->account;
        struct sample sample;

        if (state->concluded || state->stopped || !onesession_is_here(session))
                return false;
        (void)sources_read(session, SOURCES_SNAPSHOT, &sample);
        if (!sample.conntrack.known && !sample.rules.known)
                return false;
        (void)account_update(&now, &sample, state->local.address.family);
        now.total.traffic = account_at_rules(&now, &state->reported.traffic);
        state->account = now;
        return true;
}

/* Bring the account up to date: false if nothing can be read. */
static bool live_count(struct session *session) {
        struct state *state = session->state;
        struct account before = state->account, now = before;
        sa_family_t family = state->local.address.family;
        struct sample sample;
        unsigned int findings;

        (void)sources_read(session, SOURCES_WITHOUT_RULES, &sample);
        findings = account_update(&now, &sample, family);
        if (!live_suffices(&before, &now, &sample, findings) &&
            sources_read(session, SOURCES_SNAPSHOT, &sample)) {
                now = before;
                (void)account_update(&now, &sample, family);
        }
        if (!sample.conntrack.known && !sample.rules.known) {
                if (sample.info.known)
                        state->account.info = sample.info;
                return false;
        }
        state->account = now;
        return true;
}

static int live_add(struct look *look, struct session *session) {
        const struct state *state = session->state;
        struct live_session *added = &look->live->sessions[look->live->n];
        uint64_t now = clock_now(CLOCK_BOOTTIME);
        const struct traffic before = state->account.total.traffic, *total;
        bool known = state->account.total.known, counted;
        int r;

        counted = look->way == LIVE_TOGETHER ? live_count_together(session)
                                             : !state->excluded && live_count(session);
        *added = (struct live_session){
                .counted = counted || state->excluded,
                .moment = now,
                .since = state->seen_boottime > 0 ? (uint64_t)state->seen_boottime : now,
        };
        total = &state->account.total.traffic;
        if (counted && known && total->in.bytes >= before.in.bytes)
                added->moved_in = total->in.bytes - before.in.bytes;
        if (counted && known && total->out.bytes >= before.out.bytes)
                added->moved_out = total->out.bytes - before.out.bytes;

        r = sessionrecord_make(session,
                               &(struct sessionrecord_entry){
                                       .event = LIVE_EVENT,
                                       .realtime = clock_now(CLOCK_REALTIME),
                                       .duration = (int64_t)now - state->opened_boottime,
                                       .complete = state->excluded || state->account.whole,
                                       .processes = &look->processes,
                               },
                               &added->record);
        if (!r)
                look->live->n++;
        return r;
}

/* Whether it is open: one that ended, and that nobody has cleaned up yet, is not. */
static bool live_is_open(const struct look *look, struct session *session) {
        if (session->state->stopped || strcmp(session->state->boot_id, look->boot_id) != 0)
                return false;
        switch (ended_tell(session)) {
        case ENDED_NO:
                return true;
        case ENDED_YES:
        case ENDED_SEEMS:
                return false;
        case ENDED_UNSURE:
        default:
                return onesession_pid_lives(session);
        }
}

/* Whether the log has not all that one has moved that is over: its port has it. */
static bool live_is_unrecorded(const struct look *look, const struct state *state) {
        return look->way == LIVE_TOGETHER && !strcmp(state->boot_id, look->boot_id) &&
               !state->stopped;
}

static int live_add_waiting(struct look *look, const struct state *state) {
        struct live *live = look->live;
        int r = 0;

        for (const char *line = state->pending.lines; !r && line && *line;) {
                size_t size = strcspn(line, "\n");
                struct record *record;
                const char *field;
                void *larger =
                        reallocarray(live->waiting, live->n_waiting + 1, sizeof(*live->waiting));

                if (!larger)
                        return -ENOMEM;
                live->waiting = larger;
                r = record_decode(line, size, &record, &field);
                if (!r)
                        live->waiting[live->n_waiting++] = record;
                r = r < 0 ? r : 0;
                line += size + (line[size] != '\0');
        }
        return r;
}

/* Not open, and yet there: whoever ends it has not come yet. */
static void live_note(struct look *look, const struct state *state) {
        int64_t now = (int64_t)clock_now(CLOCK_BOOTTIME);
        int64_t since = state->gone_boottime;

        if (strcmp(state->boot_id, look->boot_id) != 0) {
                look->live->n_before++;
                return;
        }
        look->live->n_over++;
        if (since <= 0)
                since = state->closed ? state->closed_boottime : state->seen_boottime;
        if (since <= 0)
                since = state->opened_boottime;
        if (since > 0 && now > since && (uint64_t)(now - since) > look->live->over_longest)
                look->live->over_longest = (uint64_t)(now - since);
}

static int live_take(struct look *look, const char *id) {
        _cleanup_(onesession_end) struct session session = SESSION_INIT;
        const char *field;
        int r;

        session.context = &look->context;
        session.folder_fd = look->folder_fd;
        session.sources = &look->sources;
        r = statefolder_load(look->folder_fd, id, &session.state, &field);
        if (r == -ENOMEM || r == STATE_E_NOT_FOUND)
                return r < 0 ? r : 0;
        if (r) {
                look->live->n_damaged++;
                (void)strncpy(look->live->damaged, id, sizeof(look->live->damaged) - 1);
                return 0;
        }
        if (live_is_open(look, &session) || live_is_unrecorded(look, session.state))
                return live_add(look, &session);
        live_note(look, session.state);
        return look->way == LIVE_TOGETHER ? live_add_waiting(look, session.state) : 0;
}

static int live_compare(const void *a, const void *b) {
        const struct live_session *one = a, *other = b;

        /* the ids begin with the moment at which they were made (RFC 9562, version 7) */
        return strcmp(one->record->session, other->record->session);
}

static int live_run(struct look *look) {
        _cleanup_(freep) char(*ids)[UUID_TEXT_MAX] = NULL;
        size_t n;
        int r;

        r = statefolder_list(look->folder_fd, &ids, &n);
        if (r < 0)
                return r;
        look->live->sessions = calloc(n ? n : 1, sizeof(*look->live->sessions));
        if (!look->live->sessions)
                return -ENOMEM;
        r = context_boot_id(&look->context, &look->boot_id);
        if (!r)
                r = sources_open(&look->sources, SOURCES_PATIENCE_LOOK);
        look->sources.all = true;
        if (!r && look->way == LIVE_TOGETHER)
                r = liveports_read(&look->context, look->folder_fd, &look->sources, look->boot_id,
                                   look->live);
        processes_read(look->context.settings, &look->processes);
        for (size_t i = 0; !r && i < n; i++)
                r = live_take(look, ids[i]);
        if (look->live->n)
                qsort(look->live->sessions, look->live->n, sizeof(*look->live->sessions),
                      live_compare);
        return r;
}

/**
 * live_free() - end what live_read() began
 * @live:       the sessions, or NULL
 *
 * Return: NULL.
 */
struct live *live_free(struct live *live) {
        if (!live)
                return NULL;
        for (size_t i = 0; i < live->n; i++)
                (void)record_free(live->sessions[i].record);
        free(live->sessions);
        for (size_t i = 0; i < live->n_ports; i++)
                (void)record_free(live->ports[i]);
        free(live->ports);
        for (size_t i = 0; i < live->n_waiting; i++)
                (void)record_free(live->waiting[i]);
        free(live->waiting);
        free(live);
        return NULL;
}

/**
 * live_read() - look at all open sessions
 * @settings:   name the state folder
 * @proc_fd:    an open /proc
 * @way:        how
 * @ret_live:   the sessions, to be given to live_free()
 *
 * Return: 0, also where no login was ever recorded, or a negative errno; -EACCES: only root may;
 *         -EBUSY: with LIVE_TOGETHER, another program had the tables.
 */
int live_read(const struct settings *settings, int proc_fd, enum live_way way,
              struct live **ret_live) {
        _cleanup_(live_end) struct look look = {
                .way = way,
                .context = { .settings = settings, .proc_fd = proc_fd, .report = live_report },
                .folder_fd = -1,
        };
        int r;

        look.live = calloc(1, sizeof(*look.live));
        if (!look.live)
                return -ENOMEM;
        look.folder_fd = open(settings->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = look.folder_fd < 0 ? -errno : live_run(&look);
        if (r < 0 && r != -ENOENT)
                return r;
        *ret_live = pointer_steal(&look.live);
        return 0;
}
