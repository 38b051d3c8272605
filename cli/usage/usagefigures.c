/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What users moved.
 *
 * Owns: which periods a user is shown. The uid is the one that the name has on this host now. It is
 * not that of a record, because the name may have had another uid then.
 */

#include "usagefigures.h"

#include "base/base.h"
#include "cli/session/opens.h"
#include "cli/shared/calendar.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

struct usagefigures_period {
        const char *name;
        uint64_t since, until;
};

struct usagefigures_maker {
        const char *user; /* NULL: all */
        uint64_t now;
        uint64_t open_until; /* open sessions are counted to then; 0: until now */
        bool empty;          /* the log does not say that SSH sessions were ever recorded */
        struct usagefigures_period periods[USAGEFIGURES_PERIODS];
        const struct opens *opens; /* NULL: not known */
        struct usagefigures *figures;
        size_t room;
};

/**
 * usagefigures_free() - end what usagefigures_new() began
 * @figures:    the figures, or NULL
 *
 * Return: NULL.
 */
struct usagefigures *usagefigures_free(struct usagefigures *figures) {
        if (figures) {
                for (size_t i = 0; i < figures->n_users * USAGEFIGURES_PERIODS; i++)
                        (void)usageline_free(figures->lines[i]);
                free(figures->lines);
        }
        free(figures);
        return NULL;
}

static void usagefigures_periods(const struct settings *settings,
                                 struct usagefigures_maker *maker) {
        struct calendar calendar = {
                .now = maker->now,
                .billing_day = settings->billing_day,
        };
        struct calendar tomorrow = calendar, next = calendar;

        tomorrow.now = calendar_day(&calendar, 0) + 36 * 3600 * CLOCK_SECOND;
        next.now = calendar_month(&calendar, 0) + 40 * 86400 * CLOCK_SECOND;
        maker->periods[0] = (struct usagefigures_period){
                "today",
                calendar_day(&calendar, 0),
                calendar_day(&tomorrow, 0),
        };
        maker->periods[1] = (struct usagefigures_period){
                "this month",
                calendar_month(&calendar, 0),
                calendar_month(&next, 0),
        };
        maker->periods[2] = (struct usagefigures_period){
                "last month",
                calendar_month(&calendar, 1),
                calendar_month(&calendar, 0),
        };
        maker->periods[3] = (struct usagefigures_period){
                "the month before",
                calendar_month(&calendar, 2),
                calendar_month(&calendar, 1),
        };
}

static int64_t usagefigures_open(const struct opens *opens, const char *user) {
        int64_t n = 0;

        if (!opens)
                return USAGELINE_UNKNOWN;
        for (size_t i = 0; i < opens->n; i++) {
                const char *name = opens->sessions[i].record->user;

                n += name && !strcmp(name, user);
        }
        return n;
}

static int usagefigures_time(uint64_t realtime, char **ret_text) {
        char text[CLOCK_TEXT_MAX];

        clock_format(realtime, text);
        return text_copy(ret_text, text);
}

static int usagefigures_line(const struct usagefigures_maker *maker, size_t period,
                             const char *user, int64_t uid, struct usageline **ret_line) {
        const struct usagefigures_period *span = &maker->periods[period];
        _cleanup_(usageline_freep) struct usageline *line = NULL;
        int r;

        r = usageline_new(&line);
        if (r < 0)
                return r;
        line->uid = uid;
        line->in_bytes = line->out_bytes = line->sessions = 0;
        line->complete = true;
        if (period < 2)
                line->open = usagefigures_open(maker->opens, user);
        r = text_copy(&line->user, user);
        if (!r && period < 2 && line->open && maker->open_until)
                r = usagefigures_time(maker->open_until, &line->open_until);
        if (!r)
                r = text_copy(&line->period, span->name);
        if (!r)
                r = usagefigures_time(maker->now, &line->time);
        if (!r)
                r = usagefigures_time(span->since, &line->since);
        if (!r)
                r = usagefigures_time(span->until, &line->until);
        if (r < 0)
                return r;
        *ret_line = pointer_steal(&line);
        return 0;
}

static int usagefigures_add(struct usagefigures_maker *maker, const char *user) {
        struct usagefigures *figures = maker->figures;
        struct usageline **lines;
        const struct passwd *passwd = getpwnam(user);
        size_t n = figures->n_users;
        int r = 0;

        if (n == maker->room) {
                size_t room = maker->room ? maker->room * 2 : 16;

                lines = reallocarray(figures->lines, room * USAGEFIGURES_PERIODS, sizeof(*lines));
                if (!lines)
                        return -ENOMEM;
                figures->lines = lines;
                maker->room = room;
        }
        lines = figures->lines + n * USAGEFIGURES_PERIODS;
        memset(lines, 0, USAGEFIGURES_PERIODS * sizeof(*lines));
        figures->n_users++;
        for (size_t i = 0; i < USAGEFIGURES_PERIODS && !r; i++)
                r = usagefigures_line(maker, i, user,
                                      passwd ? (int64_t)passwd->pw_uid : USAGELINE_UNKNOWN,
                                      &lines[i]);
        return r;
}

static int usagefigures_compare(const void *a, const void *b) {
        return strcmp((*(struct usageline *const *)a)->user, (*(struct usageline *const *)b)->user);
}

/* Lines of a user lie together, and users are in order of their names: elements of that size. */
static struct usageline **usagefigures_find(const struct usagefigures *figures, const char *user) {
        struct usageline name = { .user = (char *)(uintptr_t)user };
        struct usageline *key = &name;

        return figures->n_users ? bsearch(&key, figures->lines, figures->n_users,
                                          USAGEFIGURES_PERIODS * sizeof(*figures->lines),
                                          usagefigures_compare)
                                : NULL;
}

static bool usagefigures_has(const struct usagefigures *figures, size_t n, const char *user) {
        for (size_t i = 0; i < n; i++)
                if (!strcmp(figures->lines[i * USAGEFIGURES_PERIODS]->user, user))
                        return true;
        return false;
}

/* All users that one ledger ever had. Return: 0, or as index_ask(). */
static int usagefigures_names_of(struct usagefigures_maker *maker, struct index *index) {
        const uint64_t ever[] = { 0, INDEX_END };
        const struct index_query query = { .edges = ever, .n_edges = 2, .by = { INDEX_USER } };
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        size_t before = maker->figures->n_users;
        int r = index_ask(index, &query, &answer);

        for (size_t i = 0; !r && i < answer->n; i++) {
                const char *user = answer->sums[i].key[0];

                if (user && *user && !usagefigures_has(maker->figures, before, user))
                        r = usagefigures_add(maker, user);
        }
        return r;
}

/* All that the ledgers ever had, for the names. */
static int usagefigures_names(struct usagefigures_maker *maker, struct index *index,
                              struct index *users) {
        int r;

        if (maker->user)
                return usagefigures_add(maker, maker->user);
        r = usagefigures_names_of(maker, index);
        if (!r)
                r = usagefigures_names_of(maker, users);
        if (!r && maker->figures->n_users)
                qsort(maker->figures->lines, maker->figures->n_users,
                      USAGEFIGURES_PERIODS * sizeof(*maker->figures->lines), usagefigures_compare);
        return r;
}

/* Where nobody has come by SSH yet, `pam_traffic enable` has left a mark: from then on, nothing is
 * what there was. Records of the users' ledger do not tell: it is kept without sshd, too. */
static int usagefigures_is_empty(struct index *index, bool *ret_empty) {
        _cleanup_(gaps_clear) struct gaps gaps = { .n = 0 };
        int r = index_marks(index, 0, INDEX_END, &gaps);

        *ret_empty = !gaps.n || gaps.of[0].cause != GAP_BEGIN;
        return r;
}

/* What of a period's lines no sum of the log can tell: the log has gaps, or begins later. */
static int usagefigures_doubt(struct usagefigures_maker *maker, struct index *index,
                              size_t period) {
        const struct usagefigures_period *span = &maker->periods[period];
        _cleanup_(gaps_clear) struct gaps gaps = { .n = 0 };
        bool whole = !maker->empty, all = whole;
        int r = index_marks(index, span->since, span->until, &gaps);

        for (size_t i = 0; i < gaps.n; i++) {
                /* while the host is down nobody moves anything */
                whole = whole && gaps.of[i].cause == GAP_REBOOT;
                all = all && (gaps.of[i].cause != GAP_BEGIN || gaps.of[i].end < span->until);
        }
        for (size_t i = 0; i < maker->figures->n_users && !whole; i++) {
                struct usageline *line = maker->figures->lines[i * USAGEFIGURES_PERIODS + period];

                line->complete = false;
                if (!all)
                        line->in_bytes = line->out_bytes = line->sessions = USAGELINE_UNKNOWN;
        }
        return r;
}

static int64_t usagefigures_number(uint64_t number) {
        return number > INT64_MAX ? USAGELINE_UNKNOWN : (int64_t)number;
}

static int usagefigures_ask(struct usagefigures_maker *maker, struct index *index, size_t period) {
        const uint64_t edges[] = { maker->periods[period].since, maker->periods[period].until };
        const struct index_query query = {
                .edges = edges,
                .n_edges = 2,
                .by = { INDEX_USER },
                .user = maker->user,
        };
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        int r = index_ask(index, &query, &answer);

        for (size_t i = 0; !r && i < answer->n; i++) {
                const struct index_sum *sum = &answer->sums[i];
                struct usageline **lines;

                lines = sum->key[0] ? usagefigures_find(maker->figures, sum->key[0]) : NULL;
                if (!lines)
                        continue;
                lines[period]->in_bytes = usagefigures_number(sum->in);
                lines[period]->out_bytes = usagefigures_number(sum->out);
                lines[period]->sessions = usagefigures_number(sum->sessions);
                lines[period]->complete = lines[period]->complete && !sum->incomplete &&
                                          !sum->unknown &&
                                          lines[period]->in_bytes != USAGELINE_UNKNOWN &&
                                          lines[period]->out_bytes != USAGELINE_UNKNOWN;
        }
        return r;
}

/* What all programs moved, in one period, is known while users were counted. */
static int usagefigures_doubt_all(struct usagefigures_maker *maker, struct index *users,
                                  size_t period) {
        const struct usagefigures_period *span = &maker->periods[period];
        _cleanup_(gaps_clear) struct gaps gaps = { .n = 0 };
        int r = index_marks(users, span->since, span->until, &gaps);
        bool any = true;

        for (size_t i = 0; i < gaps.n; i++)
                any = any && (gaps.of[i].begin > span->since || gaps.of[i].end < span->until);
        for (size_t i = 0; i < maker->figures->n_users && any; i++) {
                struct usageline *line = maker->figures->lines[i * USAGEFIGURES_PERIODS + period];

                line->all_in_bytes = line->all_out_bytes = 0;
                line->all_complete = !gaps.n;
        }
        return r;
}

static int usagefigures_ask_all(struct usagefigures_maker *maker, struct index *users,
                                size_t period) {
        const struct usagefigures_period *span = &maker->periods[period];
        const uint64_t edges[] = { span->since, span->until };
        const struct index_query query = {
                .edges = edges,
                .n_edges = 2,
                .by = { INDEX_USER },
                .user = maker->user,
        };
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        int r = usagefigures_doubt_all(maker, users, period);

        if (!r)
                r = index_ask(users, &query, &answer);
        for (size_t i = 0; !r && i < answer->n; i++) {
                const struct index_sum *sum = &answer->sums[i];
                struct usageline **lines =
                        sum->key[0] ? usagefigures_find(maker->figures, sum->key[0]) : NULL;

                if (!lines)
                        continue;
                lines[period]->all_in_bytes = usagefigures_number(sum->in);
                lines[period]->all_out_bytes = usagefigures_number(sum->out);
                lines[period]->all_complete =
                        lines[period]->all_complete && !sum->incomplete && !sum->unknown;
        }
        return r;
}

/**
 * usagefigures_new() - add up what users moved
 * @index:      the log, taken in
 * @users:      its users' ledger
 * @settings:   the configuration
 * @user:       whose figures, also if he moved nothing; NULL: those of each user of the log
 * @ret_figures: the figures, by name
 *
 * Return: 0, INDEX_E_DAMAGED, or a negative errno.
 */
int usagefigures_new(struct index *index, struct index *users, const struct settings *settings,
                     const char *user, struct usagefigures **ret_figures) {
        _cleanup_(usagefigures_freep) struct usagefigures *figures = NULL;
        _cleanup_(opens_freep) struct opens *opens = NULL;
        struct index_counts counts;
        struct usagefigures_maker maker = {
                .user = user,
                .now = clock_now(CLOCK_REALTIME),
        };
        int r;

        figures = maker.figures = calloc(1, sizeof(*figures));
        if (!figures)
                return -ENOMEM;
        usagefigures_periods(settings, &maker);
        r = index_counts(index, &counts);
        if (r)
                return r;
        maker.open_until = counts.open ? counts.open_until : 0;
        r = usagefigures_is_empty(index, &maker.empty);
        if (r)
                return r;
        if (opens_read(settings, true, &opens) == 0)
                maker.opens = opens;
        r = usagefigures_names(&maker, index, users);
        for (size_t i = 0; i < USAGEFIGURES_PERIODS && !r; i++) {
                r = usagefigures_doubt(&maker, index, i);
                if (!r)
                        r = usagefigures_ask(&maker, index, i);
                if (!r)
                        r = usagefigures_ask_all(&maker, users, i);
        }
        if (r)
                return r;
        *ret_figures = pointer_steal(&figures);
        return 0;
}
