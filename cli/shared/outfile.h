/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A file that a command writes: afterwards the whole file is new, or unchanged.
 *
 *      _cleanup_(outfile_close) struct outfile file = { 0 };
 *
 *      if (outfile_open(path, 0640, &file) < 0)
 *              return EXIT_FAILED;
 *      (void)fprintf(file.stream, ...);
 *      return outfile_commit(&file) < 0 ? EXIT_FAILED : EXIT_DONE;
 */

#ifndef CLI_OUTFILE_H
#define CLI_OUTFILE_H

#include <stdio.h>
#include <sys/types.h>

struct outfile {
        FILE *stream;
        const char *path; /* the caller's */
        char *temporary;  /* NULL: it is standard output */
};

int outfile_open(const char *path, mode_t mode, struct outfile *ret_file);
int outfile_commit(struct outfile *file);
void outfile_close(struct outfile *file);

#endif
