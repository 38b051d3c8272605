/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sessions whose state was lost, because somebody has deleted the state folder.
 *
 * Owns: that they end in the log. The log has them without a stop record, and no state is there. If
 * the connection lives, found.c goes on with it; if sshd closes it, the close makes a state anew
 * (late.c). Of the rest nobody knows when it ended, and what it moved since its last record. The
 * file `settled` has the boot in which the log was read for that; so it is read once a boot and
 * once an hour, in a state folder that is new, and every ten minutes while such a connection lives.
 * Files of the log in which nobody has written for long are not read: on a busy host that would
 * take minutes. Whoever has no interim records and began before that stays open.
 */

#include "session/lost.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "base/patience.h"
#include "base/text.h"
#include "net/process.h"
#include "reading/ownsocket.h"
#include "store/fields.h"
#include "store/log.h"
#include "store/state.h"
#include "store/statelock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define LOST_SETTLED "settled"
#define LOST_SETTLING "settling" /* when it was last read, CLOCK_REALTIME in microseconds */
#define LOST_TEXT_MAX 64

struct lost {
        const struct session_context *context;
        int folder_fd;
        struct sources *sources;
        const char *boot_id;
        char host[HOST_NAME_MAX + 1];
        struct logfind_position before; /* where the log ended when it was read */
        bool cut;                       /* connections that live are none of ours any more */
        unsigned int failures;
        bool again; /* the next reap has to look once more */
};

enum lost_life {
        LOST_GONE,
        LOST_LIVES,
        LOST_UNSURE, /* nobody can tell now */
};

/* Whether the process that opened a session runs. Its number may be another one's by now. */
static bool lost_has_process(const struct lost *lost, const struct record *record) {
        _cleanup_(process_closep) struct process process = PROCESS_NULL;

        return !process_open(lost->context->proc_fd, (pid_t)record->pid, &process) &&
               process.is_sshd;
}

/* Whether the socket that a record names is there: the session may go on. It may be where it cannot
 * be seen (another network namespace): then its process tells. */
static enum lost_life lost_life(const struct lost *lost, const struct record *record) {
        struct sockdiag *sockdiag = ownsocket_sockdiag(lost->sources);
        struct connection connection = {
                .local = { .port = (uint16_t)record->local_port },
                .remote = { .port = (uint16_t)record->remote_port },
        };
        struct sockdiag_socket socket;
        int r;

        if (!record->boot_id || strcmp(record->boot_id, lost->boot_id) != 0 ||
            !record->local_addr || !record->remote_addr || record->local_port < 1 ||
            record->local_port > UINT16_MAX || record->remote_port < 1 ||
            record->remote_port > UINT16_MAX ||
            address_parse(record->local_addr, &connection.local.address) ||
            address_parse(record->remote_addr, &connection.remote.address))
                return LOST_GONE;
        /* a record does not say to which interface it is bound; without this way, the process
         * alone tells */
        r = sockdiag ? sockdiag_get(sockdiag, &connection, FIELD_UNKNOWN, &socket)
                     : SOCKDIAG_E_NOT_FOUND;
        if (r == SOCKDIAG_E_NOT_FOUND)
                return lost_has_process(lost, record) ? LOST_LIVES : LOST_GONE;
        if (r)
                return LOST_UNSURE;
        return socket.state == TCP_TIME_WAIT || socket.state == TCP_CLOSE ? LOST_GONE : LOST_LIVES;
}

static int lost_set(char **text, const char *value) {
        free(*text);
        *text = NULL;
        return text_copy(text, value);
}

/* Make the stop record of the last record: it has what that one had, and nothing of what came then.
 */
static int lost_make(struct record *record) {
        char time[CLOCK_TEXT_MAX];
        int r;

        if (record->seq == INT64_MAX)
                return -ERANGE;
        clock_format(clock_now(CLOCK_REALTIME), time);
        record->seq++;
        record->duration = RECORD_UNKNOWN;
        /* what is excluded misses nothing */
        record->complete = record->excluded;
        record->excluded_in_bytes = record->excluded_out_bytes = RECORD_UNKNOWN;
        if (record->in_bytes != RECORD_UNKNOWN)
                record->delta_in_bytes = record->delta_out_bytes = 0;
        r = lost_set(&record->event, "stop");
        if (!r)
                r = lost_set(&record->time, time);
        if (!r)
                r = lost_set(&record->terminate_cause, NULL);
        if (!r)
                r = lost_set(&record->incomplete_cause, record->excluded ? NULL : "lost");
        return r;
}

static int lost_write(struct lost *lost, struct record *record) {
        const char *path = lost->context->settings->log_file;
        struct logfind_position now;
        _cleanup_(freep) char *line = NULL;
        size_t size;
        int r;

        r = lost_make(record);
        if (!r)
                r = record_encode(record, &line, &size);
        if (!r)
                r = log_append(lost->folder_fd, path, line, size, lost->context->patience);
        if (r)
                return r;
        /* if nobody else has written anything, there is no news yet */
        logfind_position(path, &now);
        if (now.inode == lost->before.inode && now.offset == lost->before.offset + (int64_t)size)
                lost->before = now;
        return 0;
}

/* Whether somebody has written a record of it since the log was read. */
static int lost_is_news(const struct lost *lost, const char *session, bool *ret_is) {
        char text[UUID_TEXT_MAX + 32];

        (void)snprintf(text, sizeof(text), "\"session\":\"%s\"", session);
        return logfind_text(lost->context->settings->log_file, &lost->before, text, ret_is);
}

static bool lost_has_state(struct lost *lost, const char *id) {
        _cleanup_(state_freep) struct state *state = NULL;
        const char *field;
        int r = statefolder_load(lost->folder_fd, id, &state, &field);

        lost->again = lost->again || (r && r != STATE_E_NOT_FOUND);
        return r != STATE_E_NOT_FOUND;
}

/* Whether a session, which is locked, has no state, and nobody has ended it in the meantime. */
static bool lost_is_alone(struct lost *lost, const char *id) {
        struct logfind_position now;
        bool news = false;
        int r = 0;

        if (lost_has_state(lost, id))
                return false;
        logfind_position(lost->context->settings->log_file, &now);
        if (now.inode != lost->before.inode)
                r = -ESTALE; /* it was rotated: what is new may be in an archive */
        else
                r = lost_is_news(lost, id, &news);
        lost->again = lost->again || r;
        return !r && !news;
}

static int lost_take(void *data, struct record *record) {
        struct lost *lost = data;
        _cleanup_(onesession_end) struct session session = SESSION_INIT;
        enum lost_life life;
        int r;

        if (!record->host || strcmp(record->host, lost->host) != 0 ||
            lost_has_state(lost, record->session))
                return 0;
        life = lost->cut ? LOST_GONE : lost_life(lost, record);
        if (life != LOST_GONE) {
                lost->again = true;
                return 0;
        }
        r = onesession_begin(&session, lost->context, lost->folder_fd, lost->sources,
                             record->session, 0);
        if (r < 0) {
                lost->again = true; /* somebody works on it */
                return 0;
        }
        if (!lost_is_alone(lost, record->session))
                return 0;
        r = lost_write(lost, record);
        if (r < 0) {
                context_report(lost->context, LOG_ERR,
                               "session %s: its state is lost, and its stop record cannot be "
                               "written to %s: %s",
                               record->session, lost->context->settings->log_file,
                               statelock_reason(r));
                lost->failures++;
                lost->again = true;
                return 0;
        }
        context_report(lost->context, LOG_WARNING,
                       "session %s: its state was deleted; its stop record has what was recorded "
                       "before, and nobody knows when it ended",
                       record->session);
        return 0;
}

/* Whether the log was read not long ago, and some connection lived: it is read seldom then. */
static bool lost_rests(int folder_fd) {
        uint64_t now = clock_now(CLOCK_REALTIME), last = 0;
        _cleanup_(freep) char *text = NULL;
        char written[LOST_TEXT_MAX];
        size_t size;

        if (!file_read_at(folder_fd, LOST_SETTLING, LOST_TEXT_MAX, &text, &size) &&
            !number_parse(text, strcspn(text, "\n"), 10, INT64_MAX, &last) && last <= now &&
            now - last < LOST_PATIENCE)
                return true;
        (void)snprintf(written, sizeof(written), "%" PRIu64 "\n", now);
        /* without room for the file it would be read at each reap */
        return file_replace_at(folder_fd, LOST_SETTLING, written, strlen(written), false) < 0;
}

/* Whether this was done in this boot, as a state may get lost at a power loss, too; and not long
 * ago, as somebody may delete a part of the folder. */
static bool lost_is_settled(int folder_fd, const char *boot_id) {
        uint64_t now = clock_now(CLOCK_REALTIME), then;
        _cleanup_(freep) char *text = NULL;
        struct stat st;
        size_t size;

        if (fstatat(folder_fd, LOST_SETTLED, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_mtime < 0)
                return false;
        then = (uint64_t)st.st_mtime * CLOCK_SECOND;
        return then <= now && now - then < LOST_SETTLED_FOR &&
               !file_read_at(folder_fd, LOST_SETTLED, LOST_TEXT_MAX, &text, &size) &&
               !strcmp(text, boot_id);
}

/**
 * lost_unsettle() - note that a state was lost
 * @folder_fd:  the state folder
 */
void lost_unsettle(int folder_fd) {
        (void)unlinkat(folder_fd, LOST_SETTLED, 0);
        (void)unlinkat(folder_fd, LOST_SETTLING, 0);
}

static unsigned int lost_walk(struct lost *lost) {
        const char *path = lost->context->settings->log_file;
        uint64_t now = clock_now(CLOCK_REALTIME);
        int r;

        (void)gethostname(lost->host, sizeof(lost->host) - 1);
        logfind_position(path, &lost->before);
        r = logopen_walk(path, now > LOST_LOOK_BACK ? now - LOST_LOOK_BACK : 0, lost_take, lost);
        if (!r)
                return lost->failures;
        context_report(lost->context, LOG_ERR,
                       "cannot look in %s for sessions whose state is lost: %s", path,
                       strerror(r < 0 ? -r : EBADMSG));
        return lost->failures + 1;
}

/**
 * lost_cut() - end the sessions of the log of which there is no state, also those that live
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 * @sources:    the way to the sockets
 * @boot_id:    this boot
 *
 * Return: how many could not be ended, which has been reported.
 */
unsigned int lost_cut(const struct session_context *context, int folder_fd, struct sources *sources,
                      const char *boot_id) {
        struct lost lost = {
                .context = context,
                .folder_fd = folder_fd,
                .sources = sources,
                .boot_id = boot_id,
                .cut = true,
        };

        return lost_walk(&lost);
}

/**
 * lost_finish() - end the sessions of the log of which there is neither a state nor a connection
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 * @sources:    the way to the sockets
 * @boot_id:    this boot
 *
 * Does nothing if all were ended in the last hour and no state was lost since.
 *
 * Return: how many could not be ended, which has been reported.
 */
unsigned int lost_finish(const struct session_context *context, int folder_fd,
                         struct sources *sources, const char *boot_id) {
        struct lost lost = {
                .context = context,
                .folder_fd = folder_fd,
                .sources = sources,
                .boot_id = boot_id,
        };
        unsigned int failures;

        if (lost_is_settled(folder_fd, boot_id) || lost_rests(folder_fd))
                return 0;
        failures = lost_walk(&lost);
        if (!failures && !lost.again &&
            !file_replace_at(folder_fd, LOST_SETTLED, boot_id, strlen(boot_id), true))
                (void)unlinkat(folder_fd, LOST_SETTLING, 0);
        return failures;
}
