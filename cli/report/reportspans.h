/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The hours, days or months of a report.
 */

#ifndef CLI_REPORTSPANS_H
#define CLI_REPORTSPANS_H

#include "base/base.h"
#include "cli/shared/calendar.h"
#include "reportdata.h"

#include <stddef.h>
#include <stdint.h>

#define REPORTSPANS_MAX ((size_t)1000000)

struct reportspans {
        uint64_t *edges; /* one more than there are spans */
        size_t n;        /* spans */
        char (*labels)[REPORTDATA_LABEL_MAX];
};

int reportspans_new(enum report_by by, uint64_t since, uint64_t until,
                    const struct calendar *calendar, struct reportspans **ret_spans);
struct reportspans *reportspans_free(struct reportspans *spans);
CLEANUP_DEFINE(struct reportspans, reportspans_free)

uint64_t reportspans_next(enum report_by by, uint64_t begin, const struct calendar *calendar);
void reportspans_label(enum report_by by, uint64_t moment, const struct calendar *calendar,
                       char ret_label[static REPORTDATA_LABEL_MAX]);

#endif
