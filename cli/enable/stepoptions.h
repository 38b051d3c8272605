/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The options that `enable` and `disable` share: which service and configuration, and --dry-run.
 */

#ifndef CLI_STEPOPTIONS_H
#define CLI_STEPOPTIONS_H

#include "cli/shared/options.h"
#include "steps.h"

#define STEPOPTIONS_N 3

extern const struct option_entry stepoptions_entries[STEPOPTIONS_N];

int stepoptions_read(const struct options *options, int argc, char **argv, struct steps *steps);

#endif
