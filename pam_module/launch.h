/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Running the helper, detached, and waiting for its acknowledgement. The module uses it, and
 * doctor, which tests this same code.
 */

#ifndef PAM_MODULE_LAUNCH_H
#define PAM_MODULE_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        LAUNCH_E_TIMEOUT = 1, /* no acknowledgement by the deadline */
        LAUNCH_E_EXEC,        /* the program could not be run; errno is handed out */
        LAUNCH_E_FAILED,      /* the helper says that it could not, and logged why */
        LAUNCH_E_ENDED,       /* it ended without an acknowledgement */
        LAUNCH_E_GARBAGE,     /* it wrote something else */
        LAUNCH_E_HELD,        /* it did not begin by the deadline, and will not */
};

struct launch_program {
        const char *path;
        const char *config; /* handed over as --config; NULL: the program's own default */
};

int launch_open(const struct launch_program *program, const char *request, size_t size,
                uint64_t deadline, bool full, int *ret_errno);
int launch_close(const struct launch_program *program, const char *request, size_t size,
                 uint64_t deadline);
int launch_check(const struct launch_program *program, int cgroup_fd, uint64_t deadline, char *text,
                 size_t room, int *ret_errno);

#endif
