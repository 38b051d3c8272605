/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions that are open now, as a command gets them: live if that is allowed, else from the
 * log.
 *
 * Owns: the message if they are not live; which sessions of a log are open: those of this boot
 * without a stop record; rates; orders.
 * Relies on: /proc/sys/kernel/random/boot_id, which everybody may read.
 */

#include "opens.h"

#include "base/base.h"
#include "cli/shared/fail.h"
#include "cli/shared/human.h"
#include "config.h"
#include "inputs.h"
#include "sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define OPENS_BOOT_ID_MAX 64

/* Below that, a rate says more about the moment than about the session. */
#define OPENS_RATE_SPAN CLOCK_SECOND

const char *const opens_orders[] = {
        [OPENS_FROM] = "from",   [OPENS_IN] = "in",
        [OPENS_KEY] = "key",     [OPENS_OUT] = "out",
        [OPENS_RATE] = "rate",   [OPENS_SESSION] = "session",
        [OPENS_SINCE] = "since", [OPENS_TOTAL] = "total",
        [OPENS_USER] = "user",   NULL,
};

/**
 * opens_free() - end what opens_read() began
 * @opens:      the sessions, or NULL
 *
 * Return: NULL.
 */
struct opens *opens_free(struct opens *opens) {
        if (!opens)
                return NULL;
        for (size_t i = 0; i < opens->n_records; i++)
                (void)record_free(opens->records[i]);
        free(opens->records);
        free(opens->sessions);
        (void)live_free(opens->live);
        free(opens);
        return NULL;
}

static int opens_failed(const char *what, int error) {
        return fail(error, "cannot list the open sessions: %s%s%s", what, *what ? ": " : "",
                    strerror(-error));
}

static int opens_take_live(struct opens *opens, struct live *live) {
        opens->live = live;
        opens->sessions = calloc(live->n ? live->n : 1, sizeof(*opens->sessions));
        if (!opens->sessions)
                return -ENOMEM;
        opens->n = live->n;
        for (size_t i = 0; i < live->n; i++) {
                const struct live_session *from = &live->sessions[i];
                uint64_t span = from->moment > from->since ? from->moment - from->since : 0;
                struct opens_session *session = &opens->sessions[i];

                *session = (struct opens_session){ .record = from->record,
                                                   .in_rate = RECORD_UNKNOWN,
                                                   .out_rate = RECORD_UNKNOWN,
                                                   .moment = from->moment };
                opens->uncounted += !from->counted;
                if (!from->counted || from->record->in_bytes == RECORD_UNKNOWN ||
                    span < OPENS_RATE_SPAN)
                        continue;
                session->in_rate = (int64_t)((double)from->moved_in * 1e6 / (double)span);
                session->out_rate = (int64_t)((double)from->moved_out * 1e6 / (double)span);
        }
        return 0;
}

/* The time of the oldest of the last records; 0: there is none. */
static uint64_t opens_until(const struct opens *opens) {
        uint64_t until = 0, time = 0;

        for (size_t i = 0; i < opens->n; i++)
                if (!clock_parse(opens->sessions[i].record->time, &time) &&
                    (!until || time < until))
                        until = time;
        return until;
}

static void opens_say(const struct opens *opens, const struct settings *settings) {
        uint64_t until = opens_until(opens);
        char time[HUMAN_TEXT_MAX] = "";

        if (until)
                human_time(until, time);
        if (!opens->live)
                fail_warn("these are the last records of the log%s%s; run it as root for the "
                          "present counters",
                          until ? ", counted to " : "", time);
        if (opens->uncounted)
                fail_warn("the counters of %zu of the sessions cannot be read, so their last saved "
                          "values are shown; to turn conntrack on, run " PATH_HELPER " setup",
                          opens->uncounted);
        if (opens->live && opens->live->n_damaged)
                fail_warn(
                        "%zu sessions are not shown, because their state cannot be read, for "
                        "example %s/sessions/%s.json; to set damaged files aside, run " PATH_HELPER
                        " reap",
                        opens->live->n_damaged, settings->state_dir, opens->live->damaged);
}

/* A log that is being read. */
struct opens_reading {
        struct inputs inputs;
        size_t input;
        struct sessions *sessions;
};

static void opens_reading_clear(struct opens_reading *reading) {
        inputs_close(&reading->inputs);
        (void)sessions_free(reading->sessions);
}

static int opens_add(void *context, const struct logreader_line *line) {
        struct opens_reading *reading = context;

        return sessions_add(reading->sessions, (uint32_t)reading->input, line, 0);
}

/* Take a session of the log, if it is one of this boot. */
static int opens_take_record(struct opens *opens, const struct opens_reading *reading,
                             const struct session_entry *entry, const char *boot_id) {
        _cleanup_(record_freep) struct record *record = NULL;
        _cleanup_(freep) char *line = NULL;
        int r;

        r = input_read_line(&reading->inputs.of[entry->file], entry->offset, entry->size, &line,
                            &record);
        if (r < 0)
                return r == -ESTALE ? 0 : r;
        if (!record->boot_id || strcmp(record->boot_id, boot_id) != 0 ||
            !sessions_is(entry, record))
                return 0;
        opens->sessions[opens->n++] = (struct opens_session){ .record = record,
                                                              .in_rate = RECORD_UNKNOWN,
                                                              .out_rate = RECORD_UNKNOWN };
        opens->records[opens->n_records++] = pointer_steal(&record);
        return 0;
}

static int opens_take_log(struct opens *opens, struct opens_reading *reading, const char *boot_id) {
        const struct session_entry *const *entries;
        size_t n;
        int r;

        r = sessions_sort(reading->sessions, &entries, &n);
        if (r < 0)
                return r;
        opens->sessions = calloc(n + 1, sizeof(*opens->sessions));
        opens->records = calloc(n + 1, sizeof(*opens->records));
        if (!opens->sessions || !opens->records)
                return -ENOMEM;
        for (size_t i = 0; !r && i < n; i++)
                if (!(entries[i]->summary.flags & SUMMARY_STOP))
                        r = opens_take_record(opens, reading, entries[i], boot_id);
        return r;
}

static int opens_read_log(struct opens *opens, const struct settings *settings, bool quiet) {
        _cleanup_(opens_reading_clear) struct opens_reading reading = { .input = 0 };
        _cleanup_(freep) char *boot_id = NULL;
        size_t size;
        int r;

        r = file_read_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", OPENS_BOOT_ID_MAX, &boot_id,
                         &size);
        if (!r)
                r = sessions_new(&reading.sessions);
        if (r)
                return opens_failed("", r < 0 ? r : -EFBIG);
        boot_id[strcspn(boot_id, "\n")] = '\0';
        r = inputs_open_log(settings->log_file, inputs_since(settings, clock_now(CLOCK_REALTIME)),
                            &reading.inputs);
        for (; !r && reading.input < reading.inputs.n; reading.input++) {
                reading.inputs.of[reading.input].quiet = quiet;
                r = input_read(&reading.inputs.of[reading.input], opens_add, &reading);
        }
        if (r < 0)
                return r;
        r = opens_take_log(opens, &reading, boot_id);
        return r < 0 ? opens_failed("", r) : 0;
}

/**
 * opens_read() - find the open sessions
 * @settings:   where state and log are
 * @quiet:      say nothing of what is missing: it has been said
 * @ret_opens:  the sessions, to be given to opens_free()
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int opens_read(const struct settings *settings, bool quiet, struct opens **ret_opens) {
        _cleanup_(opens_freep) struct opens *opens = calloc(1, sizeof(*opens));
        _cleanup_(fd_closep) int proc_fd = -1;
        struct live *live;
        int r;

        if (!opens)
                return opens_failed("", -ENOMEM);
        proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (proc_fd < 0)
                return opens_failed("/proc", -errno);
        r = live_read(settings, proc_fd, LIVE_EACH, &live);
        if (r == -EACCES || r == -EPERM)
                r = opens_read_log(opens, settings, quiet);
        else
                r = r < 0 ? opens_failed(settings->state_dir, r) : opens_take_live(opens, live);
        if (r < 0)
                return r;
        if (!quiet)
                opens_say(opens, settings);
        *ret_opens = pointer_steal(&opens);
        return 0;
}

/**
 * opens_rate() - what a session moves
 * @session:    the session
 *
 * Return: bytes per second in both directions, or RECORD_UNKNOWN.
 */
int64_t opens_rate(const struct opens_session *session) {
        return session->in_rate == RECORD_UNKNOWN ? RECORD_UNKNOWN
                                                  : session->in_rate + session->out_rate;
}

static int opens_compare_text(const char *a, const char *b) {
        return a && b ? strcmp(a, b) : !a - !b;
}

static int64_t opens_number(const struct opens_session *session, enum opens_order order) {
        const struct record *record = session->record;

        if (order == OPENS_IN)
                return record->in_bytes;
        if (order == OPENS_OUT)
                return record->out_bytes;
        if (order == OPENS_RATE)
                return opens_rate(session);
        if (record->in_bytes == RECORD_UNKNOWN || record->out_bytes == RECORD_UNKNOWN)
                return RECORD_UNKNOWN;
        return (int64_t)number_add((uint64_t)record->in_bytes, (uint64_t)record->out_bytes);
}

/* Texts and moments rise, numbers of bytes fall; the older of equal ones is first. */
static int opens_compare(const void *a, const void *b, void *context) {
        const struct opens_session *one = a, *other = b;
        const struct record *x = one->record, *y = other->record;
        const enum opens_order *order = context;
        int64_t number, other_number;
        uint64_t began = summary_began(x), other_began = summary_began(y);
        int r = 0;

        switch (*order) {
        case OPENS_FROM:
                r = opens_compare_text(x->remote_addr, y->remote_addr);
                break;
        case OPENS_KEY:
                r = opens_compare_text(x->auth_key, y->auth_key);
                if (!r)
                        r = opens_compare_text(x->auth_method, y->auth_method);
                break;
        case OPENS_USER:
                r = opens_compare_text(x->user, y->user);
                break;
        case OPENS_IN:
        case OPENS_OUT:
        case OPENS_RATE:
        case OPENS_TOTAL:
                number = opens_number(one, *order);
                other_number = opens_number(other, *order);
                r = number == other_number ? 0 : number < other_number ? 1 : -1;
                break;
        case OPENS_SINCE:
                r = began == other_began ? 0 : began < other_began ? -1 : 1;
                break;
        case OPENS_SESSION:
                break;
        }
        return r ? r : strcmp(x->session, y->session);
}

/**
 * opens_keep() - leave the sessions of one user
 * @opens:      the sessions
 * @user:       his name
 */
void opens_keep(struct opens *opens, const char *user) {
        size_t kept = 0;

        for (size_t i = 0; i < opens->n; i++) {
                const char *name = opens->sessions[i].record->user;

                if (name && !strcmp(name, user))
                        opens->sessions[kept++] = opens->sessions[i];
        }
        opens->n = kept;
}

/**
 * opens_sort() - put the sessions in order
 * @opens:      the sessions
 * @order:      the order
 */
void opens_sort(struct opens *opens, enum opens_order order) {
        if (opens->n)
                qsort_r(opens->sessions, opens->n, sizeof(*opens->sessions), opens_compare, &order);
}
