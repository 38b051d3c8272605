/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The looks of `top`, one after the other: each is one reading of all open sessions.
 *
 * Owns: the rates over the time between two looks; and the sums.
 */

#include "toplook.h"

#include "base/base.h"

#include <errno.h>
#include <string.h>

static int toplook_compare(const void *a, const void *b) {
        const struct opens_session *one = a, *other = b;

        return strcmp(one->record->session, other->record->session);
}

static int64_t toplook_rate(int64_t now, int64_t before, uint64_t span) {
        if (now == RECORD_UNKNOWN || before == RECORD_UNKNOWN)
                return RECORD_UNKNOWN;
        return now > before ? (int64_t)((double)(now - before) * 1e6 / (double)span) : 0;
}

/* One that was not there before keeps its rate since its checkpoint. Both are in order of ids. */
static void toplook_compute(struct opens *opens, const struct opens *before) {
        for (size_t i = 0; before->n && i < opens->n; i++) {
                struct opens_session *session = &opens->sessions[i];
                const struct opens_session *was =
                        bsearch(session, before->sessions, before->n, sizeof(*before->sessions),
                                toplook_compare);

                if (!was || session->moment <= was->moment)
                        continue;
                session->in_rate = toplook_rate(session->record->in_bytes, was->record->in_bytes,
                                                session->moment - was->moment);
                session->out_rate = toplook_rate(session->record->out_bytes, was->record->out_bytes,
                                                 session->moment - was->moment);
        }
}

static void toplook_add(int64_t *sum, int64_t number) {
        *sum += number == RECORD_UNKNOWN ? 0 : number;
}

/**
 * toplook_take() - look
 * @look:       the last look, replaced; to be given to toplook_clear() in the end
 * @quiet:      say nothing of what is missing
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int toplook_take(struct toplook *look, bool quiet) {
        _cleanup_(opens_freep) struct opens *opens = NULL, *before = look->opens;
        int r;

        look->opens = NULL;
        r = opens_read(look->settings, quiet, &opens);
        if (r < 0)
                return r;
        opens_sort(opens, OPENS_SESSION);
        if (before) {
                opens_sort(before, OPENS_SESSION);
                toplook_compute(opens, before);
        }
        look->realtime = clock_now(CLOCK_REALTIME);
        look->in_bytes = look->out_bytes = look->in_rate = look->out_rate = 0;
        for (size_t i = 0; i < opens->n; i++) {
                toplook_add(&look->in_bytes, opens->sessions[i].record->in_bytes);
                toplook_add(&look->out_bytes, opens->sessions[i].record->out_bytes);
                toplook_add(&look->in_rate, opens->sessions[i].in_rate);
                toplook_add(&look->out_rate, opens->sessions[i].out_rate);
        }
        look->opens = pointer_steal(&opens);
        toplook_sort(look, look->order);
        return 0;
}

/**
 * toplook_sort() - put the sessions in order, now and from now on
 * @look:       the look
 * @order:      the order
 */
void toplook_sort(struct toplook *look, enum opens_order order) {
        look->order = order;
        if (look->opens)
                opens_sort(look->opens, order);
}

/**
 * toplook_clear() - end it
 * @look:       the look
 */
void toplook_clear(struct toplook *look) {
        look->opens = opens_free(look->opens);
}
