/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The line of `alert`: who is over the limit, or nobody.
 */

#ifndef CLI_ALERTLINE_H
#define CLI_ALERTLINE_H

#include "alertfault.h"
#include "cli/shared/calendar.h"
#include "index/index.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALERTLINE_NAME_MAX 128

/* What is asked, and what is known before the answer. */
struct alert {
        const char *user; /* NULL: any */
        const char *config;
        struct alert_limit {
                uint64_t bytes;
                const char *text; /* as it was typed */
        } over;
        enum { ALERT_TOTAL, ALERT_IN, ALERT_OUT } direction;
        enum { ALERT_DAY, ALERT_WEEK, ALERT_MONTH, ALERT_SPANS } per;
        enum index_ledger ledger;
        bool any, nagios, once, quiet, utc;
        bool recorded;              /* logins are, as far as PAM's files tell */
        char fault[ALERTFAULT_MAX]; /* why they are not all the same; "": they are */
        bool knows_user;            /* this host does, or none is named */
        bool others;                /* are over, of whom was told before */
        bool uncounted;             /* users were not counted all the time */
        uint64_t open_until;        /* open sessions are counted to then; 0: until now */
        struct calendar calendar;
};

/* A user of the answer. */
struct alert_user {
        const char *name;
        uint64_t bytes;
        bool incomplete;
        bool told; /* before */
};

uint64_t alertline_since(const struct alert *alert);
void alertline_name(const char *name, char ret_text[static ALERTLINE_NAME_MAX]);
void alertline_print(const struct alert *alert, const struct alert_user *users, size_t n,
                     size_t over);

#endif
