/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One reading of what the kernel has counted for users, and what it means for the accounts.
 *
 * Does not: save anything; a reap does (userledger.c), and who only looks does not (usernow.c).
 */

#include "userledger/userreading.h"

#include "base/clock.h"
#include "store/fields.h"

#include <errno.h>
#include <string.h>

static bool userreading_is_whole(void) {
        bool attached = true;

        for (enum usermap_link link = 0; attached && link < USERMAP_LINKS; link++)
                if (usermap_attached(link, &attached) < 0)
                        return false;
        return attached;
}

/**
 * userreading_open() - open what counts
 * @reading:    all 0; to be given to userreading_close() whatever is returned
 *
 * Return: 0, USERREADING_E_NONE (doctor says why), USERMAP_E_OTHER, or a negative errno.
 */
int userreading_open(struct userreading *reading) {
        int r = usermap_open(&reading->map);

        reading->whole = !r && userreading_is_whole();
        /* in this order: what is detached and attached again in between is seen */
        if (!r)
                r = usermap_since(reading->map, &reading->since);
        return r == USERMAP_E_NOT_LOADED || r == -EPERM || r == -EACCES ? USERREADING_E_NONE : r;
}

/* What found no row is the traffic of nobody knows whom. */
static int userreading_add_lost(struct userreading *reading) {
        const struct userlayout_key key = { USERLAYOUT_NONE, USERLAYOUT_NONE, USERLAYOUT_NONE,
                                            USERLAYOUT_UNKNOWN, 0 };
        struct usermap_row *rows;
        struct traffic lost;
        int r = usermap_lost(reading->map, &lost);

        if (r < 0)
                return r;
        reading->lost = lost.in.packets + lost.out.packets;
        if (!reading->lost)
                return 0;
        for (size_t i = 0; i < reading->n_rows; i++)
                if (!memcmp(&reading->rows[i].key, &key, sizeof(key))) {
                        struct traffic *t = &reading->rows[i].traffic;

                        t->in.bytes += lost.in.bytes;
                        t->in.packets += lost.in.packets;
                        t->out.bytes += lost.out.bytes;
                        t->out.packets += lost.out.packets;
                        return 0;
                }
        rows = reallocarray(reading->rows, reading->n_rows + 1, sizeof(*rows));
        if (!rows)
                return -ENOMEM;
        reading->rows = rows;
        reading->rows[reading->n_rows++] = (struct usermap_row){ key, lost };
        return 0;
}

/**
 * userreading_read() - read what was counted
 * @reading:    gets it
 *
 * Return: 0 or a negative errno.
 */
int userreading_read(struct userreading *reading) {
        int r = usermap_read(reading->map, &reading->rows, &reading->n_rows);

        return r < 0 ? r : userreading_add_lost(reading);
}

/**
 * userreading_update() - bring accounts up to date with it
 * @reading:    what was read, if anything counts
 * @boot_id:    this boot
 * @state:      the accounts
 * @fresh:      whether there were none
 *
 * Return: 0, or a negative errno: then nothing is to be saved.
 */
int userreading_update(struct userreading *reading, const char *boot_id, struct userstate *state,
                       bool fresh) {
        struct useraccounts_reading moment = {
                .boot_id = boot_id,
                .map = reading->map ? (int64_t)usermap_id(reading->map) : FIELD_UNKNOWN,
                .realtime = clock_now(CLOCK_REALTIME),
                .boottime = clock_now(CLOCK_BOOTTIME),
                .since = reading->since,
                .lost = reading->lost,
                .whole = reading->whole,
        };
        int r = fresh && reading->map ? usermap_is_saved(reading->map, &moment.forgotten) : 0;

        reading->boottime = moment.boottime;
        if (r < 0)
                return r;
        r = useraccounts_begin(state, &moment);
        if (r < 0 || !reading->map)
                return r;
        r = useraccounts_take(state, &moment, reading->rows, reading->n_rows);
        /* what the log has of these rows must not come again */
        reading->forgot = moment.forgotten;
        if (!r && moment.forgotten)
                useraccounts_forget(state);
        return r;
}

/**
 * userreading_close() - end what userreading_open() began
 * @reading:    the reading
 */
void userreading_close(struct userreading *reading) {
        free(reading->rows);
        *reading = (struct userreading){ .map = usermap_close(reading->map) };
}
