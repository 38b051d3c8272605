/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How the base stands.
 *
 * Relies on: the first look at a legacy table makes it (backend_is_untouched()), so that tables
 * that nobody has touched are left alone. Counters are zero while somebody commits, hence the lock;
 * it is not made where it is missing, and not waited for long: an admin may hold it himself.
 */

#include "netfilter/survey.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "config.h"
#include "netfilter/backend.h"
#include "netfilter/chain.h"
#include "netfilter/conntrack.h"
#include "netfilter/iptable.h"
#include "netfilter/nfttable.h"
#include "netfilter/xtlock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define SURVEY_PATIENCE (2 * CLOCK_SECOND)
#define SURVEY_COUNT_PATH "sys/net/netfilter/nf_conntrack_count"

static void survey_add(struct counter *sum, const struct counter *counter) {
        sum->bytes += counter->bytes;
        sum->packets += counter->packets;
}

/* A family that this kernel does not have, or that nobody has touched, has no part in it. */
static void survey_family(const struct iptable_family *family, struct survey_base *base,
                          bool *complete) {
        _cleanup_(iptable_close) struct iptable table = { 0 };
        struct chain_look look;
        int r = iptable_open(family, IPTABLE_MANGLE, &table);

        if (r) {
                base->error = r == IPTABLE_E_CHANGED ? EAGAIN : r < 0 ? -r : base->error;
                return;
        }
        chain_look(&table, &look);
        base->available = true;
        base->there |= look.there;
        *complete = *complete && look.complete;
        survey_add(&base->seen.in, &look.seen.in);
        survey_add(&base->seen.out, &look.seen.out);
}

static void survey_iptables(int proc_fd, struct survey_base *base) {
        _cleanup_(fd_closep) int lock = -1;
        bool complete = true;

        if (backend_is_untouched("iptables", proc_fd)) {
                base->available = !faccessat(proc_fd, "self/net/ip_tables_names", F_OK, 0);
                return;
        }
        if (!access(PATH_XTABLES_LOCK, F_OK))
                (void)xtlock_acquire(PATH_XTABLES_LOCK,
                                     clock_now(CLOCK_MONOTONIC) + SURVEY_PATIENCE, NULL, &lock);
        survey_family(&iptable_ipv4, base, &complete);
        survey_family(&iptable_ipv6, base, &complete);
        base->complete = base->there && complete;
        base->counted = true;
}

static void survey_nftables(struct survey_base *base) {
        _cleanup_(nftlink_freep) struct nftlink *link = NULL;
        struct nfttable table = { 0 };
        int r = nftlink_new(&link);

        if (!r) {
                base->available = true;
                r = nfttable_read(link, &table);
        }
        if (r < 0)
                base->error = -r;
        if (r)
                return;
        base->there = table.exists;
        base->complete = nfttable_is_complete(&table);
}

static void survey_conntrack(int proc_fd, struct survey *survey) {
        _cleanup_(freep) char *text = NULL;
        size_t size;

        survey->conntrack = !conntrack_accounting_get(proc_fd, &survey->accounting);
        if (file_read_at(proc_fd, SURVEY_COUNT_PATH, 32, &text, &size))
                return;
        survey->has_entries =
                number_parse(text, strcspn(text, "\n"), 10, INT64_MAX, &survey->entries) >= 0;
}

/**
 * survey_take() - look at the base
 * @proc_fd:    an open /proc
 * @nftables:   whether nf_tables is looked at in any case, which makes the kernel load it; else
 *              only where the legacy tables have nothing of ours
 * @ret_survey: how it stands
 *
 * Return: 0, or -EPERM.
 */
int survey_take(int proc_fd, bool nftables, struct survey *ret_survey) {
        struct survey survey = { .conntrack = false };

        survey_iptables(proc_fd, &survey.iptables);
        if (nftables || !survey.iptables.there)
                survey_nftables(&survey.nftables);
        survey_conntrack(proc_fd, &survey);
        if (survey.iptables.error == EPERM || survey.nftables.error == EPERM)
                return -EPERM;
        *ret_survey = survey;
        return 0;
}
