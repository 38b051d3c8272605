/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The content of a report.
 *
 * Owns: the queries to the index, the order of rows, shares, and the estimate.
 */

#include "reportdata.h"

#include "reportspans.h"
#include "reportusers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An estimate of a month of which less is over says nothing. */
#define REPORTDATA_ELAPSED_MIN 0.01

/* What the keys of a table point to. */
struct report_kept {
        struct index_answer *answer;
        struct reportspans *spans;
};

/**
 * reportdata_is_known() - tell whether anything is known of a row's bytes
 * @row:        the row
 *
 * Return: false if not one of its sessions was counted, or a sum is no number.
 */
bool reportdata_is_known(const struct report_row *row) {
        if (row->in == INDEX_UNKNOWN || row->out == INDEX_UNKNOWN)
                return false;
        return row->in || row->out || row->unknown + row->excluded < row->sessions ||
               !row->sessions;
}

/**
 * reportdata_total() - add both directions
 * @row:        the row
 * @ret_total:  bytes
 *
 * Return: false if nothing is known of them, or the sum is no number any more.
 */
bool reportdata_total(const struct report_row *row, uint64_t *ret_total) {
        return reportdata_is_known(row) && !__builtin_add_overflow(row->in, row->out, ret_total);
}

static void reportdata_table_clear(struct report_table *table) {
        struct report_kept *kept = table->kept;

        if (kept) {
                (void)index_ask_free(kept->answer);
                (void)reportspans_free(kept->spans);
        }
        free(kept);
        free(table->rows);
}

/**
 * reportdata_free() - end what reportdata_new() made
 * @data:       the report, or NULL
 *
 * Return: NULL.
 */
struct report_data *reportdata_free(struct report_data *data) {
        if (data) {
                reportdata_table_clear(&data->table);
                reportdata_table_clear(&data->days);
                reportdata_table_clear(&data->bars);
                reportdata_table_clear(&data->hosts);
                gaps_clear(&data->gaps);
        }
        free(data);
        return NULL;
}

static int reportdata_order(uint64_t a, uint64_t b) {
        return a < b ? -1 : a > b;
}

/* Unknown ones last. */
static int reportdata_order_text(const char *a, const char *b) {
        if (!a || !b)
                return (a == NULL) - (b == NULL);
        return strcmp(a, b);
}

static int reportdata_order_keys(const struct report_row *a, const struct report_row *b,
                                 const struct report_table *table) {
        int r = 0;

        for (size_t i = 0; i < REPORTDATA_KEYS_MAX && !r; i++)
                r = reportby_is_time(table->by[i]) ? reportdata_order(a->begin, b->begin)
                                                   : reportdata_order_text(a->key[i], b->key[i]);
        return r;
}

struct report_order {
        enum report_sort sort;
        const struct report_table *table;
};

static int reportdata_compare(const void *a, const void *b, void *context) {
        const struct report_row *x = a, *y = b;
        const struct report_order *order = context;
        int r = 0;

        switch (order->sort) {
        case REPORT_SORT_DEFAULT:
        case REPORT_SORT_KEY:
                break;
        case REPORT_SORT_IN:
                r = reportdata_order(y->in, x->in);
                break;
        case REPORT_SORT_OUT:
                r = reportdata_order(y->out, x->out);
                break;
        case REPORT_SORT_TOTAL:
                r = reportdata_order(number_add(y->in, y->out), number_add(x->in, x->out));
                break;
        case REPORT_SORT_SESSIONS:
                r = reportdata_order(y->sessions, x->sessions);
                break;
        }
        return r ? r : reportdata_order_keys(x, y, order->table);
}

static struct report_row reportdata_row(const struct index_sum *sum) {
        return (struct report_row){
                .in = sum->in,
                .out = sum->out,
                .sessions = sum->sessions,
                .unknown = sum->unknown,
                .incomplete = sum->incomplete,
                .excluded = sum->excluded,
        };
}

/* all: bytes of all rows; below 0: not known */
static void reportdata_share(struct report_row *row, double all) {
        if (all < 0 || !reportdata_is_known(row))
                row->share = -1;
        else
                row->share = all > 0 ? ((double)row->in + (double)row->out) / all : 0;
}

/* Rows of an answer, and their total. */
static int reportdata_rows(struct report_table *table, const struct report_kept *kept) {
        const struct index_answer *answer = kept->answer;
        const uint64_t *edges = kept->spans->edges;
        double all = -1;

        table->rows = calloc(answer->n + 1, sizeof(*table->rows));
        if (!table->rows)
                return -ENOMEM;
        table->n = table->n_all = answer->n;
        table->total = reportdata_row(&answer->total);
        table->total.begin = edges[0];
        table->total.end = edges[kept->spans->n];
        if (answer->total.in != INDEX_UNKNOWN && answer->total.out != INDEX_UNKNOWN)
                all = (double)table->total.in + (double)table->total.out;
        reportdata_share(&table->total, all);
        for (size_t i = 0; i < answer->n; i++) {
                const struct index_sum *sum = &answer->sums[i];
                struct report_row *row = &table->rows[i];

                *row = reportdata_row(sum);
                row->begin = edges[sum->span];
                row->end = edges[sum->span + 1];
                reportdata_share(row, all);
                for (size_t key = 0; key < REPORTDATA_KEYS_MAX; key++)
                        row->key[key] = reportby_is_time(table->by[key])
                                                ? kept->spans->labels[sum->span]
                                                : sum->key[key];
        }
        return 0;
}

/**
 * reportdata_query() - ask the index for what a report is of
 * @query:      what is wanted
 *
 * Return: a query without times and keys.
 */
struct index_query reportdata_query(const struct report_query *query) {
        return (struct index_query){
                .layer = query->layer,
                .user = query->user,
                .wanted = query->filter ? filter_match_sum : NULL,
                .context = query->filter,
        };
}

/* Ask for one table. */
static int reportdata_ask(struct index *index, const struct report_query *query,
                          const struct report_data *data, struct report_table *table) {
        const struct calendar calendar = { data->now, data->billing_day };
        struct index_query ask = reportdata_query(query);
        struct report_order order = { .sort = query->sort, .table = table };
        enum report_by time = REPORT_NONE;
        struct report_kept *kept;
        int r;

        kept = table->kept = calloc(1, sizeof(*kept));
        if (!kept)
                return -ENOMEM;
        for (size_t i = 0; i < REPORTDATA_KEYS_MAX; i++) {
                ask.by[i] = reportby_key(table->by[i]);
                if (reportby_is_time(table->by[i]))
                        time = table->by[i];
        }
        r = reportspans_new(time, data->since, data->until, &calendar, &kept->spans);
        if (r < 0)
                return r;
        ask.edges = kept->spans->edges;
        ask.n_edges = kept->spans->n + 1;
        r = index_ask(index, &ask, &kept->answer);
        if (!r)
                r = reportdata_rows(table, kept);
        if (r)
                return r;
        if (order.sort == REPORT_SORT_DEFAULT && !time)
                order.sort = REPORT_SORT_TOTAL;
        qsort_r(table->rows, table->n, sizeof(*table->rows), reportdata_compare, &order);
        return 0;
}

/* Return: false for what is no number, now or then. */
static bool reportdata_at_pace(uint64_t bytes, double elapsed, uint64_t *ret_estimate) {
        double estimate = (double)bytes / elapsed;

        if (estimate >= (double)UINT64_MAX)
                return false;
        *ret_estimate = (uint64_t)estimate;
        return true;
}

/* What the running month will come to, where the report goes to the present: what there is, and for
 * the rest of the month as much as there was in the same time, since the month or the log began. */
static int reportdata_estimate(struct index *index, const struct report_query *query,
                               struct report_data *data) {
        const struct calendar calendar = { data->now, data->billing_day };
        uint64_t begin = calendar_month(&calendar, 0);
        uint64_t end = reportspans_next(REPORT_MONTH, begin, &calendar);
        uint64_t since = data->counts.first > begin ? data->counts.first : begin;
        const uint64_t edges[] = { begin, data->now };
        struct index_query ask = reportdata_query(query);
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        struct report_estimate *estimate = &data->estimate;
        double known;
        int r;

        if (data->until < data->now || data->now <= since || end <= data->now)
                return 0;
        known = (double)(data->now - since) / (double)(end - since);
        if ((double)(data->now - since) / (double)(end - begin) < REPORTDATA_ELAPSED_MIN)
                return 0;
        ask.edges = edges;
        ask.n_edges = 2;
        r = index_ask(index, &ask, &answer);
        if (r)
                return r;
        reportspans_label(REPORT_MONTH, data->now, &calendar, estimate->label);
        estimate->elapsed = (double)(data->now - begin) / (double)(end - begin);
        estimate->in = answer->total.in;
        estimate->out = answer->total.out;
        /* of nothing there is nothing to tell */
        estimate->known = (estimate->in || estimate->out) &&
                          reportdata_at_pace(estimate->in, known, &estimate->estimated_in) &&
                          reportdata_at_pace(estimate->out, known, &estimate->estimated_out);
        return 0;
}

/* The index has whole quarters of an hour, and so has what is told of the period. */
static void reportdata_period(const struct report_query *query, struct report_data *data) {
        const struct index_counts *counts = &data->counts;
        uint64_t end = query->period.end + INDEX_SLOT - 1;

        end -= end % INDEX_SLOT;
        if (query->period.end <= data->now && end > data->now)
                end = data->now;
        data->since = query->period.since ? query->period.begin : counts->first;
        /* also what a clock that was ahead wrote */
        data->until = query->period.until         ? end
                      : counts->last >= data->now ? counts->last + 1
                                                  : data->now;
        if (data->since > data->until || (!query->period.since && !counts->records))
                data->since = data->until -= data->until % INDEX_SLOT; /* nothing */
        else if (query->period.since)
                data->since -= data->since % INDEX_SLOT;
}

/* What the page's chart is by: the first word that is no time. */
static enum report_by reportdata_bars_by(const struct report_query *query) {
        for (size_t i = 0; i < REPORTDATA_KEYS_MAX; i++)
                if (query->by[i] && !reportby_is_time(query->by[i]))
                        return query->by[i];
        return REPORT_USER;
}

/**
 * reportdata_new() - make a report
 * @index:      the index
 * @query:      what is wanted
 * @ret_data:   the report
 *
 * Return: 0, -E2BIG if it would have more than REPORTSPANS_MAX hours, or as index_ask().
 */
int reportdata_new(struct index *index, const struct report_query *query,
                   struct report_data **ret_data) {
        _cleanup_(reportdata_freep) struct report_data *data = calloc(1, sizeof(*data));
        const struct report_kept *kept;
        int r;

        if (!data)
                return -ENOMEM;
        data->ledger = query->ledger;
        data->layer = query->layer;
        data->utc = query->period.utc;
        data->now = query->now;
        data->billing_day = query->billing_day;
        memcpy(data->table.by, query->by, sizeof(data->table.by));
        data->days.by[0] = REPORT_DAY;
        data->bars.by[0] = reportdata_bars_by(query);
        data->hosts.by[0] = REPORT_HOST;

        r = index_counts(index, &data->counts);
        if (!r && query->ledger == INDEX_USERS)
                r = index_counts_accounts(index, query->interval, &data->counts);
        if (r)
                return r;
        reportdata_period(query, data);
        r = reportdata_ask(index, query, data, &data->table);
        if (!r && query->with_series) {
                struct report_table *const more[] = { &data->days, &data->bars, &data->hosts };
                struct report_query series = *query;

                series.sort = REPORT_SORT_DEFAULT;
                for (size_t i = 0; i < sizeof(more) / sizeof(*more) && !r; i++)
                        r = reportdata_ask(index, &series, data, more[i]);
        }
        if (!r)
                r = reportdata_estimate(index, query, data);
        if (!r)
                r = index_marks(index, data->since, data->until, &data->gaps);
        if (r)
                return r;
        kept = data->table.kept;
        data->ports_known = data->excluded_known = kept->answer->n_ports > 0;
        data->ports = kept->answer->all_ports;
        if (data->ledger == INDEX_USERS)
                r = reportusers_finish(index, query, data);
        if (r)
                return r;
        data->of_some = query->user || query->filter;
        if (query->limit && query->limit < data->table.n)
                data->table.n = query->limit;
        *ret_data = pointer_steal(&data);
        return 0;
}

/**
 * reportdata_noun() - name what a report counts
 * @data:       the report
 * @capital:    whether the word stands alone, or begins a sentence
 *
 * Return: the word, to which an s may be added.
 */
const char *reportdata_noun(const struct report_data *data, bool capital) {
        if (data->ledger == INDEX_USERS)
                return capital ? "Account" : "account";
        return capital ? "Session" : "session";
}
