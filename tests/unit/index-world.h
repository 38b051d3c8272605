/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Made-up logs for the tests of the index.
 */

#ifndef PAM_TRAFFIC_TESTS_INDEX_WORLD_H
#define PAM_TRAFFIC_TESTS_INDEX_WORLD_H

#include "index/index.h"
#include "temporary.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define MIDNIGHT (UINT64_C(1795392000) * CLOCK_SECOND) /* 2026-11-23T00:00:00Z */
#define HOUR (3600 * CLOCK_SECOND)

#define WORLD_LINE_MAX 640

struct world_record {
        unsigned int session;
        int seq;
        const char *event;
        uint64_t time;
        const char *user;
        int64_t in, delta; /* out is twice as much */
        const char *more;  /* ,"key":value ... */
};

/* One line, with its newline. */
static inline const char *world_line(const struct world_record *record) {
        static char line[WORLD_LINE_MAX];
        char time[CLOCK_TEXT_MAX];

        clock_format(record->time, time);
        (void)snprintf(
                line, sizeof(line),
                "{\"v\":1,\"event\":\"%s\",\"time\":\"%s\",\"host\":\"vm\",\"session\":"
                "\"01a20450-bb0f-79f8-b748-%012x\",\"seq\":%d,\"service\":\"sshd\",\"user\":"
                "\"%s\",\"local_port\":22,\"remote_addr\":\"10.77.0.%u\",\"in_bytes\":%" PRId64
                ",\"out_bytes\":%" PRId64 ",\"delta_in_bytes\":%" PRId64
                ",\"delta_out_bytes\":%" PRId64 ",\"complete\":true%s}\n",
                record->event, time, record->session, record->seq,
                record->user ? record->user : "alice", record->session % 250, record->in,
                2 * record->in, record->delta, 2 * record->delta, record->more ? record->more : "");
        return line;
}

static inline void world_append(void **state, const char *name, const char *text) {
        FILE *file = fopen(temporary_path(state, name), "a");

        if (!file || fputs(text, file) < 0 || fclose(file) != 0)
                abort();
}

static inline void world_add(void **state, const char *name, const struct world_record *record) {
        world_append(state, name, world_line(record));
}

static inline void world_move(void **state, const char *from, const char *to) {
        char old[512];

        (void)snprintf(old, sizeof(old), "%s", temporary_path(state, from));
        if (rename(old, temporary_path(state, to)) < 0)
                abort();
}

static inline char *world_read(void **state, const char *name, size_t *ret_size) {
        FILE *file = fopen(temporary_path(state, name), "r");
        char *text = calloc(1, 1 << 20);

        if (!file || !text)
                abort();
        *ret_size = fread(text, 1, (1 << 20) - 1, file);
        (void)fclose(file);
        return text;
}

static inline void world_write(void **state, const char *name, const void *bytes, size_t size) {
        FILE *file = fopen(temporary_path(state, name), "w");

        if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
                abort();
}

/* As gzip or zstd would, from NAME to its archive; the plain file goes. keep: bytes of it, 0: all.
 */
static inline void world_compress(void **state, const char *name, const char *archive,
                                  size_t keep) {
        size_t size, n = 0;
        char *text = world_read(state, name, &size);
        size_t room = compressBound(size) + ZSTD_compressBound(size) + 64;
        unsigned char *packed = malloc(room);
        z_stream gzip = { .next_in = (unsigned char *)text, .avail_in = (unsigned int)size };

        if (!packed)
                abort();
        if (strstr(archive, ".zst")) {
                ZSTD_CCtx *zstd = ZSTD_createCCtx();

                /* as zstd(1) does */
                (void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
                n = ZSTD_compress2(zstd, packed, room, text, size);
                (void)ZSTD_freeCCtx(zstd);
        } else {
                gzip.next_out = packed;
                gzip.avail_out = (unsigned int)room;
                if (deflateInit2(&gzip, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) ||
                    deflate(&gzip, Z_FINISH) != Z_STREAM_END)
                        abort();
                n = gzip.total_out;
                (void)deflateEnd(&gzip);
        }
        world_write(state, archive, packed, keep && keep < n ? keep : n);
        (void)unlink(temporary_path(state, name));
        free(packed);
        free(text);
}

struct world_heard {
        unsigned int lines, files;
        uint64_t last_line;
        char what[128];
};

static inline void world_hear_line(void *context, const char *path,
                                   const struct logreader_line *line) {
        struct world_heard *heard = context;

        (void)path;
        heard->lines++;
        heard->last_line = line->number;
}

static inline void world_hear_file(void *context, const char *path, const char *what) {
        struct world_heard *heard = context;

        (void)path;
        heard->files++;
        (void)snprintf(heard->what, sizeof(heard->what), "%s", what);
}

/* Take the log and its rotated files in. */
static inline int world_take(void **state, struct index *index, struct world_heard *heard) {
        struct world_heard nobody = { 0 };
        const struct index_watch watch = { .context = heard ? heard : &nobody,
                                           .line = world_hear_line,
                                           .file = world_hear_file };
        _cleanup_(logset_freep) struct logset *set = NULL;

        if (logset_new(temporary_path(state, "log"), &set))
                abort();
        return index_take(index, set, &watch);
}

static inline struct index *world_open(void **state) {
        struct index *index = NULL;

        if (index_open(NULL, temporary_path(state, "log"), INDEX_SSH, &index))
                abort();
        return index;
}

static inline struct index *world_taken(void **state) {
        struct index *index = world_open(state);

        if (world_take(state, index, NULL))
                abort();
        return index;
}

static inline struct index_answer *world_ask(struct index *index, enum index_layer layer,
                                             enum index_key by, const uint64_t *edges, size_t n) {
        const struct index_query query = {
                .edges = edges, .n_edges = n, .layer = layer, .by = { by, INDEX_NONE }
        };
        struct index_answer *answer = NULL;

        if (index_ask(index, &query, &answer))
                abort();
        return answer;
}

#endif
