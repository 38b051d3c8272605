/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a report of users cannot know, because users were not counted for some of its time.
 *
 * Owns: what that means for a row. Anybody may have moved something meanwhile, so each account of a
 * row whose time it touches may miss bytes. Where there is no account at all, nothing is known.
 */

#include "reportgaps.h"

#include <string.h>

static const char *reportgaps_host(const struct report_table *table, const struct report_row *row) {
        for (size_t i = 0; i < REPORTDATA_KEYS_MAX; i++)
                if (table->by[i] == REPORT_HOST)
                        return row->key[i];
        return NULL;
}

/* A report of no time at all is one of its moment. */
static bool reportgaps_touch(const struct gaps *gaps, const struct report_row *row,
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

static void reportgaps_row(const struct gaps *gaps, struct report_row *row, const char *host) {
        if (!reportgaps_touch(gaps, row, host))
                return;
        row->incomplete = row->sessions;
        if (!row->sessions) {
                row->in = row->out = INDEX_UNKNOWN;
                row->share = -1;
        }
}

static void reportgaps_table(const struct gaps *gaps, struct report_table *table) {
        for (size_t i = 0; i < table->n_all; i++)
                reportgaps_row(gaps, &table->rows[i], reportgaps_host(table, &table->rows[i]));
        if (table->kept)
                reportgaps_row(gaps, &table->total, NULL);
}

/**
 * reportgaps_doubt() - say of the rows of a report that they may miss bytes
 * @data:       the report, of the users' ledger, with its gaps
 */
void reportgaps_doubt(struct report_data *data) {
        struct report_table *const tables[] = { &data->table, &data->days, &data->bars,
                                                &data->hosts };

        for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
                reportgaps_table(&data->gaps, tables[i]);
}
