/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a report of users has beside its rows, and what it cannot know.
 */

#ifndef CLI_REPORTUSERS_H
#define CLI_REPORTUSERS_H

#include "reportdata.h"

int reportusers_finish(struct index *index, const struct report_query *query,
                       struct report_data *data);

#endif
