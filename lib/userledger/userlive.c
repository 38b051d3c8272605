/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The logins that are open, by their audit session.
 *
 * Relies on: the kernel gives each login an audit session of its own; a reboot begins anew.
 */

#include "userledger/userlive.h"

#include <stdlib.h>
#include <string.h>

static uint64_t userlive_hash(uint32_t audit_session) {
        return map_hash(0, &audit_session, sizeof(audit_session));
}

static struct userlive_login *userlive_room(struct userlive *live) {
        uint32_t room = live->room ? 2 * live->room : 64;
        struct userlive_login *logins;

        if (live->n < live->room)
                return live->logins;
        logins = reallocarray(live->logins, room, sizeof(*logins));
        if (logins) {
                live->logins = logins;
                live->room = room;
        }
        return logins;
}

/**
 * userlive_add() - take a login
 * @live:       the logins
 * @state:      one of this boot
 */
void userlive_add(struct userlive *live, const struct state *state) {
        struct userlive_login *login;

        if (state->audit_session < 0 || state->audit_session >= (int64_t)UINT32_MAX)
                return;
        if (!userlive_room(live) ||
            map_add(&live->places, userlive_hash((uint32_t)state->audit_session), live->n) < 0) {
                live->failed = true;
                return;
        }
        login = &live->logins[live->n++];
        login->audit_session = (uint32_t)state->audit_session;
        login->uid = state->uid;
        login->user[0] = '\0';
        if (state->user && strlen(state->user) < sizeof(login->user))
                (void)strcpy(login->user, state->user);
        login->opened = state->opened_boottime;
        (void)strncpy(login->session, state->session, sizeof(login->session) - 1);
        login->session[sizeof(login->session) - 1] = '\0';
}

/**
 * userlive_find() - tell which login has an audit session
 * @live:       the logins
 * @audit_session: its number, or FIELD_UNKNOWN
 *
 * Return: the login's id, or NULL.
 */
const char *userlive_find(const struct userlive *live, int64_t audit_session) {
        const struct map_keys keys = MAP_KEYS(live->logins, audit_session);
        uint32_t key = (uint32_t)audit_session;
        const uint32_t *place;

        if (audit_session < 0 || audit_session >= (int64_t)UINT32_MAX)
                return NULL;
        place = map_find(&live->places, userlive_hash(key), &keys, &key);
        return place ? live->logins[*place].session : NULL;
}

/**
 * userlive_has() - tell whether an owner has a login that was open already at some time
 * @live:       the logins
 * @subuid:     the ranges of subordinate uids
 * @owner:      the user; or a range that is his, or may be
 * @boottime:   when, CLOCK_BOOTTIME in microseconds
 *
 * Return: true if so.
 */
bool userlive_has(const struct userlive *live, const struct subuid *subuid, int64_t owner,
                  int64_t boottime) {
        for (uint32_t i = 0; i < live->n; i++) {
                const struct userlive_login *login = &live->logins[i];

                if (login->opened <= boottime &&
                    (login->uid == owner ||
                     subuid_is_of(subuid, (uint32_t)owner, login->user, login->uid)))
                        return true;
        }
        return false;
}

/**
 * userlive_clear() - forget all logins
 * @live:       the logins
 */
void userlive_clear(struct userlive *live) {
        free(live->logins);
        map_clear(&live->places);
        *live = (struct userlive){ .n = 0 };
}
