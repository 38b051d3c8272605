/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the checks of `doctor` share: writing down a finding, and what mends it.
 */

#include "check.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define CHECK_ROOM_NEEDED 1048576 /* some hundred records, and the states of as many sessions */

/**
 * check_find() - write down what was found
 * @result:     gets it
 * @status:     how bad it is
 * @format:     what it is; it may have other people's words in it: who prints it escapes them
 */
void check_find(struct check_result *result, enum check_status status, const char *format, ...) {
        va_list arguments;

        result->status = status;
        va_start(arguments, format);
        (void)vsnprintf(result->finding, sizeof(result->finding), format, arguments);
        va_end(arguments);
}

/**
 * check_add() - add to what was found
 * @result:     gets it, as far as there is room
 * @format:     the rest of the sentence
 */
void check_add(struct check_result *result, const char *format, ...) {
        size_t size = strlen(result->finding);
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(result->finding + size, sizeof(result->finding) - size, format, arguments);
        va_end(arguments);
}

/**
 * check_mend() - write down the command that mends it
 * @result:     gets it
 * @format:     the command, for a shell of root
 */
void check_mend(struct check_result *result, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        /* a part of a command is none */
        if (vsnprintf(result->mend, sizeof(result->mend), format, arguments) >=
            (int)sizeof(result->mend))
                *result->mend = '\0';
        va_end(arguments);
}

/**
 * check_helper() - a verb of the helper mends it
 * @context:    whether the configuration is the usual one
 * @result:     gets the command
 * @verb:       the verb
 */
void check_helper(const struct check_context *context, struct check_result *result,
                  const char *verb) {
        check_mend(result, PATH_HELPER " %s%s", verb, context->option);
}

/* Whether a command has nothing to complain about, and says @words, if any. */
static bool check_runs(const char *const *argv, const char *words) {
        _cleanup_(program_answer_clear) struct program_answer answer = { .status = 0 };

        return !program_run(argv, PROGRAM_PATIENCE, &answer) && !answer.status &&
               (!words || strstr(answer.text, words));
}

/**
 * check_reinstall() - the package is to be installed once more
 * @result:     gets what is to be done; and the command, if the package did not come as a file
 */
void check_reinstall(struct check_result *result) {
        static const char *const dpkg[] = { "dpkg-query",     "-W", "-f", "${db:Status-Status}",
                                            "libpam-traffic", NULL };
        static const char *const apt[] = { "apt-get",        "-s", "install", "--reinstall",
                                           "libpam-traffic", NULL };
        static const char *const rpm[] = {
                "dnf", "-q", "list", "--available", "--showduplicates", "pam_traffic", NULL
        };

        check_add(result,
                  "; install the package again (from its file, if that is how it came), or run "
                  "meson install");
        /* apt takes a second to find out */
        if (check_runs(dpkg, "installed") && check_runs(apt, "Inst libpam-traffic "))
                check_mend(result, "apt-get install --reinstall libpam-traffic");
        else if (check_runs(rpm, "pam_traffic"))
                check_mend(result, "dnf reinstall pam_traffic");
}

/**
 * check_has_room() - tell whether a file system has room for records
 * @folder:     a folder of it
 *
 * What is free by statvfs(3) has blocks that ext4 keeps for itself; so it is tried, with a file
 * that nobody sees and that is gone at once.
 *
 * Return: false: no.
 */
bool check_has_room(const char *folder) {
        _cleanup_(fd_closep) int fd = open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);

        if (fd < 0)
                return errno != ENOSPC && errno != EDQUOT;
        return !fallocate(fd, 0, 0, CHECK_ROOM_NEEDED) || (errno != ENOSPC && errno != EDQUOT);
}

/**
 * check_shows_room() - somebody has to make room, and is shown where it went
 * @result:     gets what is to be done
 * @folder:     a folder of the file system
 */
void check_shows_room(struct check_result *result, const char *folder) {
        struct statvfs fs;
        bool inodes = !statvfs(folder, &fs) && fs.f_files && !fs.f_ffree;

        check_add(result, "; delete what you do not need: the command shows where most of it is");
        check_mend(result,
                   "du -x%s --max-depth=3 \"$(findmnt -nfo TARGET -T %s)\" | sort %s | tail",
                   inodes ? " --inodes" : "ah", folder, inodes ? "-n" : "-h");
}

/**
 * check_has_apt() - tell which of the two programs installs packages here
 *
 * Return: true: apt-get; false: dnf.
 */
bool check_has_apt(void) {
        return !access("/usr/bin/apt-get", X_OK);
}

/**
 * check_needs_root() - a check that only root can do
 * @context:    who we are
 * @result:     gets what is to be done
 *
 * Return: true if we are not root, and the check is over.
 */
bool check_needs_root(const struct check_context *context, struct check_result *result) {
        if (!context->root)
                check_find(result, CHECK_SKIP, "not checked: run pam_traffic doctor as root");
        return !context->root;
}

/**
 * check_sshd() - have sshd tell its configuration
 * @context:    who we are: who may not read the host keys is told nothing
 * @ret_answer: its lines, "keyword value"; to be given to program_answer_clear() in any case
 *
 * Relies on: sshd -T (sshd(8)) prints what holds, whatever files it comes from.
 *
 * Return: whether it did.
 */
bool check_sshd(const struct check_context *context, struct program_answer *ret_answer) {
        static const char *const argv[] = { "sshd", "-T", NULL };

        return context->root && !program_run(argv, PROGRAM_PATIENCE, ret_answer) &&
               !ret_answer->status;
}

/**
 * check_sshd_unit() - tell what sshd's unit is called here
 *
 * Return: its name.
 */
const char *check_sshd_unit(void) {
        return access("/usr/lib/systemd/system/sshd.service", F_OK) ? "ssh" : "sshd";
}

/* From what sshd reads first to what is left of it last; then the proof that it all works. */
static const struct check_room *const check_rooms[] = {
        &checkconfig_room,    &checkprograms_room, &checkpam_room,    &checklisten_room,
        &checknetfilter_room, &checkunits_room,    &checkstate_room,  &checklog_room,
        &checkhelper_room,    &checklogins_room,   &checkledger_room, &checksubuid_room,
};

/**
 * check_at() - tell the checks, one after the other
 * @i:          which, from 0
 *
 * Return: the check, or NULL: there are no more.
 */
const struct check *check_at(size_t i) {
        for (size_t room = 0; room < sizeof(check_rooms) / sizeof(*check_rooms); room++) {
                if (i < check_rooms[room]->n)
                        return &check_rooms[room]->checks[i];
                i -= check_rooms[room]->n;
        }
        return NULL;
}

/**
 * check_run() - make one check
 * @context:    what it sees
 * @name:       its name
 * @ret_result: what it found
 */
void check_run(const struct check_context *context, const char *name,
               struct check_result *ret_result) {
        const struct check *check;

        *ret_result = (struct check_result){ .status = CHECK_SKIP };
        for (size_t i = 0; (check = check_at(i)); i++)
                if (!strcmp(check->name, name))
                        check->look(context, ret_result);
}

/**
 * check_status_name() - the word for a status
 * @status:     the status
 *
 * Return: the word.
 */
const char *check_status_name(enum check_status status) {
        static const char *const names[] = {
                [CHECK_PASS] = "pass",
                [CHECK_WARN] = "warn",
                [CHECK_FAIL] = "fail",
                [CHECK_SKIP] = "skip",
        };

        return names[status];
}
