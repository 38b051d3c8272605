/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Ending many sessions at once.
 *
 * Owns: the same steps in the same order as stop_write(); each step is done for all sessions before
 * the next step begins. So the counters of all sessions have to stand still during the same pause,
 * two snapshots are the readings of all, and one change of the tables removes the rules of all. If
 * the run is killed in between, the state of each session says how far it came.
 * Relies on: the caller holds the locks of these sessions meanwhile.
 */

#include "session/ending.h"

#include "base/clock.h"
#include "reading/sources.h"
#include "session/counting.h"
#include "session/lastreading.h"
#include "session/stop.h"

#include <string.h>

/**
 * ending_is_full() - tell whether there is no room for another session
 * @ending:     the sessions
 *
 * Return: true if ending_finish() has to come first.
 */
bool ending_is_full(const struct ending *ending) {
        return ending->n == ENDING_MOST;
}

/**
 * ending_take() - put a session to those that are to be ended
 * @ending:     the sessions, not full
 * @session:    the session with its lock and its state, which are taken out of it
 * @how:        what is to be done
 */
void ending_take(struct ending *ending, struct session *session, enum ending_how how) {
        struct ending_session *place = &ending->sessions[ending->n++];

        *place = (struct ending_session){
                .session = *session,
                .how = how,
                .recorded = how == ENDING_CLEAN,
        };
        session->lock_fd = -1;
        session->state = NULL;
}

/* First readings. Return: for how long the counters must stand still; 0 if there are none. */
static uint64_t ending_begin(struct ending *ending) {
        uint64_t settle = 0;

        for (size_t i = 0; i < ending->n; i++) {
                struct ending_session *e = &ending->sessions[i];
                uint64_t patience;

                int r;

                if (e->recorded || !stop_is_readable(&e->session))
                        continue;
                r = lastreading_yield(&e->session);
                e->put_off = r == LASTREADING_PUT_OFF;
                e->readable = !r;
                if (r)
                        continue;
                e->glanced = sources_read(&e->session, SOURCES_SNAPSHOT, &e->first) ||
                             !e->session.state->backend;
                patience = lastreading_patience(&e->session);
                if (e->glanced && patience > settle)
                        settle = patience;
        }
        return settle;
}

/* Second readings. Where they are those of before, they are of one and the same moment. */
static void ending_read(struct ending_session *e) {
        struct sample sample;
        /* without rules there is nothing to be read of them */
        bool read = e->glanced && (sources_read(&e->session, SOURCES_SNAPSHOT, &sample) ||
                                   !e->session.state->backend);

        if (!read || !account_stands_still(&e->first, &sample)) {
                e->put_off = lastreading_finish(&e->session) == LASTREADING_PUT_OFF;
                return;
        }
        sample.stale = false;
        sample.quiet = sample.rules.known;
        (void)lastreading_conclude(&e->session, &sample);
}

static void ending_settle(struct ending *ending, struct sources *sources) {
        uint64_t settle;

        sources_observe_again(sources);
        settle = ending_begin(ending);
        if (settle) {
                clock_sleep(settle);
                sources_observe_again(sources);
        }
        for (size_t i = 0; i < ending->n; i++)
                if (ending->sessions[i].readable)
                        ending_read(&ending->sessions[i]);
}

/* Remove the rules of those with the same backend as the first, then the states. The others move
 * to the front. Return: how many others there are. */
static size_t ending_clean(struct session **sessions, size_t n, unsigned int *failures) {
        const char *backend = sessions[0]->state->backend;
        size_t others = 0, same = 0;
        struct session *these[ENDING_MOST];
        int r;

        for (size_t i = 0; i < n; i++) {
                const char *name = sessions[i]->state->backend;

                if (name == backend || (name && backend && !strcmp(name, backend)))
                        these[same++] = sessions[i];
                else
                        sessions[others++] = sessions[i];
        }
        r = counting_stop_many(these, same);
        for (size_t i = 0; i < same; i++)
                if (r || stop_forget(these[i]) < 0)
                        ++*failures;
        return others;
}

static unsigned int ending_clean_all(struct ending *ending) {
        struct session *sessions[ENDING_MOST];
        unsigned int failures = 0;
        size_t n = 0;

        for (size_t i = 0; i < ending->n; i++)
                if (ending->sessions[i].recorded)
                        sessions[n++] = &ending->sessions[i].session;
        while (n)
                n = ending_clean(sessions, n, &failures);
        return failures;
}

/**
 * ending_finish() - end the sessions
 * @ending:     the sessions; then there are none
 * @sources:    the sources of all of them
 *
 * Return: how many could not be ended, which has been reported; the next reap goes on with them.
 */
unsigned int ending_finish(struct ending *ending, struct sources *sources) {
        unsigned int failures = 0;

        if (!ending->n)
                return 0;
        ending_settle(ending, sources);
        for (size_t i = 0; i < ending->n; i++) {
                struct ending_session *e = &ending->sessions[i];

                if (e->recorded)
                        continue;
                if (e->put_off) {
                        (void)onesession_save(&e->session, false);
                        failures++;
                        continue;
                }
                if (e->how == ENDING_CONCLUDE) {
                        e->session.state->concluded = true;
                        failures += onesession_save(&e->session, false) < 0;
                        continue;
                }
                e->recorded = !stop_record(&e->session);
                failures += !e->recorded;
        }
        failures += ending_clean_all(ending);
        for (size_t i = 0; i < ending->n; i++)
                onesession_end(&ending->sessions[i].session);
        ending->n = 0;
        return failures;
}
