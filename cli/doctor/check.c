/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the checks of `doctor` share: writing down a finding.
 */

#include "check.h"

#include "config.h"

#include <stdarg.h>
#include <stdio.h>

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
 * check_mend() - write down the command that mends it
 * @result:     gets it
 * @format:     the command, for a shell of root
 */
void check_mend(struct check_result *result, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(result->mend, sizeof(result->mend), format, arguments);
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
        check_mend(result, PATH_HELPER " %s%s%s", verb, context->config ? " --config " : "",
                   context->config ? context->config : "");
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
