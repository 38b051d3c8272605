/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a run over sessions is given by its caller.
 *
 * Owns: opening the state folder, reading facts about the machine from /proc, and messages for the
 * admin.
 * Relies on: /proc/sys/kernel/random/boot_id, proc(5); /proc/self/ns/net, namespaces(7).
 */

#include "reading/context.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "net/process.h"
#include "store/fields.h"
#include "store/state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define CONTEXT_PROC_MAX 256
#define CONTEXT_LINE_MAX 2048

/**
 * context_report() - give a message to the caller
 * @context:    has the function that gets it
 * @priority:   of syslog(3)
 * @format:     as printf has it; hostile bytes in the arguments are escaped
 */
void context_report(const struct session_context *context, int priority, const char *format, ...) {
        char text[CONTEXT_LINE_MAX], line[TEXT_ESCAPE_MAX(CONTEXT_LINE_MAX)];
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        text_to_line(text, line, sizeof(line));
        context->report(context->context, priority, line);
}

/* Files that others write into the state folder would become records. So nobody else may write. */
static void context_guard_folder(const struct session_context *context, int folder_fd) {
        struct stat st;

        if (fstat(folder_fd, &st) < 0 || (st.st_uid == geteuid() && !(st.st_mode & 022)))
                return;
        if (st.st_uid == geteuid() && !fchmod(folder_fd, 0700))
                context_report(context, LOG_WARNING,
                               "users other than root could write to the state folder %s (mode "
                               "%o); its mode is 700 now",
                               context->settings->state_dir, (unsigned int)st.st_mode & 07777);
        else
                context_report(context, LOG_ERR,
                               "users other than root can write to the state folder %s (user %u, "
                               "mode %o); run chown root and chmod 700 on it",
                               context->settings->state_dir, (unsigned int)st.st_uid,
                               (unsigned int)st.st_mode & 07777);
}

/**
 * context_folder() - open the state folder
 * @context:    names it
 * @ret_fd:     the folder
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int context_folder(const struct session_context *context, int *ret_fd) {
        const char *path = context->settings->state_dir;
        int r;

        r = statefolder_open(path, ret_fd);
        if (r < 0)
                context_report(context, LOG_ERR, "cannot open the state folder %s: %s", path,
                               strerror(-r));
        else
                context_guard_folder(context, *ret_fd);
        return r;
}

/**
 * context_read_proc() - read the first line of a file of /proc
 * @context:    has /proc
 * @path:       the file, below it
 * @ret_text:   the line, without a newline; the caller frees it
 *
 * Return: 0, or a negative errno.
 */
int context_read_proc(const struct session_context *context, const char *path, char **ret_text) {
        size_t size;
        int r;

        r = file_read_at(context->proc_fd, path, CONTEXT_PROC_MAX, ret_text, &size);
        if (r)
                return r < 0 ? r : -EFBIG;
        (*ret_text)[strcspn(*ret_text, "\n")] = '\0';
        return 0;
}

/**
 * context_pid_started() - tell when a process began
 * @context:    has /proc
 * @pid:        the process
 *
 * Return: clock ticks after boot, or FIELD_UNKNOWN if there is no such process.
 */
int64_t context_pid_started(const struct session_context *context, pid_t pid) {
        _cleanup_(process_closep) struct process process = PROCESS_NULL;

        if (process_open(context->proc_fd, pid, &process))
                return FIELD_UNKNOWN;
        return (int64_t)process.stat.start;
}

/**
 * context_netns() - tell in which network namespace this runs
 * @context:    has /proc
 *
 * Return: its inode, namespaces(7), or FIELD_UNKNOWN.
 */
int64_t context_netns(const struct session_context *context) {
        struct stat status;

        return fstatat(context->proc_fd, "self/ns/net", &status, 0) < 0 ? FIELD_UNKNOWN
                                                                        : (int64_t)status.st_ino;
}

/**
 * context_boot_id() - tell which boot of the kernel this is
 * @context:            has /proc
 * @ret_boot_id:        the id; the caller frees it
 *
 * Return: 0, or a negative errno.
 */
int context_boot_id(const struct session_context *context, char **ret_boot_id) {
        return context_read_proc(context, "sys/kernel/random/boot_id", ret_boot_id);
}
