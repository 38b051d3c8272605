/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Asking the index.
 *
 * Owns: which of the sums are added. Whole days of UTC within a span are taken from the sums by
 * day, the rest at its ends from those by slot. A session is in a span if it began before the end
 * of the span and its last record is not before the begin of the span. So the sessions at the begin
 * of the first span are all that began before it, less those that ended before it.
 */

#include "base/number.h"
#include "index/buckets.h"
#include "index/groups.h"
#include "index/latenames.h"
#include "index/portsums.h"
#include "index/private.h"

#include <errno.h>
#include <stdlib.h>

/* What a session is counted as. */
enum ask_kind {
        ASK_ALL,
        ASK_UNKNOWN,
        ASK_INCOMPLETE,
        ASK_EXCLUDED,
        ASK_KINDS,
};

struct ask_group {
        int64_t open[ASK_KINDS]; /* at the span's begin */
        int64_t opened[ASK_KINDS], ended[ASK_KINDS];
        int64_t bytes[2];
        bool touched;
};

struct ask {
        struct db *db;
        const struct index_query *query;
        struct groups *groups;
        struct ask_group *of;
        struct portsums *ports;
        struct index_answer *answer;
        size_t room;
};

static void ask_free(struct ask *ask) {
        (void)groups_free(ask->groups);
        (void)index_ask_free(ask->answer);
        free(ask->of);
        (void)portsums_free(ask->ports);
}

/**
 * index_ask_free() - end what index_ask() made
 * @answer:     the answer, or NULL
 *
 * Return: NULL.
 */
struct index_answer *index_ask_free(struct index_answer *answer) {
        if (answer) {
                (void)groups_free(answer->keys);
                free(answer->ports);
                latenames_free(answer);
                free(answer->sums);
        }
        free(answer);
        return NULL;
}

/* What is too large is INDEX_UNKNOWN, and stays it. */
static void ask_add(uint64_t *sum, int64_t number) {
        *sum = number_add(*sum, db_sum_positive(number));
}

static void ask_take_group(struct ask *ask, struct ask_group *group, int64_t class, int64_t opened,
                           int64_t ended, const int64_t *bytes) {
        bool is[ASK_KINDS] = {
                [ASK_ALL] = true,
                /* what is excluded is not counted, which is more than not known */
                [ASK_UNKNOWN] =
                        class & (BUCKET_UNKNOWN << ask->query->layer) && !(class & BUCKET_EXCLUDED),
                [ASK_INCOMPLETE] = class & BUCKET_INCOMPLETE,
                [ASK_EXCLUDED] = class & BUCKET_EXCLUDED,
        };

        for (size_t i = 0; i < ASK_KINDS; i++)
                if (is[i]) {
                        db_sum_add(&group->opened[i], opened);
                        db_sum_add(&group->ended[i], ended);
                }
        for (size_t way = 0; bytes && way < 2; way++)
                db_sum_add(&group->bytes[way], bytes[way]);
        group->touched = true;
}

/* Add a range of slots or days; counted: its bytes, and not its sessions alone. */
static int ask_range(struct ask *ask, enum db_statement id, int64_t from, int64_t to,
                     bool counted) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        const struct groups *groups = ask->groups;
        int column = 5 + 2 * (int)ask->query->layer;
        bool row = true;
        int r;

        if (from >= to)
                return 0;
        r = db_bind(ask->db, id, (int64_t[]){ from, to }, 2, &statement);
        while (!r) {
                const struct group_party *party;
                int64_t unit, number, bytes[2];

                r = db_step(statement, &row);
                if (r || !row)
                        break;
                number = db_integer(statement, 1);
                if (number <= 0 || (uint64_t)number >= groups->n_parties)
                        continue;
                party = &groups->parties[number];
                unit = db_integer(statement, 0);
                bytes[0] = db_sum(statement, column);
                bytes[1] = db_sum(statement, column + 1);
                if (counted)
                        portsums_take(ask->ports, party, unit,
                                      id == DB_WALK_DAYS ? unit : unit / BUCKETS_DAY, bytes);
                portsums_count(ask->ports, party, db_integer(statement, 2),
                               db_integer(statement, 3), db_integer(statement, 4));
                if (party->group != GROUPS_NONE)
                        ask_take_group(ask, &ask->of[party->group], db_integer(statement, 2),
                                       db_integer(statement, 3), db_integer(statement, 4),
                                       party->excluded ? NULL : bytes);
        }
        return r;
}

/* Add the slots of a span. */
static int ask_slots(struct ask *ask, int64_t from, int64_t to, bool counted) {
        int64_t first = (from + BUCKETS_DAY - 1) / BUCKETS_DAY, last = to / BUCKETS_DAY;
        int r;

        if (first >= last)
                return ask_range(ask, DB_WALK_SLOTS, from, to, counted);
        r = ask_range(ask, DB_WALK_SLOTS, from, first * BUCKETS_DAY, counted);
        if (!r)
                r = ask_range(ask, DB_WALK_DAYS, first, last, counted);
        if (!r)
                r = ask_range(ask, DB_WALK_SLOTS, last * BUCKETS_DAY, to, counted);
        return r;
}

/* Those that are there when a span ends, and did not end in it. */
static void ask_carry(struct ask *ask) {
        for (size_t i = 0; i < ask->groups->n; i++) {
                struct ask_group *group = &ask->of[i];
                struct ask_group next = { .touched = false };

                for (size_t kind = 0; kind < ASK_KINDS; kind++) {
                        next.open[kind] = group->open[kind];
                        db_sum_add(&next.open[kind], group->opened[kind]);
                        db_sum_subtract(&next.open[kind], group->ended[kind]);
                }
                *group = next;
        }
}

static int ask_put(struct ask *ask, size_t span) {
        struct index_answer *answer = ask->answer;

        for (size_t i = 0; i < ask->groups->n; i++) {
                struct ask_group *group = &ask->of[i];
                uint64_t sessions[ASK_KINDS];
                struct index_sum *larger, *sum;

                for (size_t kind = 0; kind < ASK_KINDS; kind++) {
                        int64_t there = group->open[kind];

                        db_sum_add(&there, group->opened[kind]);
                        sessions[kind] = db_sum_positive(there);
                }
                /* what is of another group by now leaves nothing */
                if (!group->touched || (!sessions[ASK_ALL] && !group->bytes[0] && !group->bytes[1]))
                        continue;
                if (answer->n == ask->room) {
                        ask->room = ask->room ? 2 * ask->room : 64;
                        larger = reallocarray(answer->sums, ask->room, sizeof(*larger));
                        if (!larger)
                                return -ENOMEM;
                        answer->sums = larger;
                }
                sum = &answer->sums[answer->n++];
                *sum = (struct index_sum){
                        .span = span,
                        .in = db_sum_positive(group->bytes[0]),
                        .out = db_sum_positive(group->bytes[1]),
                        .sessions = sessions[ASK_ALL],
                        .unknown = sessions[ASK_UNKNOWN],
                        .incomplete = sessions[ASK_INCOMPLETE],
                        .excluded = sessions[ASK_EXCLUDED],
                };
                for (size_t key = 0; key < INDEX_KEYS_MAX; key++)
                        sum->key[key] = ask->groups->of[i]->key[key];
                ask_add(&answer->total.in, group->bytes[0]);
                ask_add(&answer->total.out, group->bytes[1]);
        }
        return 0;
}

/* A session is counted once, in however many spans it is: where it began, or at the first. */
static void ask_total(struct ask *ask, size_t span) {
        struct index_sum *total = &ask->answer->total;
        uint64_t *const of[ASK_KINDS] = { &total->sessions, &total->unknown, &total->incomplete,
                                          &total->excluded };

        for (size_t i = 0; i < ask->groups->n; i++)
                for (size_t kind = 0; kind < ASK_KINDS; kind++) {
                        if (!span)
                                ask_add(of[kind], ask->of[i].open[kind]);
                        ask_add(of[kind], ask->of[i].opened[kind]);
                }
}

static int ask_spans(struct ask *ask) {
        const struct index_query *query = ask->query;
        size_t last = query->n_edges - 1;
        int64_t begin = buckets_slot((int64_t)query->edges[0]);
        int r;

        r = ask_slots(ask, 0, begin, false);
        portsums_begin(ask->ports);
        for (size_t i = 0; i < last && !r; i++) {
                /* the last slot is wanted if its begin is */
                uint64_t until = query->edges[i + 1] + (i + 1 == last ? INDEX_SLOT - 1 : 0);
                int64_t end = buckets_slot((int64_t)until);

                ask_carry(ask);
                r = ask_slots(ask, begin, end, true);
                ask_total(ask, i);
                if (!r)
                        r = ask_put(ask, i);
                begin = end;
        }
        if (!r && query->late)
                r = latenames_read(ask->db, ask->answer);
        if (!r && query->layer == INDEX_IP && !query->user && !query->wanted)
                r = portsums_answer(ask->ports, ask->answer);
        return r;
}

static int ask_run(struct ask *ask) {
        int r = groups_new(ask->db, ask->query, &ask->groups);

        if (r)
                return r;
        ask->of = calloc(ask->groups->n + 1, sizeof(*ask->of));
        ask->answer = calloc(1, sizeof(*ask->answer));
        r = portsums_new(ask->groups, &ask->ports);
        return r ? r : ask->of && ask->answer ? ask_spans(ask) : -ENOMEM;
}

/**
 * index_ask() - ask the index for sums
 * @index:      the index
 * @query:      what is asked
 * @ret_answer: the sums; their number is that of what is told apart, not of records
 *
 * Return: 0, -EINVAL for edges that do not ascend or lie beyond all time, INDEX_E_DAMAGED,
 *         INDEX_E_BUSY, or another negative errno.
 */
int index_ask(struct index *index, const struct index_query *query,
              struct index_answer **ret_answer) {
        _cleanup_(ask_free) struct ask ask = { .db = &index->db, .query = query };
        int r;

        if (query->n_edges < 2 || query->edges[query->n_edges - 1] > INDEX_END)
                return -EINVAL;
        for (size_t i = 1; i < query->n_edges; i++)
                if (query->edges[i - 1] > query->edges[i])
                        return -EINVAL;

        /* all of it as it stands at one moment, whatever somebody else takes in meanwhile */
        r = index->supposes ? 0 : db_run(ask.db, DB_BEGIN_READ);
        if (r)
                return r;
        r = ask_run(&ask);
        if (!index->supposes)
                (void)db_run(ask.db, DB_ROLLBACK);
        if (r)
                return db_reason(ask.db, r);
        ask.answer->keys = pointer_steal(&ask.groups);
        *ret_answer = pointer_steal(&ask.answer);
        return 0;
}
