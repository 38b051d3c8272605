/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A report as a page: one HTML file that needs nothing beside itself.
 */

#ifndef CLI_REPORTPAGE_H
#define CLI_REPORTPAGE_H

#include "reportdata.h"

#include <stdbool.h>
#include <stdio.h>

struct reportpage {
        const struct report_data *data;  /* with series */
        const struct report_data *users; /* likewise, of the users' ledger; NULL: none */
        const char *user;                /* whose sessions alone it is of; NULL: all */
        bool filtered;                   /* it is of some keys or addresses only */
        bool of_files;                   /* the log may be of another host */
};

int reportpage_write(const struct reportpage *page, FILE *stream);

#endif
