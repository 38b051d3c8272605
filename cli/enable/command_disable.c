/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic disable - stop the accounting of logins.
 *
 * Owns: the order. The PAM line is removed first, so that no login begins while the rest is
 * removed. Open sessions keep their state: sshd has the module loaded and calls it when they end.
 * The helper then writes their stop records from what it has; without rules some bytes may be
 * missing.
 */

#include "base/base.h"
#include "cli/command.h"
#include "cli/etc/pamline.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "stepoptions.h"
#include "steprotation.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static const struct option_entry disable_entries[] = {
        STEPOPTIONS_CONFIG,
        STEPOPTIONS_DRY_RUN,
        STEPOPTIONS_SERVICE,
};

static const struct options disable_options = {
        .command = "disable",
        .operands = "",
        .sentence =
                "Stop recording logins: remove the line of pam_traffic from sshd's PAM file,\n"
                "disable the systemd units, remove all rules and chains of pam_traffic, take the\n"
                "users' ledger out of the kernel.",
        .entries = disable_entries,
        .n_entries = sizeof(disable_entries) / sizeof(*disable_entries),
        .notes = "It undoes what pam_traffic enable did, and nothing else. The log stays, and so\n"
                 "does the state of open sessions. Their counters are read once more, and they\n"
                 "get their stop records when they end. Bytes that they move until then may be\n"
                 "missing; the records then say so (\"complete\": false).\n",
};

/* The copy is of no more use if the file is as it was. */
static void disable_forget(const struct steps *steps, const struct pamline *line) {
        _cleanup_(freep) char *copy = NULL;
        size_t size;

        if (steps->backup_fd < 0 ||
            file_read_at(steps->backup_fd, line->service, PAMFILE_SIZE_MAX, &copy, &size))
                return;
        if (size == line->edit.size && !memcmp(copy, line->edit.data, size))
                (void)unlinkat(steps->backup_fd, line->service, 0);
        else
                (void)printf(
                        "The file was changed after pam_traffic enable; the copy of the old file "
                        "stays: %s/backup/%s\n",
                        steps->settings->state_dir, line->service);
}

static int disable_run(struct steps *steps, const struct pamline *line) {
        if (steps_backup(steps, false) < 0)
                return EXIT_FAILED;
        if (line->edit.reason == PAMEDIT_NOTHING) {
                (void)printf("%s has no line of pam_traffic\n", line->path);
        } else {
                pamline_diff(line);
                if (!steps->dry_run && pamline_write(line, steps->settings->state_dir,
                                                     steps->backup_fd, line->service) < 0)
                        return EXIT_FAILED;
                steps_say(steps, "Changed", "Would change", "%s", line->path);
                if (!steps->dry_run)
                        disable_forget(steps, line);
        }
        steps_units(steps, false);
        steps_rules(steps, false);
        steprotation_remove(steps);
        if (!strcmp(line->service, PAMLINE_SERVICE))
                steps_mark(steps, false, line->edit.reason != PAMEDIT_NOTHING);
        if (!steps->dry_run && steps->backup_fd >= 0)
                (void)unlinkat(steps->backup_fd, "../backup", AT_REMOVEDIR);
        (void)printf("The log stays: %s\n", steps->settings->log_file);
        return steps->failures ? EXIT_FAILED : EXIT_DONE;
}

/**
 * command_disable() - account logins no more
 * @argc:       how many words
 * @argv:       the command's name, options
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_disable(int argc, char **argv) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        _cleanup_(pamline_clear) struct pamline line = PAMLINE_INIT;
        _cleanup_(fd_closep) int backup_fd = -1;
        struct steps steps = { .backup_fd = -1 };
        int r;

        r = stepoptions_read(&disable_options, argc, argv, &steps);
        if (r != OPTIONS_GO)
                return r;
        if (configuration_read(steps.config, &settings) < 0)
                return EXIT_FAILED;
        if (pamline_plan(steps.service, NULL, false, &line) < 0)
                return fail(EXIT_FAILED, "%s", line.refusal);
        steps.settings = settings;
        r = disable_run(&steps, &line);
        backup_fd = steps.backup_fd;
        return r;
}
