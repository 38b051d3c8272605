/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The options that `enable` and `disable` share.
 */

#include "stepoptions.h"

#include "cli/command.h"
#include "cli/etc/pamline.h"
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
        STEPOPTIONS_CONFIG = 1,
        STEPOPTIONS_DRY_RUN,
        STEPOPTIONS_SERVICE,
};

const struct option_entry stepoptions_entries[STEPOPTIONS_N] = {
        { STEPOPTIONS_CONFIG, "config", "PATH", "configuration (default: " PATH_CONFIG ")" },
        { STEPOPTIONS_DRY_RUN, "dry-run", NULL, "say what would be done, and do nothing" },
        { STEPOPTIONS_SERVICE, "service", "NAME",
          "the PAM service (default: " PAMLINE_SERVICE ")" },
};

/**
 * stepoptions_read() - read the command line
 * @options:    the command's table, with stepoptions_entries
 * @argc:       how many words
 * @argv:       the words, the first is the command
 * @ret_steps:  its config and dry_run are set, if it returns STEPOPTIONS_DONE
 * @ret_service: the PAM service, likewise
 *
 * Return: STEPOPTIONS_DONE, or the exit status to end with, after a line on standard error or
 *         --help.
 */
int stepoptions_read(const struct options *options, int argc, char **argv, struct steps *ret_steps,
                     const char **ret_service) {
        const char *service = PAMLINE_SERVICE, *config = NULL, *value;
        bool dry_run = false;
        int id;

        while ((id = options_next(options, argc, argv, &value)) > 0) {
                dry_run = dry_run || id == STEPOPTIONS_DRY_RUN;
                if (id == STEPOPTIONS_CONFIG)
                        config = value;
                if (id == STEPOPTIONS_SERVICE)
                        service = value;
        }
        if (id < 0)
                return id == OPTIONS_HELP ? EXIT_DONE : EXIT_USAGE;
        if (optind < argc)
                return options_wrong(options, "takes no operand", argv[optind]);
        if (!pamline_service_valid(service))
                return options_wrong(options, "not the name of a PAM service", service);
        /* it becomes a word of the PAM line, pam.conf(5) */
        if (config && (*config != '/' || strpbrk(config, " \t\n#[]\\")))
                return options_wrong(options, "--config needs an absolute path", config);
        if (!dry_run && geteuid()) {
                (void)fprintf(stderr,
                              "pam_traffic: %s changes the system; run it as root, or with "
                              "--dry-run\n",
                              options->command);
                return EXIT_FAILED;
        }
        ret_steps->dry_run = dry_run;
        ret_steps->config = config;
        *ret_service = service;
        return STEPOPTIONS_DONE;
}
