/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Checks of the configuration.
 */

#include "check.h"
#include "config.h"

#include <string.h>

/* A bad value is no failure: its default holds (settings.h). */
static void checkconfig_values(const struct check_context *context, struct check_result *result) {
        const char *path = context->config ? context->config : PATH_CONFIG;

        if (context->n_complaints > 1)
                check_find(result, CHECK_WARN, "%s, and %zu more", context->complaint,
                           context->n_complaints - 1);
        else if (context->n_complaints)
                check_find(result, CHECK_WARN, "%s", context->complaint);
        else if (access(path, F_OK) < 0)
                check_find(result, CHECK_PASS, "%s does not exist: every setting has its default",
                           path);
        else
                check_find(result, CHECK_PASS, "%s and its drop-ins are in order", path);
        if (context->n_complaints)
                check_mend(result, "editor %s", path);
}

static const struct check checkconfig_checks[] = {
        { "configuration", checkconfig_values },
};

const struct check_room checkconfig_room = CHECK_ROOM(checkconfig_checks);
