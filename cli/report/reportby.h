/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the rows of a report are told apart by: the words of --by.
 */

#ifndef CLI_REPORTBY_H
#define CLI_REPORTBY_H

#include "index/index.h"

#include <stdbool.h>
#include <stddef.h>

enum report_by {
        REPORT_NONE,
        REPORT_USER,
        REPORT_KEY,
        REPORT_REMOTE,
        REPORT_NETWORK, /* /24, or /64 */
        REPORT_HOST,
        REPORT_SERVICE,
        REPORT_KIND, /* what the login was for */
        REPORT_UID,  /* of the users' ledger */
        REPORT_LOGIN,
        REPORT_HOUR,
        REPORT_DAY,
        REPORT_MONTH, /* that begins at the configuration's billing_day */
};

const char *reportby_name(enum report_by by);
bool reportby_parse(const char *word, size_t size, enum report_by *ret_by);
bool reportby_is_of(enum report_by by, enum index_ledger ledger);
bool reportby_is_time(enum report_by by);
enum index_key reportby_key(enum report_by by);

#endif
