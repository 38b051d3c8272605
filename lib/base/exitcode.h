/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The exit codes of our programs.
 */

#ifndef BASE_EXITCODE_H
#define BASE_EXITCODE_H

enum exitcode {
        EXIT_DONE = 0,
        EXIT_FAILED = 1, /* a clear line has been logged or printed */
        EXIT_USAGE = 2,
};

#endif
