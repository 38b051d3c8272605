/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A session as a row of a table for people.
 *
 * Owns: the columns of the command log, and those of log --follow, where a row is a record.
 */

#include "sessionrow.h"

#include "base/base.h"
#include "cli/shared/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct table_column sessionrow_columns[SESSIONROW_COLUMNS] = {
        { "START", 0 },
        { "USER", 0 },
        { "KEY", 0 },
        { "FROM", 0 },
        { "IN", TABLE_RIGHT },
        { "OUT", TABLE_RIGHT },
        { "DURATION", TABLE_RIGHT },
        { "CAUSE", 0 },
        { "COMPLETE", 0 },
        { "SESSION", TABLE_TRUNCATE },
};

const struct table_column sessionrow_event_columns[SESSIONROW_EVENT_COLUMNS] = {
        { "TIME", 0 },          { "EVENT", 0 },
        { "USER", 0 },          { "KEY", 0 },
        { "FROM", 0 },          { "IN", TABLE_RIGHT },
        { "OUT", TABLE_RIGHT }, { "DURATION", TABLE_RIGHT },
        { "CAUSE", 0 },         { "SESSION", TABLE_TRUNCATE },
};

/**
 * sessionrow_number() - make a cell of a number of bytes
 * @exact:      as it is
 * @number:     the number, or RECORD_UNKNOWN
 * @cell:       gets the text
 */
void sessionrow_number(bool exact, int64_t number, char cell[static TABLE_CELL_MAX]) {
        *cell = '\0';
        if (number == RECORD_UNKNOWN)
                return;
        if (exact)
                (void)snprintf(cell, TABLE_CELL_MAX, "%" PRId64, number);
        else
                human_bytes((uint64_t)number, cell);
}

/**
 * sessionrow_key_text() - tell how somebody proved who he is
 * @record:     has the key or the method
 *
 * Return: the key, as ssh-keygen -l has it, but without the name of the hash; or the method; or
 *         NULL. Of the key, the first SESSIONROW_KEY_MAX characters will do.
 */
const char *sessionrow_key_text(const struct record *record) {
        static const char hash[] = "SHA256:";

        if (!record->auth_key)
                return record->auth_method;
        return record->auth_key +
               (strncmp(record->auth_key, hash, strlen(hash)) ? 0 : strlen(hash));
}

/**
 * sessionrow_key() - make a cell of how somebody proved who he is
 * @table:      the table
 * @record:     has the key or the method
 * @cell:       gets the begin of the key, or the method
 */
void sessionrow_key(const struct table *table, const struct record *record,
                    char cell[static TABLE_CELL_MAX]) {
        const char *text = sessionrow_key_text(record);
        char begin[SESSIONROW_KEY_MAX + 1];

        if (text && record->auth_key && text != record->auth_key) {
                (void)snprintf(begin, sizeof(begin), "%s", text);
                text = begin;
        }
        table_text(table, text, cell);
}

/* From USER to CAUSE, which both tables have in a row. */
static void sessionrow_middle(const struct table *table, const struct record *record, bool exact,
                              const char *cause, char (*cells)[TABLE_CELL_MAX]) {
        table_text(table, record->user, cells[0]);
        sessionrow_key(table, record, cells[1]);
        table_text(table, record->remote_addr, cells[2]);
        sessionrow_number(exact, record->in_bytes, cells[3]);
        sessionrow_number(exact, record->out_bytes, cells[4]);
        *cells[5] = '\0';
        if (record->duration != RECORD_UNKNOWN)
                human_duration((uint64_t)record->duration, cells[5]);
        table_text(table, cause, cells[6]);
}

/**
 * sessionrow_cells() - make a session's row
 * @table:      the table
 * @record:     what says most about the session
 * @exact:      numbers of bytes as they are
 * @ret_cells:  the row
 */
void sessionrow_cells(const struct table *table, const struct record *record, bool exact,
                      struct table_cells *ret_cells) {
        bool stopped = !strcmp(record->event, "stop"), started = !strcmp(record->event, "start");

        human_time(summary_began(record), ret_cells->of[0]);
        sessionrow_middle(table, record, exact, stopped ? record->terminate_cause : "(open)",
                          ret_cells->of + 1);
        /* a start record does not know yet whether it is */
        table_text(table, started ? "" : record->complete ? "yes" : "no", ret_cells->of[8]);
        table_text(table, record->session, ret_cells->of[9]);
}

/**
 * sessionrow_event_cells() - make a record's row
 * @table:      the table
 * @record:     the record
 * @exact:      numbers of bytes as they are
 * @ret_cells:  the row
 */
void sessionrow_event_cells(const struct table *table, const struct record *record, bool exact,
                            struct table_cells *ret_cells) {
        uint64_t time = 0;

        (void)clock_parse(record->time, &time);
        human_time(time, ret_cells->of[0]);
        table_text(table, record->event, ret_cells->of[1]);
        sessionrow_middle(table, record, exact, record->terminate_cause, ret_cells->of + 2);
        table_text(table, record->session, ret_cells->of[9]);
}
