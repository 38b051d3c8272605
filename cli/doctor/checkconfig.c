/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Checks of the configuration.
 */

#include "check.h"
#include "config.h"

#include <string.h>

/* The file that a complaint is about: what stands before ":LINE: ". */
static void checkconfig_mend(struct check_result *result, const char *complaint) {
        const char *end = strstr(complaint, ": ");
        int length = end ? (int)(end - complaint) : 0;

        while (length && complaint[length - 1] >= '0' && complaint[length - 1] <= '9')
                length--;
        if (end && length && complaint[length - 1] == ':')
                length--;
        else
                length = end ? (int)(end - complaint) : 0;
        if (length)
                check_mend(result, "editor %.*s", length, complaint);
}

/* A bad value is no failure: its default holds (settings.h). */
static void checkconfig_values(const struct check_context *context, struct check_result *result) {
        const char *path = context->config ? context->config : PATH_CONFIG;
        size_t n = 0;

        for (size_t i = 0; i < SETTINGS_KEYS; i++)
                n += context->settings->places[i].path != NULL;
        if (context->n_complaints > 1)
                check_find(result, CHECK_WARN, "%s, and %zu more", context->complaint,
                           context->n_complaints - 1);
        else if (context->n_complaints)
                check_find(result, CHECK_WARN, "%s", context->complaint);
        else if (n)
                check_find(
                        result, CHECK_PASS,
                        "%zu of %d settings come from %s or its drop-ins: see pam_traffic config",
                        n, SETTINGS_KEYS, path);
        else
                check_find(result, CHECK_PASS,
                           "neither %s nor a drop-in of it has a setting: every "
                           "setting has its default",
                           path);
        if (context->n_complaints)
                checkconfig_mend(result, context->complaint);
}

static const struct check checkconfig_checks[] = {
        { "configuration", checkconfig_values },
};

const struct check_room checkconfig_room = CHECK_ROOM(checkconfig_checks);
