/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All that is known of one session, for people.
 *
 * Owns: what the values of a record mean, in words.
 */

#include "showprint.h"

#include "base/base.h"
#include "cli/shared/human.h"
#include "reading/reading.h"
#include "sessionrow.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

/* A record has one or two such texts that are long, and nobody reads more than that. */
#define SHOWPRINT_TEXT_MAX 1024

const struct table_column showprint_columns[SHOWPRINT_COLUMNS] = {
        { "TIME", 0 },           { "EVENT", 0 },        { "IN+", TABLE_RIGHT },
        { "OUT+", TABLE_RIGHT }, { "IN", TABLE_RIGHT }, { "OUT", TABLE_RIGHT },
};

static const struct table_column showprint_totals_columns[] = {
        { "", 0 },
        { "IN", TABLE_RIGHT },
        { "OUT", TABLE_RIGHT },
};

static const struct {
        const char *cause;
        const char *words;
} showprint_causes[] = {
        { "User-Request", "the client ended it" },
        { "Lost-Carrier", "the connection was lost: it was reset, or there was no answer" },
        { "Admin-Reset", "this host ended it" },
        { "NAS-Error", "its sshd died" },
        { "NAS-Reboot", "this host went down" },
};

static void showprint_text(const char *text) {
        char line[SHOWPRINT_TEXT_MAX];

        if (!strcmp(nl_langinfo(CODESET), "UTF-8"))
                text_to_line(text, line, sizeof(line));
        else
                text_to_ascii(text, line, sizeof(line));
        (void)fputs(line, stdout);
}

static void showprint_label(const char *label) {
        (void)printf("%-9s ", label);
}

/* "BEFORE TEXT", if it is known. */
static void showprint_more(const char *before, const char *text) {
        if (!text)
                return;
        (void)fputs(before, stdout);
        showprint_text(text);
}

static void showprint_more_number(const char *before, int64_t number) {
        if (number != RECORD_UNKNOWN)
                (void)printf("%s%" PRId64, before, number);
}

static void showprint_who(const struct record *record) {
        showprint_label("Session");
        showprint_text(record->session);
        showprint_more(" on ", record->host);
        (void)printf("\n");
        showprint_label("User");
        showprint_text(record->user ? record->user : "not known");
        showprint_more_number(", uid ", record->uid);
        showprint_more(", by ", record->service);
        (void)printf("\n");
        showprint_label("Process");
        (void)printf(record->pid == RECORD_UNKNOWN ? "not known" : "%" PRId64, record->pid);
        showprint_more_number(", audit session ", record->audit_session);
        showprint_more(", login session ", record->login_session);
        (void)printf("\n");
        showprint_label("Key");
        showprint_text(record->auth_method ? record->auth_method : "method not known");
        showprint_more(", ", record->auth_key);
        (void)printf("\n");
        showprint_label("From");
        showprint_text(record->remote_addr ? record->remote_addr : "not known");
        showprint_more_number(" port ", record->remote_port);
        if (record->rhost && record->remote_addr && strcmp(record->rhost, record->remote_addr) != 0)
                showprint_more(", called ", record->rhost);
        (void)printf("\n");
        showprint_label("To");
        showprint_text(record->local_addr ? record->local_addr : "not known");
        showprint_more_number(" port ", record->local_port);
        (void)printf("\n");
}

/* What it was for, with words where the word alone is not enough. */
static void showprint_kind(const struct record *record) {
        if (!record->kind)
                return;
        showprint_label("Kind");
        showprint_text(record->kind);
        (void)printf("%s\n", strcmp(record->kind, "forward")
                                     ? ""
                                     : ": nothing was seen that it ran on this host");
}

static void showprint_cause(const char *cause) {
        const char *words = NULL;

        for (size_t i = 0; cause && i < sizeof(showprint_causes) / sizeof(*showprint_causes); i++)
                if (!strcmp(cause, showprint_causes[i].cause))
                        words = showprint_causes[i].words;
        if (cause) {
                showprint_text(cause);
                (void)printf("%s%s", words ? ", " : "", words ? words : "");
        } else {
                (void)printf("it is not known why");
        }
}

static void showprint_when(const struct record *record) {
        char time[HUMAN_TEXT_MAX], span[HUMAN_TEXT_MAX] = "";
        uint64_t moment = 0;

        human_time(summary_began(record), time);
        showprint_label("Begin");
        (void)printf("%s\n", time);
        showprint_label("End");
        (void)clock_parse(record->time, &moment);
        human_time(sessionrow_ended(record) ? sessionrow_ended(record) : moment, time);
        if (record->duration != RECORD_UNKNOWN)
                human_duration((uint64_t)record->duration, span);
        if (!strcmp(record->event, "stop") && !*span && !record->terminate_cause) {
                (void)printf("not known; the last reading is from before %s", time);
        } else if (!strcmp(record->event, "stop")) {
                /* a reap may have come long after an end that nobody saw */
                (void)printf("%s%s%s%s: ", *span ? "" : "before ", time, *span ? ", after " : "",
                             span);
                showprint_cause(record->terminate_cause);
        } else if (!strcmp(record->event, LIVE_EVENT)) {
                (void)printf("still open, after %s", span);
        } else {
                (void)printf("not recorded: it is open, or will be ended by a reap; the last "
                             "record is from %s",
                             time);
        }
        (void)printf("\n");
}

/* Why a total may be wrong, by the record's word for it; records of earlier releases have none. */
static const char *showprint_why(const char *cause) {
        static const struct {
                const char *cause, *text;
        } causes[] = {
                { "begin",
                  "no: nothing counted yet when the connection began; the bytes before that\n"
                  "          are an estimate from TCP's counters" },
                { "differ",
                  "no: the rules and conntrack counted different numbers, and nothing shows\n"
                  "          which is right; the number of conntrack is shown" },
                { "foreign",
                  "no: more was counted than the session's socket can have moved: another\n"
                  "          connection had its addresses and ports, or somebody forged packets" },
                { "followed",
                  "no: the next connection had its addresses and ports before its counters\n"
                  "          were read for the last time; the bytes of that one were subtracted,\n"
                  "          approximately" },
        };

        for (size_t i = 0; cause && i < sizeof(causes) / sizeof(*causes); i++)
                if (!strcmp(cause, causes[i].cause))
                        return causes[i].text;
        return "no: bytes may be missing: for some time neither the rules nor conntrack\n"
               "          counted all of them (for example, the rules were flushed while\n"
               "          conntrack was off); the bytes that TCP knows of were added";
}

static const char *showprint_whole(const struct record *record) {
        if (record->excluded)
                return "not counted: the address is in an excluded network";
        if (!strcmp(record->event, "start"))
                return "not known yet: its next record will say";
        if (record->complete && !strcmp(record->event, "interim"))
                return "yes, to that record";
        if (record->complete)
                return "yes: no byte is missing";
        if (record->in_bytes == RECORD_UNKNOWN)
                return "no: neither the rules nor conntrack could count it";
        /* nobody saw its end */
        if (!strcmp(record->event, "stop") && record->duration == RECORD_UNKNOWN &&
            !record->terminate_cause)
                return "no: its state was deleted, or pam_traffic was removed, while it was open;\n"
                       "          what it moved after its last reading is missing";
        return showprint_why(record->incomplete_cause);
}

/* The host went down: the bytes since the last reading are missing. */
static void showprint_down(const struct record *record) {
        uint64_t last = sessionrow_ended(record);
        char time[HUMAN_TEXT_MAX];

        human_time(last, time);
        (void)printf("no: the host went down; bytes since %s are missing\n",
                     last ? strchr(time, ' ') + 1 : "the last record");
}

/**
 * showprint_head() - print who, where, when and how it ended
 * @print:      the session
 */
void showprint_head(const struct showprint *print) {
        const struct record *record = print->last;

        showprint_who(record);
        showprint_kind(record);
        showprint_when(record);
        showprint_label("Complete");
        if (!record->excluded && record->incomplete_cause &&
            !strcmp(record->incomplete_cause, "reboot"))
                showprint_down(record);
        else
                (void)printf("%s\n", showprint_whole(record));
        if (!record->excluded) {
                showprint_label("Counted");
                if (record->backend)
                        showprint_more("by conntrack and the rules of ", record->backend);
                else
                        (void)printf("only by conntrack, if it was on; without rules");
                (void)printf("\n");
        }
        showprint_label("Records");
        (void)printf("%zu in the log", print->records);
        if (print->expected > (int64_t)print->records)
                (void)printf(
                        ", %" PRId64
                        " are missing: they were in a file that is gone, or are not written yet",
                        print->expected - (int64_t)print->records);
        (void)printf("\n");
}

static int showprint_line(const struct showprint *print, struct table *table, const char *what,
                          int64_t in, int64_t out, bool bytes) {
        struct table_cells cells = { .of = { "" } };

        if (in == RECORD_UNKNOWN && out == RECORD_UNKNOWN)
                return 0;
        (void)snprintf(cells.of[0], TABLE_CELL_MAX, "%s", what);
        sessionrow_number(print->exact || !bytes, in, cells.of[1]);
        sessionrow_number(print->exact || !bytes, out, cells.of[2]);
        table_measure(table, &cells);
        return table_add(table, &cells);
}

/**
 * showprint_totals() - print what it moved, of each layer, if anything is known
 * @print:      the session
 *
 * Return: 0, or a negative errno.
 */
int showprint_totals(const struct showprint *print) {
        const struct record *record = print->last;
        _cleanup_(table_freep) struct table *table = NULL;
        int r;

        if (record->in_bytes == RECORD_UNKNOWN && record->excluded_in_bytes == RECORD_UNKNOWN &&
            record->tcp_in_bytes == RECORD_UNKNOWN && record->preauth_in_bytes == RECORD_UNKNOWN &&
            record->process_in_bytes == RECORD_UNKNOWN)
                return 0;
        (void)printf("\n");
        r = table_new(showprint_totals_columns, 3, true, &table);
        if (!r)
                r = showprint_line(print, table, "IP: bytes", record->in_bytes, record->out_bytes,
                                   true);
        if (!r)
                r = showprint_line(print, table, "IP: packets", record->in_packets,
                                   record->out_packets, false);
        if (!r)
                r = showprint_line(print, table, "excluded from all sums: bytes",
                                   record->excluded_in_bytes, record->excluded_out_bytes, true);
        if (!r)
                r = showprint_line(print, table, "before the login: bytes",
                                   record->preauth_in_bytes, record->preauth_out_bytes, true);
        if (!r)
                r = showprint_line(print, table, "before the login: packets",
                                   record->preauth_in_packets, record->preauth_out_packets, false);
        if (!r)
                r = showprint_line(print, table, "on the wire: bytes", record->wire_in_bytes,
                                   record->wire_out_bytes, true);
        if (!r)
                r = showprint_line(print, table, "on the wire: segments", record->tcp_in_segments,
                                   record->tcp_out_segments, false);
        if (!r)
                r = showprint_line(print, table, "payload: bytes", record->tcp_in_bytes,
                                   record->tcp_out_bytes, true);
        if (!r)
                r = showprint_line(print, table, "sent again: bytes", RECORD_UNKNOWN,
                                   record->tcp_retrans_bytes, true);
        if (!r)
                r = showprint_line(print, table, "its programs beside that: bytes",
                                   record->process_in_bytes, record->process_out_bytes, true);
        if (!r)
                r = showprint_line(print, table, "its programs beside that: packets",
                                   record->process_in_packets, record->process_out_packets, false);
        if (!r)
                r = showprint_line(print, table, "its programs after the logout: bytes",
                                   print->after_in, print->after_out, true);
        if (!r)
                r = table_end(table);
        if (!r && record->tcp_min_rtt_us != RECORD_UNKNOWN)
                (void)printf("The fastest round trip took %.3f ms.\n",
                             (double)record->tcp_min_rtt_us / 1000);
        return r;
}

/**
 * showprint_cells() - make a record's row of the timeline
 * @table:      the table
 * @record:     the record
 * @exact:      numbers of bytes as they are
 * @ret_cells:  the row
 */
void showprint_cells(const struct table *table, const struct record *record, bool exact,
                     struct table_cells *ret_cells) {
        bool live = !strcmp(record->event, LIVE_EVENT);
        uint64_t moment = 0;

        (void)clock_parse(record->time, &moment);
        human_time(moment, ret_cells->of[0]);
        table_text(table, live ? "now" : record->event, ret_cells->of[1]);
        sessionrow_number(exact, record->delta_in_bytes, ret_cells->of[2]);
        sessionrow_number(exact, record->delta_out_bytes, ret_cells->of[3]);
        sessionrow_number(exact, record->in_bytes, ret_cells->of[4]);
        sessionrow_number(exact, record->out_bytes, ret_cells->of[5]);
}
