/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a report of users cannot know, because users were not counted for some of its time.
 */

#ifndef CLI_REPORTGAPS_H
#define CLI_REPORTGAPS_H

#include "reportdata.h"

void reportgaps_doubt(struct report_data *data);

#endif
