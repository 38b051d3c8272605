/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * An open session as a row of a table for people.
 *
 * Owns: the columns of the command list.
 */

#include "openrow.h"

#include "cli/shared/human.h"
#include "sessionrow.h"

#include <stdio.h>
#include <string.h>

const struct table_column openrow_columns[OPENROW_COLUMNS] = {
        [OPENROW_USER] = { "USER", 0 },
        [OPENROW_KEY] = { "KEY", TABLE_YIELD_FIRST },
        [OPENROW_FROM] = { "FROM", TABLE_TRUNCATE },
        [OPENROW_KIND] = { "KIND", TABLE_YIELD_NEXT },
        [OPENROW_SINCE] = { "SINCE", 0 },
        [OPENROW_IN] = { "IN", TABLE_RIGHT },
        [OPENROW_OUT] = { "OUT", TABLE_RIGHT },
        [OPENROW_RATE] = { "RATE", TABLE_RIGHT },
        [OPENROW_SESSION] = { "SESSION", 0 },
        [OPENROW_PROCESSES] = { "PROCESSES", TABLE_RIGHT | TABLE_YIELD_NEXT },
};

/**
 * openrow_cells() - make an open session's row
 * @table:      the table
 * @session:    the session
 * @exact:      numbers of bytes as they are
 * @ret_cells:  the row
 */
void openrow_cells(const struct table *table, const struct opens_session *session, bool exact,
                   struct table_cells *ret_cells) {
        const struct record *record = session->record;

        table_text(table, record->user, ret_cells->of[OPENROW_USER]);
        sessionrow_key(table, record, ret_cells->of[OPENROW_KEY]);
        table_text(table, record->remote_addr, ret_cells->of[OPENROW_FROM]);
        table_text(table, record->kind, ret_cells->of[OPENROW_KIND]);
        human_minute(summary_began(record), 0, ret_cells->of[OPENROW_SINCE]);
        sessionrow_bytes(exact, record, record->in_bytes, ret_cells->of[OPENROW_IN]);
        sessionrow_bytes(exact, record, record->out_bytes, ret_cells->of[OPENROW_OUT]);
        sessionrow_number(exact, opens_rate(session), ret_cells->of[OPENROW_RATE]);
        sessionrow_number(exact, sessionrow_processes(record), ret_cells->of[OPENROW_PROCESSES]);
        sessionrow_session(record, ret_cells->of[OPENROW_SESSION]);
}

/**
 * openrow_count() - tell how many columns there are
 * @opens:      the sessions
 *
 * Return: one less if of no session it is known what its programs moved.
 */
size_t openrow_count(const struct opens *opens) {
        for (size_t i = 0; i < opens->n; i++)
                if (sessionrow_processes(opens->sessions[i].record) != RECORD_UNKNOWN)
                        return OPENROW_COLUMNS;
        return OPENROW_PROCESSES;
}
