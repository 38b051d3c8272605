/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The options that `enable` and `disable` share: which service and configuration, and --dry-run.
 */

#ifndef CLI_STEPOPTIONS_H
#define CLI_STEPOPTIONS_H

#include "cli/etc/pamline.h"
#include "cli/shared/options.h"
#include "config.h"
#include "steps.h"

#define STEPOPTIONS_CONFIG OPTION_CONFIG(struct steps, config)
#define STEPOPTIONS_DRY_RUN                                                           \
        {                                                                             \
                "dry-run", NULL, "only print what would be done, and change nothing", \
                        OPTION_FLAG(struct steps, dry_run)                            \
        }
#define STEPOPTIONS_SERVICE                                                          \
        {                                                                            \
                "service", "NAME", "the PAM service (default: " PAMLINE_SERVICE ")", \
                        OPTION_TEXT(struct steps, service)                           \
        }

int stepoptions_read(const struct options *options, int argc, char **argv, struct steps *steps);

#endif
