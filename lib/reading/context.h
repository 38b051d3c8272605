/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a run over sessions is given by its caller: the settings, /proc, and functions that report
 * and that ask about processes.
 */

#ifndef READING_CONTEXT_H
#define READING_CONTEXT_H

#include "net/held.h"
#include "net/monitor.h"
#include "store/settings.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Gets each message for the admin: a priority of syslog(3), and one line without a newline. */
typedef void (*session_report)(void *context, int priority, const char *line);

/* Told how far a long piece of work is; at its end, that all of it is done. */
typedef void (*session_progress)(void *context, const char *what, uint64_t done, uint64_t all);

/* Tells which monitors of sshd have sockets open: monitor_find(), done by the looker. */
typedef int (*session_monitors)(void *context, const uint64_t *inodes, size_t n,
                                struct monitor ret_monitors[static MONITOR_MOST], size_t *ret_n);

/* Asks a socket that another process has open: held_ask(), likewise. */
typedef int (*session_held)(void *context, pid_t pid, uint64_t inode, struct held *ret_held);

struct session_context {
        const struct settings *settings;
        int proc_fd;           /* an open /proc */
        const char *spools[2]; /* the folders where the module leaves requests; NULL: none */
        const char *config;    /* the path of the configuration, as the PAM line has it; a reap's */
        uint64_t *patience;    /* how long the whole run may still wait for others who write to the
                                * log, microseconds; SESSION_PATIENCE at its begin */
        session_report report;
        session_progress progress; /* NULL: nobody looks */
        void *context;             /* argument of report and progress */
        session_monitors monitors; /* set by a reap; NULL: there is no looker */
        session_held held;         /* likewise */
        void *looker;              /* argument of both */
};

int context_folder(const struct session_context *context, int *ret_fd);
int context_boot_id(const struct session_context *context, char **ret_boot_id);
int64_t context_netns(const struct session_context *context);
int64_t context_pid_started(const struct session_context *context, pid_t pid);
int context_read_proc(const struct session_context *context, const char *path, char **ret_text);
void context_report(const struct session_context *context, int priority, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif
