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

/* Of a port, since the begin of the day that is being looked at. */
struct ask_local_port {
        int64_t bytes[2];  /* all, less those of logins, while there are records of all */
        int64_t logins[2]; /* in this slot */
        bool port;         /* there are records of all in this slot */

        /* over all days */
        bool known;
        uint64_t all[2];
        uint64_t unauthenticated[2];
};

struct ask {
        struct db *db;
        const struct index_query *query;
        struct groups *groups;
        struct ask_group *of;
        struct ask_local_port *local_ports;
        struct index_answer *answer;
        size_t room;
        int64_t unit; /* the slot or day that is being looked at */
        int64_t day;
};

static void ask_free(struct ask *ask) {
        (void)groups_free(ask->groups);
        (void)index_ask_free(ask->answer);
        free(ask->of);
        free(ask->local_ports);
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
                free(answer->sums);
        }
        free(answer);
        return NULL;
}

static void ask_take_back(int64_t *sum, int64_t number) {
        db_sum_add(sum, number == DB_NO_NUMBER ? number : -number);
}

static uint64_t ask_positive(int64_t number) {
        return number == DB_NO_NUMBER ? INDEX_UNKNOWN : number > 0 ? (uint64_t)number : 0;
}

/* What is too large is INDEX_UNKNOWN, and stays it. */
static void ask_add(uint64_t *sum, int64_t number) {
        *sum = number_add(*sum, ask_positive(number));
}

/* What the ports had in a slot or day that is over. */
static void ask_end_unit(struct ask *ask) {
        for (size_t i = 0; i < ask->groups->n_local_ports; i++) {
                struct ask_local_port *local_port = &ask->local_ports[i];

                for (size_t way = 0; way < 2; way++) {
                        if (local_port->port)
                                ask_take_back(&local_port->bytes[way], local_port->logins[way]);
                        local_port->logins[way] = 0;
                }
                local_port->port = false;
        }
}

/* The day is over: what a port moved and its sessions did not is unauthenticated traffic. The
 * records of ports and sessions are of different moments, which evens out within a day. If the
 * sessions have more even then, no traffic was unauthenticated. */
static void ask_end_day(struct ask *ask) {
        ask_end_unit(ask);
        for (size_t i = 0; i < ask->groups->n_local_ports; i++) {
                struct ask_local_port *local_port = &ask->local_ports[i];

                for (size_t way = 0; way < 2; way++) {
                        ask_add(&local_port->unauthenticated[way], local_port->bytes[way]);
                        local_port->bytes[way] = 0;
                }
        }
}

static void ask_take_local_port(struct ask *ask, const struct group_party *party, int64_t unit,
                                int64_t day, const int64_t *bytes) {
        struct ask_local_port *local_port = &ask->local_ports[party->local_port];

        if (day != ask->day)
                ask_end_day(ask);
        else if (unit != ask->unit)
                ask_end_unit(ask);
        ask->unit = unit;
        ask->day = day;
        for (size_t way = 0; way < 2; way++) {
                db_sum_add(party->port ? &local_port->bytes[way] : &local_port->logins[way],
                           bytes[way]);
                if (party->port)
                        ask_add(&local_port->all[way], bytes[way]);
        }
        local_port->port = local_port->port || party->port;
        local_port->known = local_port->known || party->port;
}

static void ask_take_group(struct ask *ask, struct ask_group *group, int64_t class, int64_t opened,
                           int64_t ended, const int64_t *bytes) {
        bool is[ASK_KINDS] = {
                [ASK_ALL] = true,
                [ASK_UNKNOWN] = class & (BUCKET_UNKNOWN << ask->query->layer),
                [ASK_INCOMPLETE] = class & BUCKET_INCOMPLETE,
                [ASK_EXCLUDED] = class & BUCKET_EXCLUDED,
        };

        for (size_t i = 0; i < ASK_KINDS; i++)
                if (is[i]) {
                        db_sum_add(&group->opened[i], opened);
                        db_sum_add(&group->ended[i], ended);
                }
        db_sum_add(&group->bytes[0], bytes[0]);
        db_sum_add(&group->bytes[1], bytes[1]);
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
                if (counted && !ask->query->user)
                        ask_take_local_port(ask, party, unit,
                                            id == DB_WALK_DAYS ? unit : unit / BUCKETS_DAY, bytes);
                if (party->group != GROUPS_NONE)
                        ask_take_group(ask, &ask->of[party->group], db_integer(statement, 2),
                                       db_integer(statement, 3), db_integer(statement, 4), bytes);
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
                        ask_take_back(&next.open[kind], group->ended[kind]);
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
                        sessions[kind] = ask_positive(there);
                }
                if (!group->touched)
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
                        .in = ask_positive(group->bytes[0]),
                        .out = ask_positive(group->bytes[1]),
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

static int ask_compare_ports(const void *a, const void *b) {
        return (int)((const struct index_port *)a)->port - ((const struct index_port *)b)->port;
}

/* The local ports that were counted, those of several hosts together. */
static int ask_ports(struct ask *ask) {
        struct index_answer *answer = ask->answer;

        answer->ports = calloc(ask->groups->n_local_ports + 1, sizeof(*answer->ports));
        if (!answer->ports)
                return -ENOMEM;
        for (size_t i = 0; i < ask->groups->n_local_ports; i++) {
                const struct ask_local_port *local_port = &ask->local_ports[i];
                uint16_t number = (uint16_t)ask->groups->local_ports[i].port;
                struct index_port *port = answer->ports;

                if (!local_port->known)
                        continue;
                while (port < answer->ports + answer->n_ports && port->port != number)
                        port++;
                answer->n_ports += port == answer->ports + answer->n_ports;
                port->port = number;
                port->in = number_add(port->in, local_port->all[0]);
                port->out = number_add(port->out, local_port->all[1]);
                port->unauthenticated_in =
                        number_add(port->unauthenticated_in, local_port->unauthenticated[0]);
                port->unauthenticated_out =
                        number_add(port->unauthenticated_out, local_port->unauthenticated[1]);
                answer->unauthenticated_in =
                        number_add(answer->unauthenticated_in, local_port->unauthenticated[0]);
                answer->unauthenticated_out =
                        number_add(answer->unauthenticated_out, local_port->unauthenticated[1]);
        }
        answer->ports_known = answer->n_ports > 0;
        qsort(answer->ports, answer->n_ports, sizeof(*answer->ports), ask_compare_ports);
        return 0;
}

static int ask_spans(struct ask *ask) {
        const struct index_query *query = ask->query;
        size_t last = query->n_edges - 1;
        int64_t begin = buckets_slot((int64_t)query->edges[0]);
        int r;

        r = ask_slots(ask, 0, begin, false);
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
        ask_end_day(ask);
        return r ? r : ask_ports(ask);
}

static int ask_run(struct ask *ask) {
        int r = groups_new(ask->db, ask->query, &ask->groups);

        if (r)
                return r;
        ask->of = calloc(ask->groups->n + 1, sizeof(*ask->of));
        ask->local_ports = calloc(ask->groups->n_local_ports + 1, sizeof(*ask->local_ports));
        ask->answer = calloc(1, sizeof(*ask->answer));
        return ask->of && ask->local_ports && ask->answer ? ask_spans(ask) : -ENOMEM;
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
        r = db_run(ask.db, DB_BEGIN_READ);
        if (r)
                return r;
        r = ask_run(&ask);
        (void)db_run(ask.db, DB_ROLLBACK);
        if (r)
                return r;
        ask.answer->keys = pointer_steal(&ask.groups);
        *ret_answer = pointer_steal(&ask.answer);
        return 0;
}
