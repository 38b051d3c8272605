/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The content of `top`'s screen, as lines.
 *
 * Owns: the columns and their widths. Hostile text gets into a line only by text_to_line(), which
 * escapes it.
 * Relies on: wcwidth(3) for the width of a character.
 */

#include "toptext.h"

#include "base/base.h"
#include "cli/session/sessionrow.h"
#include "cli/shared/human.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

/* More of a text is not shown on any terminal. */
#define TOPTEXT_CELL_MAX 256
#define TOPTEXT_NARROW 60

enum toptext_column {
        TOPTEXT_USER,
        TOPTEXT_KEY,
        TOPTEXT_FROM,
        TOPTEXT_OPEN,
        TOPTEXT_IN,
        TOPTEXT_OUT,
        TOPTEXT_IN_RATE,
        TOPTEXT_OUT_RATE,
        TOPTEXT_PROCESSES,
        TOPTEXT_SESSION,
        TOPTEXT_COLUMNS,
};

/* In 80 columns, all but the programs of the login have room. */
static const struct {
        const char *name;
        unsigned int least;
        unsigned int most;
        bool right;
} toptext_columns_of[TOPTEXT_COLUMNS] = {
        [TOPTEXT_USER] = { "USER", 8, 32, false },
        [TOPTEXT_KEY] = { "KEY", SESSIONROW_KEY_MAX, SESSIONROW_KEY_MAX, false },
        [TOPTEXT_FROM] = { "FROM", 15, 39, false },
        [TOPTEXT_OPEN] = { "OPEN", 6, 6, true },
        [TOPTEXT_IN] = { "IN", 6, 6, true },
        [TOPTEXT_OUT] = { "OUT", 6, 6, true },
        [TOPTEXT_IN_RATE] = { "IN/s", 5, 5, true },
        [TOPTEXT_OUT_RATE] = { "OUT/s", 5, 5, true },
        [TOPTEXT_PROCESSES] = { "PROCS", 6, 6, true },
        [TOPTEXT_SESSION] = { "SESSION", SESSIONROW_ID, SESSIONROW_ID, false },
};

struct toptext_cells {
        char of[TOPTEXT_COLUMNS][TOPTEXT_CELL_MAX];
};

/* Each its least, if there is room for it at all; the session before anybody gets more. */
static void toptext_widths(unsigned int width, unsigned int ret_widths[static TOPTEXT_COLUMNS]) {
        static const enum toptext_column wanted[] = {
                TOPTEXT_USER, TOPTEXT_IN_RATE, TOPTEXT_OUT_RATE, TOPTEXT_IN,      TOPTEXT_OUT,
                TOPTEXT_FROM, TOPTEXT_OPEN,    TOPTEXT_KEY,      TOPTEXT_SESSION, TOPTEXT_PROCESSES
        };
        static const enum toptext_column grow[] = { TOPTEXT_FROM, TOPTEXT_USER };
        unsigned int left = width + 1;

        (void)memset(ret_widths, 0, TOPTEXT_COLUMNS * sizeof(*ret_widths));
        for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
                unsigned int least = toptext_columns_of[wanted[i]].least;

                if (least + 1 > left)
                        break;
                ret_widths[wanted[i]] = least;
                left -= least + 1;
        }
        for (size_t i = 0; i < sizeof(grow) / sizeof(*grow); i++) {
                unsigned int more = toptext_columns_of[grow[i]].most - ret_widths[grow[i]];

                if (!ret_widths[grow[i]])
                        continue;
                more = more < left ? more : left;
                ret_widths[grow[i]] += more;
                left -= more;
        }
}

/* How many bytes of a text have room in a width; what they take. */
static size_t toptext_fit(const char *text, unsigned int width, unsigned int *ret_taken) {
        mbstate_t state = { 0 };
        unsigned int taken = 0;
        size_t used = 0;

        while (text[used]) {
                wchar_t character;
                size_t n = mbrtowc(&character, text + used, strlen(text + used), &state);
                int wide = n > 8 ? -1 : wcwidth(character);

                if (wide < 0 || taken + (unsigned int)wide > width)
                        break;
                used += n;
                taken += (unsigned int)wide;
        }
        *ret_taken = taken;
        return used;
}

/* Append a text that takes just the width; what is cut ends with a plus sign. */
static void toptext_put(char line[static TOPTEXT_LINE_MAX], const char *text, unsigned int width,
                        bool right) {
        size_t used = strlen(line), room = TOPTEXT_LINE_MAX - used;
        unsigned int taken;
        size_t n = toptext_fit(text, width, &taken);
        bool cut = text[n] && width;

        if (cut)
                n = toptext_fit(text, width - 1, &taken);
        (void)snprintf(line + used, room, "%*s%.*s%s%*s", right && !cut ? (int)(width - taken) : 0,
                       "", (int)n, text, cut ? "+" : "",
                       right && !cut ? 0 : (int)(width - taken - cut), "");
}

static void toptext_line(const struct toptext_cells *cells, unsigned int width,
                         char ret_line[static TOPTEXT_LINE_MAX]) {
        unsigned int widths[TOPTEXT_COLUMNS];

        toptext_widths(width < TOPTEXT_WIDTH_MAX ? width : TOPTEXT_WIDTH_MAX, widths);
        ret_line[0] = '\0';
        for (size_t i = 0; i < TOPTEXT_COLUMNS; i++) {
                if (!widths[i])
                        continue;
                if (*ret_line)
                        toptext_put(ret_line, "", 1, false);
                toptext_put(ret_line, cells->of[i], widths[i], toptext_columns_of[i].right);
        }
        for (size_t n = strlen(ret_line); n && ret_line[n - 1] == ' '; n--)
                ret_line[n - 1] = '\0';
}

static void toptext_number(int64_t number, char *ret_cell) {
        char text[HUMAN_TEXT_MAX] = "";

        if (number != RECORD_UNKNOWN)
                human_bytes((uint64_t)number, text);
        (void)snprintf(ret_cell, TOPTEXT_CELL_MAX, "%s", text);
}

static void toptext_text(const char *text, char *ret_cell) {
        if (!strcmp(nl_langinfo(CODESET), "UTF-8"))
                text_to_line(text ? text : "", ret_cell, TOPTEXT_CELL_MAX);
        else
                text_to_ascii(text ? text : "", ret_cell, TOPTEXT_CELL_MAX);
}

/**
 * toptext_head() - make the first line: host, time, sessions, sum of the rates
 * @look:       the look
 * @width:      columns
 * @ret_line:   the line
 */
void toptext_head(const struct toplook *look, unsigned int width,
                  char ret_line[static TOPTEXT_LINE_MAX]) {
        char host[TOPTEXT_CELL_MAX], time[HUMAN_TEXT_MAX];
        char in[HUMAN_TEXT_MAX], out[HUMAN_TEXT_MAX], text[2 * TOPTEXT_CELL_MAX];
        unsigned int taken;
        size_t used;

        toptext_text(look->host, host);
        human_time(look->realtime, time);
        human_bytes((uint64_t)look->in_rate, in);
        human_bytes((uint64_t)look->out_rate, out);
        /* on a narrow screen, the figures are what matters */
        if (width < TOPTEXT_NARROW)
                text[0] = '\0';
        else
                (void)snprintf(text, sizeof(text), "%s, %s: ", host, time);
        used = strlen(text);
        if (look->opens->live)
                (void)snprintf(text + used, sizeof(text) - used, "%zu open, in %s, out %s bytes/s",
                               look->opens->n, in, out);
        else
                (void)snprintf(text + used, sizeof(text) - used, "%zu open, by their last records",
                               look->opens->n);
        (void)snprintf(ret_line, TOPTEXT_LINE_MAX, "%.*s", (int)toptext_fit(text, width, &taken),
                       text);
}

/**
 * toptext_columns() - make the line with the columns' names
 * @width:      columns of the terminal
 * @ret_line:   the line
 */
void toptext_columns(unsigned int width, char ret_line[static TOPTEXT_LINE_MAX]) {
        struct toptext_cells cells;

        for (size_t i = 0; i < TOPTEXT_COLUMNS; i++)
                (void)snprintf(cells.of[i], TOPTEXT_CELL_MAX, "%s", toptext_columns_of[i].name);
        toptext_line(&cells, width, ret_line);
}

/**
 * toptext_row() - make a session's line
 * @look:       the look
 * @i:          which
 * @width:      columns
 * @ret_line:   the line
 */
void toptext_row(const struct toplook *look, size_t i, unsigned int width,
                 char ret_line[static TOPTEXT_LINE_MAX]) {
        const struct opens_session *session = &look->opens->sessions[i];
        const struct record *record = session->record;
        uint64_t began = summary_began(record);
        struct toptext_cells cells = { .of = { "" } };
        char span[HUMAN_TEXT_MAX];

        human_duration(look->realtime > began ? look->realtime - began : 0, span);
        toptext_text(record->user, cells.of[TOPTEXT_USER]);
        toptext_text(sessionrow_key_text(record), cells.of[TOPTEXT_KEY]);
        toptext_text(record->remote_addr, cells.of[TOPTEXT_FROM]);
        (void)snprintf(cells.of[TOPTEXT_OPEN], TOPTEXT_CELL_MAX, "%s", span);
        sessionrow_bytes(false, record, record->in_bytes, cells.of[TOPTEXT_IN]);
        sessionrow_bytes(false, record, record->out_bytes, cells.of[TOPTEXT_OUT]);
        toptext_number(session->in_rate, cells.of[TOPTEXT_IN_RATE]);
        toptext_number(session->out_rate, cells.of[TOPTEXT_OUT_RATE]);
        toptext_number(sessionrow_processes(record), cells.of[TOPTEXT_PROCESSES]);
        sessionrow_session(record, cells.of[TOPTEXT_SESSION]);
        /* a key needs no sign that it goes on */
        if (record->auth_key)
                cells.of[TOPTEXT_KEY][SESSIONROW_KEY_MAX] = '\0';
        toptext_line(&cells, width, ret_line);
}

/**
 * toptext_total() - make the line with the sums
 * @look:       the look
 * @width:      columns
 * @ret_line:   the line
 */
void toptext_total(const struct toplook *look, unsigned int width,
                   char ret_line[static TOPTEXT_LINE_MAX]) {
        struct toptext_cells cells = { .of = { "" } };

        (void)snprintf(cells.of[TOPTEXT_USER], TOPTEXT_CELL_MAX, "total");
        toptext_number(look->in_bytes, cells.of[TOPTEXT_IN]);
        toptext_number(look->out_bytes, cells.of[TOPTEXT_OUT]);
        if (look->opens->live) {
                toptext_number(look->in_rate, cells.of[TOPTEXT_IN_RATE]);
                toptext_number(look->out_rate, cells.of[TOPTEXT_OUT_RATE]);
        }
        toptext_line(&cells, width, ret_line);
}
