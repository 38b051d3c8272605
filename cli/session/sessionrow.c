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

enum sessionrow_column {
        SESSIONROW_START,
        SESSIONROW_USER,
        SESSIONROW_KEY,
        SESSIONROW_FROM,
        SESSIONROW_IN,
        SESSIONROW_OUT,
        SESSIONROW_DURATION,
        SESSIONROW_CAUSE,
        SESSIONROW_COMPLETE,
        SESSIONROW_SESSION,
};

const struct table_column sessionrow_columns[SESSIONROW_COLUMNS] = {
        [SESSIONROW_START] = { "START", 0 },
        [SESSIONROW_USER] = { "USER", 0 },
        [SESSIONROW_KEY] = { "KEY", 0 },
        [SESSIONROW_FROM] = { "FROM", 0 },
        [SESSIONROW_IN] = { "IN", TABLE_RIGHT },
        [SESSIONROW_OUT] = { "OUT", TABLE_RIGHT },
        [SESSIONROW_DURATION] = { "DURATION", TABLE_RIGHT },
        [SESSIONROW_CAUSE] = { "CAUSE", 0 },
        [SESSIONROW_COMPLETE] = { "COMPLETE", 0 },
        [SESSIONROW_SESSION] = { "SESSION", TABLE_TRUNCATE },
};

enum {
        SESSIONROW_EVENT_TIME,
        SESSIONROW_EVENT_EVENT,
        SESSIONROW_EVENT_USER,
        SESSIONROW_EVENT_KEY,
        SESSIONROW_EVENT_FROM,
        SESSIONROW_EVENT_IN,
        SESSIONROW_EVENT_OUT,
        SESSIONROW_EVENT_DURATION,
        SESSIONROW_EVENT_CAUSE,
        SESSIONROW_EVENT_SESSION,
};

const struct table_column sessionrow_event_columns[SESSIONROW_EVENT_COLUMNS] = {
        [SESSIONROW_EVENT_TIME] = { "TIME", 0 },
        [SESSIONROW_EVENT_EVENT] = { "EVENT", 0 },
        [SESSIONROW_EVENT_USER] = { "USER", 0 },
        [SESSIONROW_EVENT_KEY] = { "KEY", 0 },
        [SESSIONROW_EVENT_FROM] = { "FROM", 0 },
        [SESSIONROW_EVENT_IN] = { "IN", TABLE_RIGHT },
        [SESSIONROW_EVENT_OUT] = { "OUT", TABLE_RIGHT },
        [SESSIONROW_EVENT_DURATION] = { "DURATION", TABLE_RIGHT },
        [SESSIONROW_EVENT_CAUSE] = { "CAUSE", 0 },
        [SESSIONROW_EVENT_SESSION] = { "SESSION", TABLE_TRUNCATE },
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

static void sessionrow_span(int64_t microseconds, char cell[static TABLE_CELL_MAX]) {
        *cell = '\0';
        if (microseconds != RECORD_UNKNOWN)
                human_duration((uint64_t)microseconds, cell);
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
        /* a start record does not know yet whether it is */
        const char *complete = started ? "" : record->complete ? "yes" : "no";

        human_time(summary_began(record), ret_cells->of[SESSIONROW_START]);
        table_text(table, record->user, ret_cells->of[SESSIONROW_USER]);
        sessionrow_key(table, record, ret_cells->of[SESSIONROW_KEY]);
        table_text(table, record->remote_addr, ret_cells->of[SESSIONROW_FROM]);
        sessionrow_number(exact, record->in_bytes, ret_cells->of[SESSIONROW_IN]);
        sessionrow_number(exact, record->out_bytes, ret_cells->of[SESSIONROW_OUT]);
        sessionrow_span(record->duration, ret_cells->of[SESSIONROW_DURATION]);
        table_text(table, stopped ? record->terminate_cause : "(open)",
                   ret_cells->of[SESSIONROW_CAUSE]);
        table_text(table, complete, ret_cells->of[SESSIONROW_COMPLETE]);
        table_text(table, record->session, ret_cells->of[SESSIONROW_SESSION]);
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
        human_time(time, ret_cells->of[SESSIONROW_EVENT_TIME]);
        table_text(table, record->event, ret_cells->of[SESSIONROW_EVENT_EVENT]);
        table_text(table, record->user, ret_cells->of[SESSIONROW_EVENT_USER]);
        sessionrow_key(table, record, ret_cells->of[SESSIONROW_EVENT_KEY]);
        table_text(table, record->remote_addr, ret_cells->of[SESSIONROW_EVENT_FROM]);
        sessionrow_number(exact, record->in_bytes, ret_cells->of[SESSIONROW_EVENT_IN]);
        sessionrow_number(exact, record->out_bytes, ret_cells->of[SESSIONROW_EVENT_OUT]);
        sessionrow_span(record->duration, ret_cells->of[SESSIONROW_EVENT_DURATION]);
        table_text(table, record->terminate_cause, ret_cells->of[SESSIONROW_EVENT_CAUSE]);
        table_text(table, record->session, ret_cells->of[SESSIONROW_EVENT_SESSION]);
}
