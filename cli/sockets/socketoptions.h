/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The options of pam_traffic sockets.
 */

#ifndef CLI_SOCKETOPTIONS_H
#define CLI_SOCKETOPTIONS_H

#include "cli/shared/options.h"
#include "net/net.h"
#include "socketlist.h"
#include "socketprint.h"

struct socketoptions {
        struct socketlist_wish wish;
        struct socketprint print;
        enum socketrow_column columns[SOCKETROW_COLUMNS];
        bool json, csv;
        uint64_t watch; /* seconds; 0: one look */
        uint64_t count; /* of looks; 0: no end */
        const char *config;
        bool has_exclude;
        struct networks exclude, only;
};

int socketoptions_read(int argc, char **argv, struct socketoptions *options);
void socketoptions_clear(struct socketoptions *options);

#endif
