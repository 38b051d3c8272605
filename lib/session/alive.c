/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When the last reap was.
 *
 * Owns: the file `alive` of the state folder, with the moment of the last reap by both clocks, and
 * its boot. If that was long ago, the log gets two marks: from when on nobody ended sessions that
 * nobody closed, and that somebody does again. Within a boot the time is that of CLOCK_MONOTONIC,
 * so that a clock that was set makes no gap, and a host that was asleep neither. A host that was
 * down is back when it booted. Where no login comes to the module there is no gap of this kind:
 * nobody wanted it, or `pam_traffic disable` has written a mark, or the line of the PAM file went
 * away in another way; then the log gets a mark of that.
 */

#include "session/alive.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "base/patience.h"
#include "base/uuid.h"
#include "session/foundpam.h"
#include "store/gaps.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define ALIVE_FILE "alive"
#define ALIVE_UNHOOKED "unhooked" /* the line is gone, and the log has the mark of that */
#define ALIVE_TEXT_MAX 128

/**
 * alive_parse() - read the file
 * @text:       "REALTIME MONOTONIC BOOT_ID", and a newline
 * @ret_alive:  what it says
 *
 * Return: whether it says that.
 */
bool alive_parse(const char *text, struct alive *ret_alive) {
        size_t first = strcspn(text, " "), second;
        const char *rest = text + first + (text[first] == ' ');

        second = strcspn(rest, " ");
        if (number_parse(text, first, 10, INT64_MAX, &ret_alive->realtime) < 0 ||
            number_parse(rest, second, 10, INT64_MAX, &ret_alive->monotonic) < 0 ||
            rest[second] != ' ')
                return false;
        (void)snprintf(ret_alive->boot_id, sizeof(ret_alive->boot_id), "%.*s",
                       (int)strcspn(rest + second + 1, "\n"), rest + second + 1);
        return true;
}

static bool alive_read(int folder_fd, struct alive *ret_alive) {
        _cleanup_(freep) char *text = NULL;
        size_t size;

        return !file_read_at(folder_fd, ALIVE_FILE, ALIVE_TEXT_MAX, &text, &size) &&
               alive_parse(text, ret_alive);
}

/* The gap between the last reap and this one. Return: false: there is none. */
static bool alive_gap(const struct alive *last, const struct alive *now, uint64_t boottime,
                      struct gap *ret_gap) {
        bool rebooted = strcmp(last->boot_id, now->boot_id) != 0;
        uint64_t booted = now->realtime > boottime ? now->realtime - boottime : 0;
        /* the first reap of a boot comes soon, or the host was not all that was missing */
        bool down = rebooted && booted > last->realtime && boottime < ALIVE_GAP;
        uint64_t end = down ? booted : now->realtime;

        *ret_gap = (struct gap){
                .begin = last->realtime,
                .end = end,
                .cause = down ? GAP_REBOOT : GAP_STOPPED,
        };
        if (end <= last->realtime)
                return false;
        if (!rebooted)
                return now->monotonic > last->monotonic &&
                       now->monotonic - last->monotonic >= ALIVE_GAP;
        return end - last->realtime >= ALIVE_GAP;
}

/* No login comes to the module. If somebody wants it to, that began after the last reap. */
static void alive_unhook(const struct session_context *context, int folder_fd) {
        struct alive last;

        if (!foundpam_is_wanted(folder_fd) || !alive_read(folder_fd, &last)) {
                (void)unlinkat(folder_fd, ALIVE_FILE, 0);
                return;
        }
        /* where the mark cannot be written, the next reap tries again */
        if (!gaps_write(folder_fd, context->settings->log_file, true, GAP_OFF, last.realtime,
                        context->patience))
                (void)renameat(folder_fd, ALIVE_FILE, folder_fd, ALIVE_UNHOOKED);
}

/**
 * alive_note() - note that a reap runs, and in the log if none did for long
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 * @boot_id:    this boot
 */
void alive_note(const struct session_context *context, int folder_fd, const char *boot_id) {
        struct alive last, now = {
                .realtime = clock_now(CLOCK_REALTIME),
                .monotonic = clock_now(CLOCK_MONOTONIC),
        };
        const char *path = context->settings->log_file;
        char text[ALIVE_TEXT_MAX];
        uint64_t since;
        struct gap gap;
        int r = 0;

        if (foundpam_since(folder_fd, context->config, &since) == FOUNDPAM_E_NONE) {
                alive_unhook(context, folder_fd);
                return;
        }
        if (!faccessat(folder_fd, ALIVE_UNHOOKED, F_OK, AT_SYMLINK_NOFOLLOW) &&
            !gaps_write(folder_fd, path, false, GAP_UNKNOWN, now.realtime, context->patience))
                (void)unlinkat(folder_fd, ALIVE_UNHOOKED, 0);
        (void)snprintf(now.boot_id, sizeof(now.boot_id), "%s", boot_id);
        if (alive_read(folder_fd, &last) &&
            alive_gap(&last, &now, clock_now(CLOCK_BOOTTIME), &gap)) {
                r = gaps_write(folder_fd, path, true, gap.cause, gap.begin, context->patience);
                if (!r)
                        r = gaps_write(folder_fd, path, false, GAP_UNKNOWN, gap.end,
                                       context->patience);
        }
        if (r < 0) {
                /* the next reap tries again, and then the gap is longer */
                context_report(context, LOG_WARNING,
                               "cannot note in %s for how long no reap ran: %s", path,
                               strerror(-r));
                return;
        }
        (void)snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64 " %s\n", now.realtime,
                       now.monotonic, now.boot_id);
        /* without room for the file: by the old one, it would look as if this reap had not run */
        if (file_replace_at(folder_fd, ALIVE_FILE, text, strlen(text), false) < 0)
                (void)unlinkat(folder_fd, ALIVE_FILE, 0);
}
