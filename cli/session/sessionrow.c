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
        [SESSIONROW_START] = { "START", 0 },
        [SESSIONROW_END] = { "END", TABLE_YIELD_FIRST },
        [SESSIONROW_USER] = { "USER", 0 },
        [SESSIONROW_KEY] = { "KEY", TABLE_YIELD_NEXT },
        [SESSIONROW_FROM] = { "FROM", TABLE_TRUNCATE },
        [SESSIONROW_KIND] = { "KIND", TABLE_YIELD_NEXT },
        [SESSIONROW_IN] = { "IN", TABLE_RIGHT },
        [SESSIONROW_OUT] = { "OUT", TABLE_RIGHT },
        [SESSIONROW_TIME] = { "LASTED", TABLE_RIGHT },
        [SESSIONROW_CAUSE] = { "CAUSE", TABLE_YIELD_LAST },
        [SESSIONROW_SESSION] = { "SESSION", 0 },
};

const struct table_column sessionrow_event_columns[SESSIONROW_COLUMNS] = {
        [SESSIONROW_START] = { "TIME", 0 },
        [SESSIONROW_END] = { "EVENT", 0 },
        [SESSIONROW_USER] = { "USER", 0 },
        [SESSIONROW_KEY] = { "KEY", TABLE_YIELD_FIRST },
        [SESSIONROW_FROM] = { "FROM", TABLE_TRUNCATE },
        [SESSIONROW_KIND] = { "KIND", TABLE_YIELD_NEXT },
        [SESSIONROW_IN] = { "IN", TABLE_RIGHT },
        [SESSIONROW_OUT] = { "OUT", TABLE_RIGHT },
        [SESSIONROW_TIME] = { "LASTED", TABLE_RIGHT | TABLE_YIELD_LAST },
        [SESSIONROW_CAUSE] = { "CAUSE", TABLE_YIELD_NEXT },
        [SESSIONROW_SESSION] = { "SESSION", 0 },
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

/**
 * sessionrow_bytes() - make a cell of a total of a record
 * @exact:      as it is
 * @record:     the record
 * @number:     the total, or RECORD_UNKNOWN
 * @cell:       gets the text; with a ~ before it if it may be wrong (complete is false)
 */
void sessionrow_bytes(bool exact, const struct record *record, int64_t number,
                      char cell[static TABLE_CELL_MAX]) {
        /* a start record does not know yet */
        bool about = !record->complete && strcmp(record->event, "start") != 0;

        *cell = '\0';
        if (number == RECORD_UNKNOWN)
                return;
        cell[0] = '~';
        sessionrow_number(exact, number, cell + about);
}

/**
 * sessionrow_processes() - tell what the programs of a login moved beside its connection
 * @record:     the record
 *
 * Return: bytes in both directions, or RECORD_UNKNOWN.
 */
int64_t sessionrow_processes(const struct record *record) {
        int64_t sum;

        if (record->process_in_bytes == RECORD_UNKNOWN ||
            record->process_out_bytes == RECORD_UNKNOWN ||
            __builtin_add_overflow(record->process_in_bytes, record->process_out_bytes, &sum))
                return RECORD_UNKNOWN;
        return sum;
}

/**
 * sessionrow_session() - make a cell of a session's id
 * @record:     the record
 * @cell:       gets the end of the id, which every command takes for the whole: it is random
 */
void sessionrow_session(const struct record *record, char cell[static TABLE_CELL_MAX]) {
        size_t length = strlen(record->session);

        (void)snprintf(cell, TABLE_CELL_MAX, "%s",
                       record->session + (length > SESSIONROW_ID ? length - SESSIONROW_ID : 0));
}

/* From USER on, which both tables have. */
static void sessionrow_rest(const struct table *table, const struct record *record, bool exact,
                            const char *cause, struct table_cells *cells) {
        table_text(table, record->user, cells->of[SESSIONROW_USER]);
        sessionrow_key(table, record, cells->of[SESSIONROW_KEY]);
        table_text(table, record->remote_addr, cells->of[SESSIONROW_FROM]);
        table_text(table, record->kind, cells->of[SESSIONROW_KIND]);
        sessionrow_bytes(exact, record, record->in_bytes, cells->of[SESSIONROW_IN]);
        sessionrow_bytes(exact, record, record->out_bytes, cells->of[SESSIONROW_OUT]);
        *cells->of[SESSIONROW_TIME] = '\0';
        if (record->duration != RECORD_UNKNOWN)
                human_duration((uint64_t)record->duration, cells->of[SESSIONROW_TIME]);
        table_text(table, cause, cells->of[SESSIONROW_CAUSE]);
        sessionrow_session(record, cells->of[SESSIONROW_SESSION]);
}

/**
 * sessionrow_ended() - tell when a session ended
 * @record:     what says most about it
 *
 * Return: microseconds of CLOCK_REALTIME; 0: it is open, or nobody saw its end.
 */
uint64_t sessionrow_ended(const struct record *record) {
        if (strcmp(record->event, "stop") != 0 || record->duration == RECORD_UNKNOWN)
                return 0;
        return number_add(summary_began(record), (uint64_t)record->duration);
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
        uint64_t began = summary_began(record), ended = sessionrow_ended(record);

        human_minute(began, 0, ret_cells->of[SESSIONROW_START]);
        *ret_cells->of[SESSIONROW_END] = '\0';
        if (ended)
                human_minute(ended, began, ret_cells->of[SESSIONROW_END]);
        sessionrow_rest(table, record, exact, record->terminate_cause, ret_cells);
        /* this column is never left out */
        if (strcmp(record->event, "stop") != 0)
                (void)strcpy(ret_cells->of[SESSIONROW_TIME], "open");
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
        human_time(time, ret_cells->of[SESSIONROW_START]);
        table_text(table, record->event, ret_cells->of[SESSIONROW_END]);
        sessionrow_rest(table, record, exact, record->terminate_cause, ret_cells);
}
