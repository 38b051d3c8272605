/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Checks of the units or cron lines that run the helper: at boot, and every minute.
 *
 * Relies on: systemctl(1) show; without systemd, cron's files.
 */

#include "base/base.h"
#include "check.h"
#include "cli/shared/program.h"
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#define CHECKUNITS_CRON_MAX 65536
#define CHECKUNITS_CRON "/etc/cron.d"

struct checkunits_unit {
        char load[32], enabled[32], active[32], result[32];
};

static void checkunits_take(const char *text, const char *key, char ret_value[static 32]) {
        const char *found = text;
        size_t size = strlen(key);

        for (; found; found = strchr(found, '\n')) {
                found += *found == '\n';
                if (strncmp(found, key, size) != 0 || found[size] != '=')
                        continue;
                (void)snprintf(ret_value, 32, "%.*s", (int)strcspn(found + size + 1, "\n"),
                               found + size + 1);
                return;
        }
}

/* Return: whether systemctl told. */
static bool checkunits_show(const char *unit, struct checkunits_unit *ret_unit) {
        const char *argv[] = {
                "systemctl",  "show",
                "--no-pager", "--property=LoadState,UnitFileState,ActiveState,Result",
                unit,         NULL
        };
        _cleanup_(program_answer_clear) struct program_answer answer = { .status = 0 };

        *ret_unit = (struct checkunits_unit){ .load = "" };
        if (program_run(argv, PROGRAM_PATIENCE, &answer) || answer.status)
                return false;
        checkunits_take(answer.text, "LoadState", ret_unit->load);
        checkunits_take(answer.text, "UnitFileState", ret_unit->enabled);
        checkunits_take(answer.text, "ActiveState", ret_unit->active);
        checkunits_take(answer.text, "Result", ret_unit->result);
        return true;
}

/* Whether a line of a file has a call of the helper. */
static bool checkunits_calls(const char *text, const char *call) {
        const char *found = text;

        while ((found = strstr(found, call))) {
                const char *begin = found;

                while (begin > text && begin[-1] != '\n')
                        begin--;
                if (*begin != '#')
                        return true;
                found += strlen(call);
        }
        return false;
}

static bool checkunits_cron_file(int folder_fd, const char *name, const char *call) {
        _cleanup_(freep) char *text = NULL;
        size_t size;

        return !file_read_at(folder_fd, name, CHECKUNITS_CRON_MAX, &text, &size) &&
               checkunits_calls(text, call);
}

static bool checkunits_cron(const char *call) {
        DIR *folder = opendir(CHECKUNITS_CRON);
        const struct dirent *entry;
        bool found = checkunits_cron_file(AT_FDCWD, "/etc/crontab", call);

        while (folder && !found && (entry = readdir(folder)))
                /* cron passes over a name with a dot in it */
                found = !strchr(entry->d_name, '.') &&
                        checkunits_cron_file(dirfd(folder), entry->d_name, call);
        if (folder)
                (void)closedir(folder);
        return found;
}

static void checkunits_without(const struct check_context *context, const char *verb,
                               const char *when, enum check_status status, const char *loss,
                               struct check_result *result) {
        char call[CHECK_TEXT_MAX];

        (void)snprintf(call, sizeof(call), "pam_traffic_helper %s%s", verb, context->option);
        if (checkunits_cron(call)) {
                check_find(result, CHECK_PASS, "cron runs %s (this machine has no systemd)", call);
                return;
        }
        check_find(result, status, "this machine has no systemd, and cron does not run %s: %s",
                   call, loss);
        check_mend(result, "echo '%s root " PATH_HELPER " %s%s' >>" CHECKUNITS_CRON "/pam_traffic",
                   when, verb, context->option);
}

/* What is wrong with a unit that has to be enabled and active. */
static void checkunits_judge(const char *name, const struct checkunits_unit *unit,
                             struct check_result *result) {
        if (!strcmp(unit->load, "masked")) {
                check_find(result, CHECK_FAIL, "%s is masked: systemd must not start it", name);
                check_mend(result, "systemctl unmask %s && systemctl enable --now %s", name, name);
                return;
        }
        if (strcmp(unit->load, "loaded") != 0) {
                check_find(result, CHECK_FAIL, "systemd cannot load %s: %s", name,
                           *unit->load ? unit->load : "not known");
                check_reinstall(result);
                return;
        }
        if (strcmp(unit->enabled, "enabled") != 0)
                check_find(result, CHECK_FAIL, "%s is %s", name,
                           *unit->enabled ? unit->enabled : "not enabled");
        else if (!strcmp(unit->active, "failed"))
                check_find(result, CHECK_FAIL, "%s failed: %s", name, unit->result);
        else if (strcmp(unit->active, "active") != 0)
                check_find(result, CHECK_FAIL, "%s is %s", name, unit->active);
        else
                check_find(result, CHECK_PASS, "%s", name);
        if (result->status == CHECK_FAIL)
                check_mend(result, "systemctl enable --now %s", name);
        if (!strcmp(unit->active, "failed"))
                check_mend(result,
                           "journalctl --no-pager -n 20 -u %s; systemctl enable %s && systemctl "
                           "restart %s",
                           name, name, name);
}

static void checkunits_setup(const struct check_context *context, struct check_result *result) {
        struct checkunits_unit unit;

        if (!context->systemd)
                checkunits_without(context, "setup", "@reboot", CHECK_WARN,
                                   "the bytes of the first logins after boot are only estimated",
                                   result);
        else if (!checkunits_show("pam_traffic-setup.service", &unit))
                check_find(result, CHECK_SKIP,
                           "systemctl failed, so that this could not be checked");
        else
                checkunits_judge("pam_traffic-setup.service", &unit, result);
}

static void checkunits_reap(const struct check_context *context, struct check_result *result) {
        struct checkunits_unit timer, service;

        if (!context->systemd) {
                checkunits_without(context, "reap", "* * * * *", CHECK_FAIL,
                                   "sessions whose sshd was killed never get a stop record",
                                   result);
                return;
        }
        if (!checkunits_show("pam_traffic-reap.timer", &timer) ||
            !checkunits_show("pam_traffic-reap.service", &service)) {
                check_find(result, CHECK_SKIP,
                           "systemctl failed, so that this could not be checked");
                return;
        }
        checkunits_judge("pam_traffic-reap.timer", &timer, result);
        if (result->status != CHECK_PASS || strcmp(service.active, "failed") != 0)
                return;
        check_find(result, CHECK_FAIL, "the last run of pam_traffic-reap.service failed: %s",
                   service.result);
        check_mend(result,
                   "journalctl --no-pager -n 20 -u pam_traffic-reap.service; systemctl start "
                   "pam_traffic-reap.service");
}

/* Whether a unit that ProtectSystem=strict closes in may write below a folder. */
static bool checkunits_may_write(const char *paths, const char *folder) {
        while (*paths) {
                size_t size = strcspn(paths, " \n"), skip = strspn(paths, "-+");

                if (size > skip && !strncmp(paths + skip, folder, size - skip) &&
                    (!folder[size - skip] || folder[size - skip] == '/'))
                        return true;
                paths += size + (paths[size] != '\0');
        }
        return false;
}

/* Whether a command line has an option, as a whole. */
static bool checkunits_has(const char *text, const char *option) {
        size_t size = strlen(option);

        for (const char *at = strstr(text, option); at; at = strstr(at + 1, option))
                if (!at[size] || strchr(" ;\t\n", at[size]))
                        return true;
        return false;
}

/* What the reap's unit has for a property. Return: whether systemctl told. */
static bool checkunits_property(const char *name, struct program_answer *ret_answer) {
        char property[64];
        const char *argv[] = { "systemctl", "show",   "--no-pager",
                               "--value",   property, "pam_traffic-reap.service",
                               NULL };

        (void)snprintf(property, sizeof(property), "--property=%s", name);
        return !program_run(argv, PROGRAM_PATIENCE, ret_answer) && !ret_answer->status;
}

/* A drop-in with all that is missing. */
static void checkunits_drop_in(const struct check_context *context, const char *log,
                               const char *state, bool config, struct check_result *result) {
        char paths[2 * CHECK_TEXT_MAX] = "";

        if (log || state)
                (void)snprintf(paths, sizeof(paths), "ReadWritePaths=%s%s%s%s%s\\n", log ? "-" : "",
                               log ? log : "", log && state ? " " : "", state ? "-" : "",
                               state ? state : "");
        check_mend(result,
                   "for unit in setup reap; do mkdir -p /etc/systemd/system/pam_traffic-$unit"
                   ".service.d && printf '[Service]\\n%s%s%s%s' %s"
                   ">>/etc/systemd/system/pam_traffic-$unit.service.d/paths.conf; done; "
                   "systemctl daemon-reload",
                   paths, config ? "ExecStart=\\nExecStart=" PATH_HELPER " %s" : "",
                   config ? context->option : "", config ? "\\n" : "", config ? "$unit " : "");
}

/* The units are made for the usual configuration and places (units/pam_traffic-reap.service.in). */
static void checkunits_paths(const struct check_context *context, struct check_result *result) {
        _cleanup_(program_answer_clear) struct program_answer paths = { .status = 0 };
        _cleanup_(program_answer_clear) struct program_answer start = { .status = 0 };
        const char *state = context->settings->state_dir, *log;
        char copy[CHECK_TEXT_MAX];
        bool config;

        if (!context->systemd) {
                check_find(result, CHECK_PASS,
                           "this machine has no systemd, so no unit needs permission");
                return;
        }
        if (!checkunits_property("ReadWritePaths", &paths) ||
            !checkunits_property("ExecStart", &start)) {
                check_find(result, CHECK_SKIP,
                           "systemctl failed, so that this could not be checked");
                return;
        }
        (void)snprintf(copy, sizeof(copy), "%s", context->settings->log_file);
        log = dirname(copy);
        if (checkunits_may_write(paths.text, log))
                log = NULL;
        if (!strcmp(state, PATH_STATE) || checkunits_may_write(paths.text, state))
                state = NULL;
        config = context->config && !checkunits_has(start.text, context->option);
        if (!log && !state && !config) {
                check_find(result, CHECK_PASS,
                           "the units may write to the folders of the log and of the state");
                return;
        }
        if (config)
                check_find(result, CHECK_FAIL, "the systemd units do not use %s", context->config);
        else
                check_find(result, CHECK_FAIL,
                           "the systemd units may not write to %s%s%s, which the configuration "
                           "names",
                           log ? log : state, log && state ? " and " : "",
                           log && state ? state : "");
        checkunits_drop_in(context, log, state, config, result);
}

static const struct check checkunits_checks[] = {
        { "setup-unit", checkunits_setup },
        { "reap-timer", checkunits_reap },
        { "unit-paths", checkunits_paths },
};

const struct check_room checkunits_room = CHECK_ROOM(checkunits_checks);
