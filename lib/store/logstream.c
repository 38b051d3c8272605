/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The bytes of a log file, compressed or not.
 *
 * Owns: the format of the file, which its first bytes tell, not its name (RFC 1952, RFC 8878); and
 * one buffer of the file's bytes, for all formats.
 * Relies on: zlib, whose window is at most 32 KiB; libzstd, which gets a limit for the window. Both
 * gzip and zstd files may consist of several archives, one after the other (pigz, logrotate).
 */

#include "store/logstream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define LOGSTREAM_BUFFER ((size_t)256 * 1024)
#define LOGSTREAM_WINDOW_LOG 27 /* 128 MiB, the most that zstd makes unless told --ultra --long */

enum logstream_form {
        LOGSTREAM_PLAIN,
        LOGSTREAM_GZIP,
        LOGSTREAM_ZSTD,
};

struct logstream {
        int fd;
        enum logstream_form form;
        z_stream gzip;
        ZSTD_DCtx *zstd;
        size_t block; /* bytes of the next one; 0: not known */
        bool held;    /* more may come out of the last one */
        uint64_t consumed;
        size_t begin;      /* of the bytes in the buffer that were not taken yet */
        size_t end;        /* behind them */
        bool mid;          /* inside an archive: the file must not end here */
        bool any;          /* an archive was read to its end */
        const char *fault; /* once there is one, nothing more is read */
        unsigned char buffer[];
};

/* Have bytes in the buffer; none: the file's end. */
static int logstream_fill(struct logstream *stream) {
        ssize_t n;

        if (stream->begin < stream->end)
                return 0;
        do
                n = read(stream->fd, stream->buffer, LOGSTREAM_BUFFER);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        stream->begin = 0;
        stream->end = (size_t)n;
        stream->consumed += (uint64_t)n;
        return 0;
}

static int logstream_start(struct logstream *stream) {
        static const unsigned char gzip[] = { 0x1f, 0x8b }, zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
        int r;

        r = logstream_fill(stream);
        if (r < 0)
                return r;
        if (stream->end >= sizeof(gzip) && !memcmp(stream->buffer, gzip, sizeof(gzip))) {
                /* 16: gzip's header is expected */
                if (inflateInit2(&stream->gzip, MAX_WBITS + 16) != Z_OK)
                        return -ENOMEM;
                stream->form = LOGSTREAM_GZIP;
        } else if (stream->end >= sizeof(zstd) && !memcmp(stream->buffer, zstd, sizeof(zstd))) {
                stream->zstd = ZSTD_createDCtx();
                if (!stream->zstd)
                        return -ENOMEM;
                (void)ZSTD_DCtx_setParameter(stream->zstd, ZSTD_d_windowLogMax,
                                             LOGSTREAM_WINDOW_LOG);
                stream->form = LOGSTREAM_ZSTD;
        }
        return 0;
}

/**
 * logstream_new() - open a log file
 * @path:       the file
 * @ret_stream: its bytes
 *
 * Return: 0, -EBADF if it is no regular file, or another negative errno.
 */
int logstream_new(const char *path, struct logstream **ret_stream) {
        _cleanup_(logstream_freep) struct logstream *stream = NULL;
        _cleanup_(fd_closep) int fd = -1;
        struct stat st;
        int r;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADF;
        stream = calloc(1, sizeof(*stream) + LOGSTREAM_BUFFER);
        if (!stream)
                return -ENOMEM;
        stream->fd = fd_steal(&fd);
        r = logstream_start(stream);
        if (r < 0)
                return r;
        *ret_stream = pointer_steal(&stream);
        return 0;
}

/**
 * logstream_free() - end what logstream_new() began
 * @stream:     the bytes, or NULL
 *
 * Return: NULL.
 */
struct logstream *logstream_free(struct logstream *stream) {
        if (stream) {
                if (stream->form == LOGSTREAM_GZIP)
                        (void)inflateEnd(&stream->gzip);
                (void)ZSTD_freeDCtx(stream->zstd);
                (void)fd_close(stream->fd);
        }
        free(stream);
        return NULL;
}

static int logstream_bad(struct logstream *stream, const char *fault) {
        stream->fault = fault;
        return -EBADMSG;
}

static ssize_t logstream_read_plain(struct logstream *stream, char *buffer, size_t size) {
        size_t n = stream->end - stream->begin;

        n = n < size ? n : size;
        memcpy(buffer, stream->buffer + stream->begin, n);
        stream->begin += n;
        return (ssize_t)n;
}

/* Decompress what is in the buffer; *ret_made may stay 0. */
static int logstream_gunzip(struct logstream *stream, char *buffer, size_t size, size_t *ret_made) {
        z_stream *gzip = &stream->gzip;
        int r;

        if (!stream->mid && stream->any && stream->begin < stream->end) {
                /* what follows an archive and is none is padding to gzip(1), too */
                if (stream->buffer[stream->begin] != 0x1f) {
                        stream->begin = stream->end;
                        return 0;
                }
                if (inflateReset(gzip) != Z_OK)
                        return logstream_bad(stream, "the gzip archive is damaged");
        }
        gzip->next_in = stream->buffer + stream->begin;
        gzip->avail_in = (unsigned int)(stream->end - stream->begin);
        gzip->next_out = (unsigned char *)buffer;
        gzip->avail_out = (unsigned int)size;
        r = inflate(gzip, Z_NO_FLUSH);
        stream->begin = stream->end - gzip->avail_in;
        *ret_made = size - gzip->avail_out;
        stream->mid = r != Z_STREAM_END;
        stream->any = stream->any || r == Z_STREAM_END;
        if (r == Z_MEM_ERROR)
                return -ENOMEM;
        if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
                return logstream_bad(stream, "the gzip archive is damaged");
        return 0;
}

/*
 * One block at a time, when all of the one before is out: the library says how long the next one
 * is. Where a block is damaged, what else the same call has made is lost; so it must not depend on
 * the room that there is.
 */
static int logstream_unzstd(struct logstream *stream, char *buffer, size_t size, size_t *ret_made) {
        size_t wanted = stream->block ? stream->block : 1, left = stream->end - stream->begin;
        ZSTD_inBuffer in = {
                stream->buffer,
                stream->begin + (stream->held    ? 0
                                 : wanted < left ? wanted
                                                 : left),
                stream->begin,
        };
        ZSTD_outBuffer out = { buffer, size, 0 };
        size_t r = ZSTD_decompressStream(stream->zstd, &out, &in);

        stream->begin = in.pos;
        *ret_made = out.pos;
        if (ZSTD_isError(r))
                return logstream_bad(stream, "the zstd archive is damaged, or needs more than "
                                             "128 MiB of memory");
        stream->held = out.pos == out.size;
        stream->mid = r != 0;
        stream->block = r;
        return 0;
}

/**
 * logstream_read() - read bytes
 * @object:     the struct logstream, as a logreader's context
 * @buffer:     where they are put
 * @size:       how many at most, at least one
 *
 * Return: how many, 0 at the end, -EBADMSG where an archive is damaged, or another negative errno.
 */
ssize_t logstream_read(void *object, char *buffer, size_t size) {
        struct logstream *stream = object;
        size_t made = 0;
        int r;

        size = size < INT32_MAX ? size : INT32_MAX;
        if (stream->fault)
                return -EBADMSG;
        while (!made) {
                bool over;

                r = logstream_fill(stream);
                if (r < 0)
                        return r;
                if (stream->form == LOGSTREAM_PLAIN)
                        return logstream_read_plain(stream, buffer, size);
                over = stream->begin == stream->end;
                if (over && !stream->mid)
                        return 0;
                /* what the library holds back comes out without new bytes, too */
                r = stream->form == LOGSTREAM_GZIP ? logstream_gunzip(stream, buffer, size, &made)
                                                   : logstream_unzstd(stream, buffer, size, &made);
                if (r < 0)
                        return made ? (ssize_t)made : r;
                if (over && !made && stream->mid)
                        return logstream_bad(stream, "the archive ends too early");
        }
        return (ssize_t)made;
}

/**
 * logstream_rewind() - begin again
 * @stream:     the bytes
 *
 * Return: 0, or a negative errno.
 */
int logstream_rewind(struct logstream *stream) {
        if (lseek(stream->fd, 0, SEEK_SET) < 0)
                return -errno;
        if (stream->form == LOGSTREAM_GZIP && inflateReset(&stream->gzip) != Z_OK)
                return -EINVAL;
        if (stream->form == LOGSTREAM_ZSTD)
                (void)ZSTD_DCtx_reset(stream->zstd, ZSTD_reset_session_only);
        stream->consumed = stream->begin = stream->end = stream->block = 0;
        stream->mid = stream->any = stream->held = false;
        stream->fault = NULL;
        return 0;
}

/**
 * logstream_skip() - pass over bytes
 * @stream:     the bytes
 * @bytes:      how many, decompressed; where there are fewer, the end comes next
 *
 * Return: 0, or a negative errno.
 */
int logstream_skip(struct logstream *stream, uint64_t bytes) {
        char room[16 * 1024];

        if (stream->form == LOGSTREAM_PLAIN && bytes > stream->end - stream->begin) {
                if (bytes > INT64_MAX ||
                    lseek(stream->fd, (off_t)(bytes - (stream->end - stream->begin)), SEEK_CUR) < 0)
                        return bytes > INT64_MAX ? -EINVAL : -errno;
                stream->consumed += bytes - (stream->end - stream->begin);
                stream->begin = stream->end = 0;
                return 0;
        }
        while (bytes) {
                ssize_t n = logstream_read(stream, room,
                                           bytes < sizeof(room) ? (size_t)bytes : sizeof(room));

                if (n <= 0)
                        return (int)n;
                bytes -= (uint64_t)n;
        }
        return 0;
}

/**
 * logstream_consumed() - tell how much of the file was read
 * @stream:     the bytes
 *
 * Return: bytes of the file as it lies on the disk.
 */
uint64_t logstream_consumed(const struct logstream *stream) {
        return stream->consumed;
}

/**
 * logstream_compressed() - tell whether a file is an archive
 * @stream:     its bytes
 *
 * Return: true if it is.
 */
bool logstream_compressed(const struct logstream *stream) {
        return stream->form != LOGSTREAM_PLAIN;
}

/**
 * logstream_fault() - tell what is wrong with an archive
 * @stream:     its bytes; -EBADMSG came of them
 *
 * Return: words of ours; NULL if nothing is known to be.
 */
const char *logstream_fault(const struct logstream *stream) {
        return stream->fault;
}
