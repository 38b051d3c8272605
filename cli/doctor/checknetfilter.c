/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Checks of the counting: the backend, its base, conntrack.
 */

#include "check.h"

#include <inttypes.h>
#include <string.h>

static bool checknetfilter_skips(const struct check_context *context, struct check_result *result) {
        if (check_needs_root(context, result))
                return true;
        if (context->survey_error)
                check_find(result, CHECK_SKIP, "cannot read the kernel's rules and tables: %s",
                           strerror(context->survey_error));
        return context->survey_error;
}

/* The one that sessions use: which of the two has the base, or, where none has, would have it. */
static const struct survey_base *checknetfilter_base(const struct check_context *context,
                                                     const char **ret_name) {
        const struct survey_base *base = survey_base(&context->survey, context->settings->backend);

        *ret_name = base->name;
        return base;
}

static void checknetfilter_backend(const struct check_context *context,
                                   struct check_result *result) {
        const struct survey_base *base;
        const char *name;

        if (checknetfilter_skips(context, result))
                return;
        base = checknetfilter_base(context, &name);
        if (base->error)
                check_find(result, CHECK_FAIL, "%s cannot be used: %s", name,
                           strerror(base->error));
        else if (base->available)
                check_find(result, CHECK_PASS, "%s%s", name,
                           strcmp(context->settings->backend, "auto") != 0
                                   ? ", as the configuration says"
                                   : " (auto)");
        else
                check_find(result, CHECK_WARN,
                           "%s is not loaded; pam_traffic_helper setup tries to load it", name);
        if (result->status != CHECK_PASS)
                check_helper(context, result, "setup");
}

static void checknetfilter_chains(const struct check_context *context,
                                  struct check_result *result) {
        const struct survey_base *base;
        const char *name;

        if (checknetfilter_skips(context, result))
                return;
        base = checknetfilter_base(context, &name);
        if (base->complete) {
                check_find(result, CHECK_PASS, "pam_traffic's chains in %s are there", name);
                return;
        }
        check_find(
                result, CHECK_FAIL,
                base->there
                        ? "pam_traffic's chains in %s are damaged: rules of them are missing"
                        : "pam_traffic's chains in %s are missing: the bytes of the next login are "
                          "only estimated",
                name);
        check_helper(context, result, "setup");
}

static void checknetfilter_packets(const struct check_context *context,
                                   struct check_result *result) {
        const struct survey_base *base;
        const char *name;

        if (checknetfilter_skips(context, result))
                return;
        base = checknetfilter_base(context, &name);
        if (!base->complete)
                check_find(result, CHECK_SKIP,
                           "not checked, because pam_traffic's chains are not complete: see "
                           "base-chains");
        else if (!base->counted)
                check_find(result, CHECK_SKIP,
                           "not checked, because the chains of %s count sessions only", name);
        else if (base->seen.in.packets && base->seen.out.packets)
                check_find(result, CHECK_PASS,
                           "%" PRIu64 " packets in, %" PRIu64 " out since the chains were made",
                           base->seen.in.packets, base->seen.out.packets);
        else
                check_find(result, CHECK_WARN,
                           "no packet has come to the chain %s yet; log in once, then run doctor "
                           "again",
                           base->seen.in.packets ? "PAM_TRAFFIC_OUT" : "PAM_TRAFFIC_IN");
}

static void checknetfilter_conntrack(const struct check_context *context,
                                     struct check_result *result) {
        const struct survey *survey = &context->survey;
        const char *name;

        if (checknetfilter_skips(context, result))
                return;
        if (!survey->conntrack) {
                check_find(result, CHECK_FAIL,
                           "conntrack is not loaded: the bytes before a session opens are only "
                           "estimated");
                check_helper(context, result, "setup");
        } else if (survey->has_entries && !survey->entries &&
                   !checknetfilter_base(context, &name)->complete) {
                check_find(result, CHECK_WARN,
                           "conntrack has no connections, because no rule uses it");
                check_helper(context, result, "setup");
        } else {
                check_find(result, CHECK_PASS, "%" PRIu64 " connections", survey->entries);
        }
}

static void checknetfilter_accounting(const struct check_context *context,
                                      struct check_result *result) {
        /* everybody may read it */
        if (context->survey_error)
                check_find(result, CHECK_SKIP, "not checked: run pam_traffic doctor as root");
        else if (context->survey.accounting)
                check_find(result, CHECK_PASS, "net.netfilter.nf_conntrack_acct is 1");
        else
                check_find(result, CHECK_FAIL,
                           context->survey.conntrack
                                   ? "net.netfilter.nf_conntrack_acct is 0: new connections are "
                                     "not counted"
                                   : "net.netfilter.nf_conntrack_acct does not exist: conntrack is "
                                     "not loaded");
        if (result->status == CHECK_FAIL)
                check_helper(context, result, "setup");
}

static const struct check checknetfilter_checks[] = {
        { "backend", checknetfilter_backend },       { "base-chains", checknetfilter_chains },
        { "packets", checknetfilter_packets },       { "conntrack", checknetfilter_conntrack },
        { "accounting", checknetfilter_accounting },
};

const struct check_room checknetfilter_room = CHECK_ROOM(checknetfilter_checks);
