/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a report of users has beside its rows, and what it cannot know.
 *
 * Owns: what it means for a row that users were not counted for some of its time. Anybody may have
 * moved something meanwhile, so each account of a row whose time it touches may miss bytes. Where
 * there is no account at all, nothing is known.
 */

#include "reportusers.h"

#include <string.h>

static const char *reportusers_host(const struct report_table *table,
                                    const struct report_row *row) {
        for (size_t i = 0; i < REPORTDATA_KEYS_MAX; i++)
                if (table->by[i] == REPORT_HOST)
                        return row->key[i];
        return NULL;
}

/* A report of no time at all is one of its moment. */
static bool reportusers_touch(const struct gaps *gaps, const struct report_row *row,
                              const char *host) {
        const uint64_t end = row->end > row->begin ? row->end : row->begin + 1;

        for (size_t i = 0; i < gaps->n; i++) {
                const struct gap *gap = &gaps->of[i];

                if (gap->begin < end && gap->end > row->begin &&
                    (!host || !*gap->host || !strcmp(host, gap->host)))
                        return true;
        }
        return false;
}

static void reportusers_row(const struct gaps *gaps, struct report_row *row, const char *host) {
        if (!reportusers_touch(gaps, row, host))
                return;
        row->incomplete = row->sessions;
        if (!row->sessions) {
                row->in = row->out = INDEX_UNKNOWN;
                row->share = -1;
        }
}

static void reportusers_table(const struct gaps *gaps, struct report_table *table) {
        for (size_t i = 0; i < table->n_all; i++)
                reportusers_row(gaps, &table->rows[i], reportusers_host(table, &table->rows[i]));
        if (table->kept)
                reportusers_row(gaps, &table->total, NULL);
}

static void reportusers_doubt(struct report_data *data) {
        struct report_table *const tables[] = { &data->table, &data->days, &data->bars,
                                                &data->hosts };

        for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
                reportusers_table(&data->gaps, tables[i]);
}

/* What moved with excluded networks is in no row. */
static int reportusers_excluded(struct index *index, const struct report_query *query,
                                struct report_data *data) {
        const uint64_t edges[] = { data->since, data->until };
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        struct index_query ask = reportdata_query(query);
        int r;

        ask.layer = INDEX_EXCLUDED;
        ask.edges = edges;
        ask.n_edges = 2;
        r = index_ask(index, &ask, &answer);
        if (r)
                return r;
        data->excluded_known = !answer->total.unknown && data->table.total.in != INDEX_UNKNOWN;
        data->ports.excluded_in = answer->total.in;
        data->ports.excluded_out = answer->total.out;
        return 0;
}

/**
 * reportusers_finish() - say of the rows what may be missing, and what is in none
 * @index:      the index
 * @query:      what is wanted
 * @data:       the report, of the users' ledger, with its gaps
 *
 * Return: 0, or as index_ask().
 */
int reportusers_finish(struct index *index, const struct report_query *query,
                       struct report_data *data) {
        reportusers_doubt(data);
        return reportusers_excluded(index, query, data);
}
