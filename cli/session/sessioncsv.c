/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A session as a row of CSV.
 *
 * Owns: the columns. Their names are those of the record's keys; start and end are beside them.
 */

#include "sessioncsv.h"

#include "base/base.h"
#include "cli/shared/csvtext.h"
#include "sessionrow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * sessioncsv_headings() - print the columns' names
 */
void sessioncsv_headings(void) {
        (void)puts("session,start,end,host,service,user,uid,auth_method,auth_key,remote_addr,"
                   "remote_port,local_addr,local_port,in_bytes,out_bytes,duration,terminate_cause,"
                   "complete,excluded,kind,time");
}

static int sessioncsv_text(const char *text) {
        int r = csvtext_print(text);

        if (!r)
                (void)putchar(',');
        return r;
}

/* What is not known is an empty cell. */
static void sessioncsv_number(int64_t number) {
        if (number != RECORD_UNKNOWN)
                (void)printf("%" PRId64, number);
        (void)putchar(',');
}

static void sessioncsv_moment(uint64_t moment) {
        char text[CLOCK_TEXT_MAX] = "";

        if (moment)
                clock_format(moment, text);
        (void)printf("%s,", text);
}

static int sessioncsv_who(const struct record *record) {
        int r = sessioncsv_text(record->host);

        if (!r)
                r = sessioncsv_text(record->service);
        if (!r)
                r = sessioncsv_text(record->user);
        if (r)
                return r;
        sessioncsv_number(record->uid);
        r = sessioncsv_text(record->auth_method);
        return r ? r : sessioncsv_text(record->auth_key);
}

/**
 * sessioncsv_print() - print a session's row
 * @record:     what says most about the session
 *
 * Return: 0 or -ENOMEM.
 */
int sessioncsv_print(const struct record *record) {
        bool started = !strcmp(record->event, "start");
        int r = sessioncsv_text(record->session);

        if (r)
                return r;
        sessioncsv_moment(summary_began(record));
        sessioncsv_moment(sessionrow_ended(record));
        r = sessioncsv_who(record);
        if (!r)
                r = sessioncsv_text(record->remote_addr);
        if (r)
                return r;
        sessioncsv_number(record->remote_port);
        r = sessioncsv_text(record->local_addr);
        if (r)
                return r;
        sessioncsv_number(record->local_port);
        sessioncsv_number(record->in_bytes);
        sessioncsv_number(record->out_bytes);
        if (record->duration != RECORD_UNKNOWN)
                (void)printf("%.6f", (double)record->duration / 1e6);
        (void)putchar(',');
        r = sessioncsv_text(record->terminate_cause);
        if (r)
                return r;
        /* a start record does not know yet whether it is */
        (void)printf("%s,%s,",
                     started            ? ""
                     : record->complete ? "true"
                                        : "false",
                     record->excluded ? "true" : "false");
        r = sessioncsv_text(record->kind);
        if (!r)
                r = csvtext_print(record->time);
        if (!r)
                (void)putchar('\n');
        return r;
}
