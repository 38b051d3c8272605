/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When logins were not recorded, or users not counted, by the marks of the log.
 */

#ifndef STORE_GAPS_H
#define STORE_GAPS_H

#include "base/cleanup.h"
#include "store/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gap_cause {
        GAP_UNKNOWN,
        GAP_OFF,     /* `pam_traffic disable`; of users also teardown, or users = no */
        GAP_STOPPED, /* no reap ran */
        GAP_REBOOT,  /* the host was down */
        GAP_LOST,    /* of users: something was not attached, or the accounts were lost */
        GAP_BEGIN,   /* the log begins later; no mark says so */
};

struct gap {
        char *host;
        uint64_t begin, end; /* CLOCK_REALTIME in microseconds; end is UINT64_MAX: still */
        enum gap_cause cause;
};

struct gaps {
        struct gap *of; /* until gaps_pair(), a mark each: end is 0 for "on" */
        size_t n, room;
};

int gaps_add(struct gaps *gaps, const char *host, uint64_t time, bool off, const char *cause);
int gaps_take(struct gaps *gaps, const struct record *record);
void gaps_pair(struct gaps *gaps, uint64_t since, uint64_t until);
uint64_t gaps_first(const struct gaps *gaps, uint64_t first);
int gaps_before(struct gaps *gaps, uint64_t since, uint64_t first);
void gaps_clear(struct gaps *gaps);

bool gaps_is_off(const struct record *record);
int gaps_make(bool users, bool off, enum gap_cause cause, uint64_t realtime,
              struct record **ret_record);
const char *gaps_cause_name(enum gap_cause cause);
int gaps_write(int folder_fd, const char *path, bool off, enum gap_cause cause, uint64_t realtime,
               uint64_t *patience);

#endif
