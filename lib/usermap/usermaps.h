/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The open maps; for this room alone.
 */

#ifndef USERMAP_USERMAPS_H
#define USERMAP_USERMAPS_H

#include <stddef.h>
#include <stdint.h>

struct usermap {
        int rows_fd;
        int owners_fd;
        int excluded_fd;
        int subordinates_fd;
        int state_fd;
        int lost_fd;
        uint32_t id;
        size_t n_cpus;
};

#endif
