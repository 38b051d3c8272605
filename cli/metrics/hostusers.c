/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The counter of what each user moved by any program.
 *
 * Owns: that each time series of it only grows. Who has no name is his uid. Once a name is known,
 * the index has what was counted before as the name's; here it stays the uid's. Else the uid's
 * counter would end, or fall, which Prometheus takes for one that began anew, and the name's would
 * have the same bytes once more.
 */

#include "hostusers.h"

#include "base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A part of a time series: what is added to it, and what is taken from it. */
struct hostusers_part {
        const char *name;
        uint64_t in, out;
        uint64_t less_in, less_out;
};

static int hostusers_compare(const void *a, const void *b) {
        const struct hostusers_part *x = a, *y = b;

        return strcmp(x->name, y->name);
}

static uint64_t hostusers_rest(uint64_t sum, uint64_t less) {
        return sum == INDEX_UNKNOWN || less == INDEX_UNKNOWN ? INDEX_UNKNOWN
               : sum > less                                  ? sum - less
                                                             : 0;
}

/* Tell the sum of the parts that have the same name. Return: how many they are. */
static size_t hostusers_series(const struct hostusers_part *parts, size_t n, hostusers_take take,
                               void *context) {
        struct hostusers_part sum = parts[0];
        size_t i;

        for (i = 1; i < n && !strcmp(parts[i].name, sum.name); i++) {
                sum.in = number_add(sum.in, parts[i].in);
                sum.out = number_add(sum.out, parts[i].out);
                sum.less_in = number_add(sum.less_in, parts[i].less_in);
                sum.less_out = number_add(sum.less_out, parts[i].less_out);
        }
        take(context, sum.name, hostusers_rest(sum.in, sum.less_in),
             hostusers_rest(sum.out, sum.less_out));
        return i;
}

/**
 * hostusers_ask() - tell each time series
 * @users:      the index of the users' ledger
 * @take:       told them, by name
 * @context:    handed to @take
 *
 * Return: 0, or as index_ask().
 */
int hostusers_ask(struct index *users, hostusers_take take, void *context) {
        const uint64_t ever[] = { 0, INDEX_END };
        const struct index_query query = {
                .edges = ever, .n_edges = 2, .by = { INDEX_USER }, .late = true
        };
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        _cleanup_(freep) struct hostusers_part *parts = NULL;
        size_t n = 0;
        int r = index_ask(users, &query, &answer);

        if (r || !answer->n)
                return r;
        parts = calloc(answer->n + 2 * answer->n_late, sizeof(*parts));
        if (!parts)
                return -ENOMEM;
        for (size_t i = 0; i < answer->n; i++) {
                const struct index_sum *sum = &answer->sums[i];

                if (sum->key[0] && *sum->key[0])
                        parts[n++] =
                                (struct hostusers_part){ sum->key[0], sum->in, sum->out, 0, 0 };
        }
        for (size_t i = 0; i < answer->n_late; i++) {
                const struct index_late *late = &answer->late[i];

                parts[n++] = (struct hostusers_part){ late->user, 0, 0, late->in, late->out };
                parts[n++] = (struct hostusers_part){ late->uid, late->in, late->out, 0, 0 };
        }
        qsort(parts, n, sizeof(*parts), hostusers_compare);
        for (size_t i = 0; i < n;)
                i += hostusers_series(parts + i, n - i, take, context);
        return 0;
}
