/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The bytes of a log file, which may be compressed by gzip or zstd.
 *
 * Owns: the limits of the memory that an archive may use. Of a damaged archive, the readable part
 * is returned; then comes -EBADMSG, and logstream_fault() says what is wrong.
 */

#ifndef STORE_LOGSTREAM_H
#define STORE_LOGSTREAM_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct logstream;

int logstream_new(const char *path, struct logstream **ret_stream);
struct logstream *logstream_free(struct logstream *stream);
CLEANUP_DEFINE(struct logstream, logstream_free)

ssize_t logstream_read(void *stream, char *buffer, size_t size);
int logstream_skip(struct logstream *stream, uint64_t bytes);
int logstream_rewind(struct logstream *stream);
uint64_t logstream_consumed(const struct logstream *stream);
bool logstream_compressed(const struct logstream *stream);
const char *logstream_fault(const struct logstream *stream);

#endif
