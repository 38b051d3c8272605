/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The options that `enable` and `disable` share.
 */

#include "stepoptions.h"

#include "cli/etc/pamline.h"
#include "cli/shared/fail.h"
#include "config.h"

#include <string.h>
#include <unistd.h>

/**
 * stepoptions_read() - read the command line
 * @options:    the command's table, with stepoptions_entries
 * @argc:       how many words
 * @argv:       the words, the first is the command
 * @steps:      gets them
 *
 * Return: OPTIONS_GO, or the exit status to end with, after --help or a line on standard error.
 */
int stepoptions_read(const struct options *options, int argc, char **argv, struct steps *steps) {
        const char *config;
        int r;

        steps->service = PAMLINE_SERVICE;
        r = options_read(options, argc, argv, steps);
        if (r != OPTIONS_GO)
                return r;
        config = steps->config;
        if (!pamline_service_valid(steps->service))
                return options_wrong(options,
                                     "option --service: '%s' is not the name of a PAM service",
                                     steps->service);
        /* it becomes a word of the PAM line, pam.conf(5) */
        if (config && (*config != '/' || strpbrk(config, " \t\n#[]\\")))
                return options_wrong(
                        options,
                        "option --config: '%s' is not an absolute path, or has blanks, "
                        "brackets, # or backslashes",
                        config);
        if (!steps->dry_run && geteuid())
                return fail(EXIT_FAILED, "%s changes the system; run it as root, or with --dry-run",
                            options->command);
        return OPTIONS_GO;
}
