/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The state of the base. Each backend is asked, in the order in which "auto" tries them.
 */

#include "netfilter/survey.h"

#include "base/file.h"
#include "base/number.h"
#include "netfilter/backend.h"
#include "netfilter/conntrack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define SURVEY_COUNT_PATH "sys/net/netfilter/nf_conntrack_count"

static void survey_conntrack(int proc_fd, struct survey *survey) {
        _cleanup_(freep) char *text = NULL;
        size_t size;

        survey->conntrack = !conntrack_sysctl_accounting(proc_fd, &survey->accounting);
        if (file_read_at(proc_fd, SURVEY_COUNT_PATH, 32, &text, &size))
                return;
        survey->has_entries =
                number_parse(text, strcspn(text, "\n"), 10, INT64_MAX, &survey->entries) >= 0;
}

/**
 * survey_take() - look at the base
 * @proc_fd:    an open /proc
 * @backend:    as the configuration has it: a name, or "auto"
 * @ret_survey: how it stands
 *
 * The named one is looked at, which may make the kernel load it; any other only where those before
 * it have nothing of ours.
 *
 * Return: 0, or -EPERM.
 */
int survey_take(int proc_fd, const char *backend, struct survey *ret_survey) {
        struct survey survey = { .conntrack = false };
        bool there = false;

        for (size_t i = 0; i < BACKEND_COUNT; i++) {
                struct survey_base *base = &survey.backends[i];

                base->name = backend_name(i);
                if (!there || !strcmp(backend, base->name))
                        backend_look(i, proc_fd, base);
                if (base->error == EPERM)
                        return -EPERM;
                there = there || base->there;
        }
        survey_conntrack(proc_fd, &survey);
        *ret_survey = survey;
        return 0;
}

/**
 * survey_base() - the backend that sessions use
 * @survey:     how the base stands
 * @backend:    as the configuration has it: a name, or "auto": the first one that has the base, or,
 *              where none has, that would have it
 *
 * Return: how its base stands.
 */
const struct survey_base *survey_base(const struct survey *survey, const char *backend) {
        const struct survey_base *available = NULL;

        for (size_t i = 0; i < BACKEND_COUNT; i++) {
                const struct survey_base *base = &survey->backends[i];

                if (!strcmp(backend, base->name) || (!strcmp(backend, "auto") && base->there))
                        return base;
                if (base->available && !available)
                        available = base;
        }
        return available ? available : &survey->backends[BACKEND_COUNT - 1];
}
