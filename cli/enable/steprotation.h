/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What `enable` and `disable` do about the rotation of the log.
 */

#ifndef CLI_STEPROTATION_H
#define CLI_STEPROTATION_H

#include "steps.h"

void steprotation_add(struct steps *steps);
void steprotation_remove(struct steps *steps);

#endif
