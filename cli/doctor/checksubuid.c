/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The check of /etc/subuid: that a range has no user's uid in it, and nothing of another's range.
 *
 * Owns: the sentence about the first line that is wrong. What is counted stays right
 * (docs/users.md, "Bounds"), but whoever has such a range may become those users.
 */

#include "base/base.h"
#include "check.h"
#include "usermap/usermap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CHECKSUBUID_RANGE "/etc/subuid:%" PRIu32 ": %" PRIu32 "-%" PRIu32
#define CHECKSUBUID_ARGUMENTS(range) \
        (range)->line, (range)->first, (range)->first + ((range)->n - 1)

/* What is wrong with a range: one of these, or neither. */
struct checksubuid_fault {
        const struct subuid_range *range;
        const struct localuser *user;     /* it has his uid */
        const struct subuid_range *other; /* it has uids that this one has, which is another's */
        bool low;                         /* it has uids that users may have */
};

static int checksubuid_compare(const void *a, const void *b) {
        const struct subuid_range *x = *(const struct subuid_range *const *)a;
        const struct subuid_range *y = *(const struct subuid_range *const *)b;

        return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                    : (x->line > y->line) - (x->line < y->line);
}

/* The first user in a range, but its owner. */
static const struct localuser *checksubuid_user(const struct subuid *subuid,
                                                const struct subuid_range *range) {
        const struct localusers *users = &subuid->users;

        for (size_t i = localusers_from(users, range->first); i < users->n; i++) {
                const struct localuser *user = &users->users[i];

                if (user->uid - range->first >= range->n)
                        break;
                if (!subuid_range_is_of(range, user->name, user->uid))
                        return user;
        }
        return NULL;
}

/* @far: of the ranges that begin before this one, the one that ends last. */
static bool checksubuid_is_wrong(const struct subuid *subuid, const struct subuid_range *range,
                                 const struct subuid_range *far,
                                 struct checksubuid_fault *ret_fault) {
        struct checksubuid_fault fault = { .range = range };

        if (far && range->first - far->first < far->n && strcmp(far->owner, range->owner) != 0)
                fault.other = far;
        /* root may become anybody anyway, and it is a way to have a user's files in a container */
        if (!subuid_range_is_of(range, "root", 0)) {
                fault.user = checksubuid_user(subuid, range);
                fault.low = range->first < SUBUID_LOWEST;
        }
        *ret_fault = fault;
        return fault.user || fault.other || fault.low;
}

static void checksubuid_tell(const struct checksubuid_fault *fault, size_t more,
                             struct check_result *result) {
        const struct subuid_range *range = fault->range, *other = fault->other;

        if (fault->user)
                check_find(result, CHECK_WARN,
                           CHECKSUBUID_RANGE " contains uid %" PRIu32
                                             " (%s): whoever has the range can become that user",
                           CHECKSUBUID_ARGUMENTS(range), fault->user->uid, fault->user->name);
        else if (other)
                check_find(result, CHECK_WARN,
                           CHECKSUBUID_RANGE " overlaps line %" PRIu32 ", %" PRIu32 "-%" PRIu32
                                             ", which is another owner's: what is moved with the "
                                             "uids of both has no user's name",
                           CHECKSUBUID_ARGUMENTS(range), other->line, other->first,
                           other->first + (other->n - 1));
        else
                check_find(result, CHECK_WARN,
                           CHECKSUBUID_RANGE " has uids below %d, which are for users: each has "
                                             "rows of its own, and together they may take all rows",
                           CHECKSUBUID_ARGUMENTS(range), SUBUID_LOWEST);
        if (more)
                check_add(result, "; %zu more line%s wrong", more, more == 1 ? " is" : "s are");
        check_add(result, "; give each owner a range of his own, from 100000 on (usermod "
                          "--del-subuids, --add-subuids)");
}

static void checksubuid_ranges(const struct subuid *subuid, const struct subuid_range **ranges,
                               struct check_result *result) {
        struct checksubuid_fault first = { .range = NULL }, fault;
        const struct subuid_range *far = NULL;
        size_t n = 0;

        for (size_t i = 0; i < subuid->n; i++)
                ranges[i] = &subuid->ranges[i];
        qsort(ranges, subuid->n, sizeof(*ranges), checksubuid_compare);
        for (size_t i = 0; i < subuid->n; i++) {
                const struct subuid_range *range = ranges[i];

                if (checksubuid_is_wrong(subuid, range, far, &fault)) {
                        n++;
                        if (!first.range || range->line < first.range->line)
                                first = fault;
                }
                if (!far || (uint64_t)range->first + range->n > (uint64_t)far->first + far->n)
                        far = range;
        }
        if (n)
                checksubuid_tell(&first, n - 1, result);
        else
                check_find(result, CHECK_PASS,
                           "no range of /etc/subuid has a user's uid, or another's range");
}

static void checksubuid_look(const struct check_context *context, struct check_result *result) {
        _cleanup_(subuid_clear) struct subuid subuid = { .n = 0 };
        _cleanup_(freep) const struct subuid_range **ranges = NULL;
        int r;

        if (!context->settings->users) {
                check_find(result, CHECK_PASS, "the users' ledger is not kept");
                return;
        }
        r = subuid_read(&subuid);
        if (!r) {
                ranges = calloc(subuid.n + 1, sizeof(struct subuid_range *));
                r = ranges ? 0 : -ENOMEM;
        }
        if (r < 0)
                check_find(result, CHECK_WARN, "cannot read /etc/subuid and /etc/passwd: %s",
                           strerror(-r));
        else
                checksubuid_ranges(&subuid, ranges, result);
}

static const struct check checksubuid_checks[] = {
        { "users-subuid", checksubuid_look },
};

const struct check_room checksubuid_room = CHECK_ROOM(checksubuid_checks);
