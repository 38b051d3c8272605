/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A check of `doctor`: what it looks at, its finding, and the command that repairs it.
 *
 * Owns: the tables of checks, one for each subject. A check changes nothing. If a check is not
 * possible (not root, no systemd), that is no failure.
 */

#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/shared/program.h"
#include "netfilter/netfilter.h"
#include "reading/reading.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>

#define CHECK_TEXT_MAX 512

enum check_status {
        CHECK_PASS,
        CHECK_WARN, /* logins are recorded, but something is not as it should be */
        CHECK_FAIL, /* logins are not recorded, or not exactly, or may be one day */
        CHECK_SKIP, /* could not be looked at; the finding says how it can */
};

/* What all checks see; read once. */
struct check_context {
        const struct settings *settings;
        const char *config;    /* an absolute path; NULL: the usual one */
        const char *option;    /* " --config PATH" for the commands that mend; "": the usual one */
        const char *complaint; /* the configuration's first problem, "" if there is none */
        size_t n_complaints;
        int proc_fd;
        bool root;
        bool systemd;
        int survey_error; /* an errno: there is no survey */
        struct survey survey;
        int live_error; /* likewise */
        struct live *live;
};

struct check_result {
        enum check_status status;
        char finding[CHECK_TEXT_MAX]; /* one line, to be escaped by who prints it */
        char mend[CHECK_TEXT_MAX];    /* a command, likewise; "" where none mends it: then the
                                         finding says what to do */
};

struct check {
        const char *name; /* at most 14 letters */
        void (*look)(const struct check_context *context, struct check_result *result);
};

struct check_room {
        const struct check *checks;
        size_t n;
};

extern const struct check_room checkconfig_room;
extern const struct check_room checkhelper_room;
extern const struct check_room checkledger_room;
extern const struct check_room checklisten_room;
extern const struct check_room checklog_room;
extern const struct check_room checklogins_room;
extern const struct check_room checknetfilter_room;
extern const struct check_room checkpam_room;
extern const struct check_room checkprograms_room;
extern const struct check_room checkstate_room;
extern const struct check_room checksubuid_room;
extern const struct check_room checkunits_room;

#define CHECK_ROOM(table) \
        { (table), sizeof(table) / sizeof(*(table)) }

void check_find(struct check_result *result, enum check_status status, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void check_mend(struct check_result *result, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void check_helper(const struct check_context *context, struct check_result *result,
                  const char *verb);
void check_reinstall(struct check_result *result);
void check_shows_room(struct check_result *result, const char *folder);
bool check_has_room(const char *folder);
bool check_has_apt(void);
void check_add(struct check_result *result, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
bool check_needs_root(const struct check_context *context, struct check_result *result);
bool check_sshd(const struct check_context *context, struct program_answer *ret_answer);
const char *check_sshd_unit(void);
const struct check *check_at(size_t i);
void check_run(const struct check_context *context, const char *name,
               struct check_result *ret_result);
const char *check_status_name(enum check_status status);

#endif
