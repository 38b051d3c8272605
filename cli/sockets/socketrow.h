/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A connection, or a sum of them, as columns.
 */

#ifndef CLI_SOCKETROW_H
#define CLI_SOCKETROW_H

#include "audit/audit.h"
#include "cli/shared/table.h"
#include "users.h"

/* In the order in which they are printed by default. */
enum socketrow_column {
        SOCKETROW_TIME,
        SOCKETROW_USER,
        SOCKETROW_UID,
        SOCKETROW_PID,
        SOCKETROW_PROGRAM,
        SOCKETROW_SESSION,
        SOCKETROW_PROTO,
        SOCKETROW_STATE,
        SOCKETROW_LOCAL,
        SOCKETROW_LOCAL_PORT,
        SOCKETROW_REMOTE,
        SOCKETROW_REMOTE_PORT,
        SOCKETROW_PORT,
        SOCKETROW_SOCKETS,
        SOCKETROW_IN_BYTES,
        SOCKETROW_IN_PACKETS,
        SOCKETROW_OUT_BYTES,
        SOCKETROW_OUT_PACKETS,
        SOCKETROW_IN_RATE,
        SOCKETROW_OUT_RATE,
        SOCKETROW_AGE,
        SOCKETROW_COLUMNS,
};

struct socketrow {
        const struct audit_row *row;
        uint64_t sockets; /* of a sum: how many */
};

/* Besides the rows. */
struct socketrow_world {
        const struct audit *audit;
        struct users *users;
        const char *time;  /* of the look */
        uint64_t interval; /* microseconds; 0: totals */
};

/* How people see a row. */
struct socketrow_form {
        bool exact;                   /* numbers as they are */
        bool local_port, remote_port; /* in a column of their own: not behind the address */
};

/* "ssh", a user, and the end of a session's id. */
#define SOCKETROW_LOGIN_MAX 160

enum socketrow_kind {
        SOCKETROW_UNKNOWN,
        SOCKETROW_NUMBER,
        SOCKETROW_BYTES, /* a number that people see in units */
        SOCKETROW_SECONDS,
        SOCKETROW_TEXT,
};

struct socketrow_value {
        enum socketrow_kind kind;
        uint64_t number;
        const char *text; /* hostile; may point to the buffer */
        char buffer[ADDRESS_TEXT_MAX];
};

bool socketrow_column_parse(const char *name, size_t size, enum socketrow_column *ret_column);
const char *socketrow_name(enum socketrow_column column);
void socketrow_value(const struct socketrow_world *world, const struct socketrow *row,
                     enum socketrow_column column, struct socketrow_value *ret_value);
int socketrow_compare(const struct socketrow_world *world, enum socketrow_column column,
                      const struct socketrow *a, const struct socketrow *b);
void socketrow_login(const struct socketrow_world *world, const struct audit_row *row, char *text,
                     size_t room);
void socketrow_cell(const struct socketrow_world *world, const struct table *table,
                    const struct socketrow *row, enum socketrow_column column,
                    const struct socketrow_form *form, char ret_cell[static TABLE_CELL_MAX]);

extern const struct table_column socketrow_columns[SOCKETROW_COLUMNS];

#endif
