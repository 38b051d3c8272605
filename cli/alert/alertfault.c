/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Why logins are not recorded, though a service of PAM calls pam_traffic.
 *
 * Owns: which of doctor's checks tell that.
 */

#include "alertfault.h"

#include "base/base.h"
#include "cli/doctor/check.h"
#include "cli/etc/pamline.h"
#include "cli/etc/pamstack.h"
#include "config.h"

#include <stdio.h>
#include <string.h>

/* The first ones do not look at sshd's file, which does not count where other services are
 * accounted; the last one looks at a configuration by its absolute path. */
static const char *const alertfault_checks[] = { "module", "helper", "worker", "use-pam",
                                                 "pam-line" };

static size_t alertfault_count(const char *config) {
        if (!pamstack_is_used_by(PAMLINE_SERVICE))
                return 3;
        return config && *config != '/' ? 4 : 5;
}

/* What a check has found, as a line; Nagios has its figures behind a |. */
static void alertfault_take(const struct check_result *result,
                            char ret_fault[static ALERTFAULT_MAX]) {
        char line[TEXT_ESCAPE_MAX(CHECK_TEXT_MAX)];

        text_to_line(result->finding, line, sizeof(line));
        for (char *p = line; *p; p++)
                if (*p == '|')
                        *p = '/';
        (void)snprintf(ret_fault, ALERTFAULT_MAX, "%s; run pam_traffic doctor", line);
}

/**
 * alertfault_look() - tell what doctor would say first of the way from sshd to the worker
 * @config:     the configuration that is read; NULL: the usual one
 * @ret_fault:  a line; "": nothing is wrong
 */
void alertfault_look(const char *config, char ret_fault[static ALERTFAULT_MAX]) {
        const struct check_context context = {
                .config = config && strcmp(config, PATH_CONFIG) != 0 ? config : NULL,
                .option = "",
                .proc_fd = -1,
                .root = !geteuid(),
        };
        struct check_result result;

        *ret_fault = '\0';
        for (size_t i = 0; i < alertfault_count(config) && !*ret_fault; i++) {
                check_run(&context, alertfault_checks[i], &result);
                if (result.status == CHECK_FAIL)
                        alertfault_take(&result, ret_fault);
        }
}

/**
 * alertfault_look_users() - tell what doctor would say of the users' ledger
 * @settings:   the configuration
 * @ret_fault:  a line; "": nothing is wrong, or only root could tell
 */
void alertfault_look_users(const struct settings *settings, char ret_fault[static ALERTFAULT_MAX]) {
        const struct check_context context = {
                .settings = settings,
                .option = "",
                .proc_fd = -1,
                .root = !geteuid(),
        };
        struct check_result result;

        *ret_fault = '\0';
        check_run(&context, "users-ledger", &result);
        if (result.status == CHECK_WARN || !settings->users)
                alertfault_take(&result, ret_fault);
}
