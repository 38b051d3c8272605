/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A report as a page: one HTML file that needs nothing beside itself.
 */

#ifndef CLI_REPORTPAGE_H
#define CLI_REPORTPAGE_H

#include "reportdata.h"

#include <stdio.h>

struct reportpage {
        const struct report_data *data; /* with series */
        const char *user;               /* whose sessions alone it is of; NULL: all */
};

int reportpage_write(const struct reportpage *page, FILE *stream);

#endif
