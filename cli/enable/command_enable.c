/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic enable - start the accounting of logins.
 *
 * Owns: the order. First it checks whether the PAM line can be put in the right place; if not, it
 * does nothing. The line is written last, so that the first login with it is counted from its first
 * byte.
 */

#include "cli/command.h"
#include "cli/etc/pamline.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "config.h"
#include "stepoptions.h"
#include "steprotation.h"

#include <stdio.h>
#include <string.h>

static const struct option_entry enable_entries[] = {
        STEPOPTIONS_CONFIG,
        STEPOPTIONS_DRY_RUN,
        { "metrics", NULL, "also write metrics for node_exporter, every minute",
          OPTION_FLAG(struct steps, metrics) },
        STEPOPTIONS_SERVICE,
        { "usage", NULL, "also give users their own figures, every ten minutes",
          OPTION_FLAG(struct steps, usage) },
};

static const struct options enable_options = {
        .command = "enable",
        .operands = "",
        .sentence =
                "Start recording logins: put the line of pam_traffic into sshd's PAM file, make\n"
                "the chains of pam_traffic, load the users' ledger into the kernel, enable the\n"
                "systemd units, have the log rotated.",
        .entries = enable_entries,
        .n_entries = sizeof(enable_entries) / sizeof(*enable_entries),
        .notes = "It prints each step, and the change of the PAM file as a diff. It leaves what\n"
                 "is already there, so you may run it again. It does not change a PAM file that\n"
                 "it does not understand, and then does nothing else. A copy of the old PAM file\n"
                 "is in " PATH_STATE "/backup.\n"
                 "\n"
                 "With --config, the PAM line gets conf=PATH; the systemd units then need a\n"
                 "drop-in of their own. sshd needs no restart. pam_traffic disable undoes all of\n"
                 "it; pam_traffic doctor checks whether it works.\n",
};

static int enable_run(struct steps *steps, struct pamline *line) {
        if (steps_backup(steps, true) < 0)
                return EXIT_FAILED;
        steps_rules(steps, true);
        steps_units(steps, true);
        steprotation_add(steps);

        if (line->edit.reason == PAMEDIT_NOTHING) {
                (void)printf("%s already has the line of pam_traffic (line %zu)\n", line->path,
                             line->edit.number);
                if (!strcmp(line->service, PAMLINE_SERVICE))
                        steps_mark(steps, true, false);
        } else {
                pamline_diff(line);
                if (!steps->dry_run && pamline_write(line, steps->settings->state_dir,
                                                     steps->backup_fd, line->service) < 0)
                        return EXIT_FAILED;
                if (!strcmp(line->service, PAMLINE_SERVICE))
                        steps_mark(steps, true, true);
                steps_say(steps, "Changed", "Would change",
                          "%s (a copy of the old file: %s/backup/%s)", line->path,
                          steps->settings->state_dir, line->service);
        }
        if (steps->dry_run)
                return EXIT_DONE;
        if (steps->failures)
                fail_warn("logins will be recorded, but some steps failed; pam_traffic doctor "
                          "says what is missing and how to fix it");
        else
                (void)printf("The next login will be recorded. To check that all is well, run "
                             "pam_traffic doctor\n");
        return steps->failures ? EXIT_FAILED : EXIT_DONE;
}

/**
 * command_enable() - begin to account logins
 * @argc:       how many words
 * @argv:       the command's name, options
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_enable(int argc, char **argv) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        _cleanup_(pamline_clear) struct pamline line = PAMLINE_INIT;
        _cleanup_(fd_closep) int backup_fd = -1;
        struct steps steps = { .backup_fd = -1 };
        int r;

        r = stepoptions_read(&enable_options, argc, argv, &steps);
        if (r != OPTIONS_GO)
                return r;
        if (configuration_read(steps.config, &settings) < 0 || steps_programs() < 0)
                return EXIT_FAILED;
        if (pamline_plan(steps.service, steps.config, true, &line) < 0)
                return fail(EXIT_FAILED, "%s", line.refusal);
        steps.settings = settings;
        r = enable_run(&steps, &line);
        backup_fd = steps.backup_fd;
        return r;
}
