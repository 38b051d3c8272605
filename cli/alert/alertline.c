/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The line of `alert`: who is over the limit, or nobody; for people, or for Nagios.
 */

#include "alertline.h"

#include "base/base.h"
#include "cli/shared/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* So many are named in the line. */
#define ALERTLINE_NAMED_MAX 10

/**
 * alertline_name() - make a name fit for a line
 * @name:       the name, hostile, or NULL
 * @ret_text:   short, and without what ends the line or, for Nagios, its text
 */
void alertline_name(const char *name, char ret_text[static ALERTLINE_NAME_MAX]) {
        text_to_line(name ? name : "(unknown)", ret_text, ALERTLINE_NAME_MAX);
        for (char *p = ret_text; *p; p++)
                if (*p == '|')
                        *p = '/';
}

static void alertline_words(const struct alert *alert, const struct alert_user *user, bool over) {
        char name[ALERTLINE_NAME_MAX], bytes[HUMAN_TEXT_MAX], more[HUMAN_TEXT_MAX];

        alertline_name(user->name, name);
        human_bytes(user->bytes, bytes);
        (void)printf("%s %s%s", name, user->incomplete ? "at least " : "", bytes);
        if (over) {
                human_bytes(user->bytes - alert->over.bytes, more);
                (void)printf(" (%s over)", more);
        }
}

/**
 * alertline_since() - tell when the time that is asked for began: the month, the week, or today
 * @alert:      what is asked
 *
 * Return: CLOCK_REALTIME in microseconds.
 */
uint64_t alertline_since(const struct alert *alert) {
        return alert->per == ALERT_MONTH  ? calendar_month(&alert->calendar, 0)
               : alert->per == ALERT_WEEK ? calendar_week(&alert->calendar)
                                          : calendar_day(&alert->calendar, 0);
}

static void alertline_span(const struct alert *alert) {
        char since[CALENDAR_TEXT_MAX];

        calendar_date(alertline_since(alert), since);
        (void)printf("%s%s %s %s", alert->over.text,
                     alert->direction == ALERT_IN    ? " in"
                     : alert->direction == ALERT_OUT ? " out"
                                                     : "",
                     alert->per == ALERT_DAY ? "on" : "since", since);
}

/**
 * alertline_print() - print the line
 * @alert:      what was asked
 * @users:      those who moved most first
 * @n:          how many
 * @over:       of them: over the limit
 */
void alertline_print(const struct alert *alert, const struct alert_user *users, size_t n,
                     size_t over) {
        char until[HUMAN_TEXT_MAX];

        if (alert->nagios)
                (void)printf("PAM_TRAFFIC %s - ", over ? "CRITICAL" : "OK");
        if (over)
                (void)printf("%zu user%s over ", over, over > 1 ? "s are" : " is");
        else if (alert->user)
                (void)printf("not over ");
        else
                (void)printf("nobody %sis over ", alert->others ? "else " : "");
        alertline_span(alert);
        for (size_t i = 0; i < n && i < ALERTLINE_NAMED_MAX && (i < over || !over); i++) {
                (void)printf(i ? ", " : ": ");
                alertline_words(alert, &users[i], i < over);
                if (!over)
                        break;
        }
        if (over > ALERTLINE_NAMED_MAX)
                (void)printf(", and %zu more", over - ALERTLINE_NAMED_MAX);
        if (alert->ledger == INDEX_USERS)
                (void)printf("; by all programs%s",
                             alert->uncounted ? ", which were not counted all the time" : "");
        if (alert->open_until) {
                human_time(alert->open_until, until);
                (void)printf("; open %s are counted to %s",
                             alert->ledger == INDEX_USERS ? "accounts" : "sessions", until);
        }
        if (alert->nagios)
                (void)printf(" | most=%" PRIu64 "B;;%" PRIu64 ";0 over=%zu", n ? users[0].bytes : 0,
                             alert->over.bytes, over);
        (void)printf("\n");
}
