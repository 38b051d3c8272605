/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Checks of the way from sshd to the module.
 */

#include "check.h"
#include "cli/etc/pamline.h"
#include "cli/etc/pamstack.h"
#include "cli/etc/sshdconfig.h"
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Where some distributions have what /etc does not override. */
#define CHECKPAM_VENDOR "/usr/lib/pam.d/" PAMLINE_SERVICE

/* Where the line stands, and what of note comes before it or behind. */
struct checkpam_place {
        const struct pamstack_rule *ours;
        const struct pamstack_rule *systemd; /* behind it */
        const struct pamstack_rule *readenv; /* before it */
        const struct pamstack_rule *end;     /* likewise */
        const struct pamstack_rule *second;  /* of ours */
        size_t n;                            /* lines of ours */
};

static void checkpam_find(const struct pamstack *stack, struct checkpam_place *place) {
        for (size_t i = 0; i < stack->n; i++) {
                const struct pamstack_rule *rule = &stack->rules[i];

                if (rule->ours && place->n++ == 1)
                        place->second = rule;
                if (rule->ours && place->n == 1)
                        place->ours = rule;
                if (rule->systemd && place->ours)
                        place->systemd = rule;
                if (rule->readenv && !place->ours)
                        place->readenv = rule;
                if (rule->may_end && !place->ours)
                        place->end = rule;
        }
}

/* Drop the second line, if it is not the first one, taken in twice by others. Run once more, or in
 * another file than was looked at, the command does nothing. */
static void checkpam_drop(const struct checkpam_place *place, struct check_result *result) {
        const struct pamstack_rule *second = place->second;

        if (second->number != place->ours->number || strcmp(second->file, place->ours->file) != 0)
                check_mend(result, "sed -i --follow-symlinks '%zu{/pam_traffic\\.so/d}' %s",
                           second->number, second->file);
}

/* What puts the line there, or why enable does not. */
static void checkpam_missing(const struct check_context *context, struct check_result *result) {
        _cleanup_(pamline_clear) struct pamline line = PAMLINE_INIT;

        if (!pamline_plan(PAMLINE_SERVICE, context->config, true, &line)) {
                check_mend(result, "pam_traffic enable%s", context->option);
                return;
        }
        check_add(result, "; enable says: %s", line.refusal);
        if (line.edit.reason == PAMEDIT_COMMENTED)
                check_mend(result,
                           "sed -i --follow-symlinks '%zu{/pam_traffic\\.so/d}' %s && pam_traffic "
                           "enable%s",
                           line.edit.number, line.path, context->option);
        else if (access(line.path, F_OK) < 0 && !access(CHECKPAM_VENDOR, F_OK))
                check_mend(result, "cp " CHECKPAM_VENDOR " %s && pam_traffic enable%s", line.path,
                           context->option);
        else
                check_mend(result, "editor %s", line.path);
}

/* Whether enable puts the line elsewhere, with its words, once it is a comment. */
static bool checkpam_moves(const struct check_context *context, size_t number) {
        _cleanup_(pamline_clear) struct pamline line = PAMLINE_INIT;
        _cleanup_(pamedit_clear) struct pamedit edit = { .size = 0 };
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;
        _cleanup_(freep) char *text = NULL;
        size_t before;

        if (pamline_plan(PAMLINE_SERVICE, context->config, true, &line) < 0 || !line.file.data ||
            pamfile_parse(line.file.data, line.file.size, &file) || number > file->n)
                return false;
        before = (size_t)(file->lines[number - 1].whole.text - line.file.data);
        if (asprintf(&text, "%.*s#%s", (int)before, line.file.data, line.file.data + before) < 0)
                return false;
        return !pamedit_add(text, strlen(text), line.rule, pamstack_weigh, NULL, &edit) &&
               !edit.reason && edit.number != number;
}

static void checkpam_move(const struct check_context *context, const struct pamstack_rule *ours,
                          struct check_result *result) {
        if (!strcmp(ours->file, PAMSTACK_FOLDER "/" PAMLINE_SERVICE) &&
            checkpam_moves(context, ours->number)) {
                check_mend(result,
                           "sed -i --follow-symlinks '%zu{/pam_traffic\\.so/s/^/#/}' %s && "
                           "pam_traffic enable%s",
                           ours->number, ours->file, context->option);
                return;
        }
        check_add(result, "; move the line");
        check_mend(result, "editor %s", ours->file);
}

/* The logins are recorded, and not where it was looked. */
static void checkpam_elsewhere(const struct pamstack_rule *ours, const char *config,
                               struct check_result *result) {
        const char *used = *ours->conf ? ours->conf : PATH_CONFIG;

        check_find(result, CHECK_FAIL,
                   "%s:%zu: logins are recorded as %s says, and not as %s, which was looked at "
                   "here; ask pam_traffic doctor --config %s, or change the line",
                   ours->file, ours->number, used, config, used);
}

static void checkpam_judge(const struct check_context *context, const struct pamstack *stack,
                           const struct checkpam_place *place, struct check_result *result) {
        const char *config = context->config ? context->config : PATH_CONFIG;
        const struct pamstack_rule *ours = place->ours, *other;

        if (!ours) {
                check_find(result, CHECK_FAIL,
                           PAMSTACK_FOLDER "/" PAMLINE_SERVICE " has no line with " PAMFILE_MODULE
                                           "%s",
                           stack->incomplete ? ", in the part that pam_traffic understands" : "");
                checkpam_missing(context, result);
                return;
        }
        if (place->n == 1 && strcmp(*ours->conf ? ours->conf : PATH_CONFIG, config) != 0) {
                checkpam_elsewhere(ours, config, result);
                return;
        }
        other = place->end ? place->end : place->systemd ? place->systemd : place->readenv;
        if (place->n > 1)
                check_find(result, CHECK_FAIL,
                           "there are %zu lines with " PAMFILE_MODULE
                           ", the first is %s:%zu: each login "
                           "is recorded that often; keep one of them",
                           place->n, ours->file, ours->number);
        if (place->n > 1)
                checkpam_drop(place, result);
        else if (!other)
                check_find(result, CHECK_PASS, "%s:%zu", ours->file, ours->number);
        else
                check_find(
                        result, place->end ? CHECK_FAIL : CHECK_WARN,
                        place->end ? "%s:%zu: the line %s:%zu above it may end the list of "
                                     "modules, so that "
                                     "pam_traffic is not called; put the line of pam_traffic above "
                                     "that one"
                        : place->systemd
                                ? "%s:%zu: pam_systemd.so comes below it, in %s:%zu, so "
                                  "login_session is not known"
                                : "%s:%zu: pam_env.so above it, in %s:%zu, reads variables that "
                                  "users "
                                  "set: SSH_CONNECTION is then believed only if PAM_RHOST agrees, "
                                  "and users can forge auth_key and login_session",
                        ours->file, ours->number, other->file, other->number);
        if (other && place->n == 1)
                checkpam_move(context, ours, result);
}

static void checkpam_line(const struct check_context *context, struct check_result *result) {
        _cleanup_(pamstack_freep) struct pamstack *stack = NULL;
        struct checkpam_place place = { .n = 0 };
        int r = pamstack_read(PAMLINE_SERVICE, &stack);

        if (r < 0) {
                check_find(result, r == -EACCES ? CHECK_SKIP : CHECK_FAIL,
                           "cannot read " PAMSTACK_FOLDER "/" PAMLINE_SERVICE ": %s%s",
                           strerror(-r), r == -ENOENT ? "; is sshd installed?" : "");
                return;
        }
        checkpam_find(stack, &place);
        checkpam_judge(context, stack, &place, result);
}

/* As far as sshd itself tells. Return: whether it does. */
static bool checkpam_ask(const struct check_context *context, const char *keyword,
                         char ret_value[static SSHDCONFIG_WORD_MAX]) {
        _cleanup_(program_answer_clear) struct program_answer answer = { .status = 0 };
        struct sshdconfig_line line;

        if (!check_sshd(context, &answer))
                return false;
        for (const char *at = answer.text; *at;) {
                at += sshdconfig_next(at, &line);
                if (strcmp(line.keyword, keyword) != 0)
                        continue;
                (void)memcpy(ret_value, line.value, sizeof(line.value));
                return true;
        }
        return false;
}

static void checkpam_use(const struct check_context *context, struct check_result *result) {
        char value[SSHDCONFIG_WORD_MAX];
        bool told = checkpam_ask(context, "usepam", value);
        int r = told ? 0 : sshdconfig_read("usepam", value);

        if (r < 0) {
                check_find(result, CHECK_SKIP,
                           "cannot read sshd's configuration: sshd -T failed, and its files: %s",
                           strerror(-r));
        } else if (!strcasecmp(value, "yes")) {
                check_find(result, CHECK_PASS, "sshd has UsePAM yes%s",
                           told ? "" : " (according to its files)");
        } else {
                check_find(result, CHECK_FAIL, "sshd has UsePAM %s%s, so no login is recorded",
                           *value ? value : "no", told ? "" : " (according to its files)");
                /* of several values sshd takes the first one. Without PAM, this method never asked
                 * for a password; nobody is to be able to guess one now. */
                check_mend(
                        result,
                        "sed -i --follow-symlinks -e '1i UsePAM yes' -e '1i "
                        "KbdInteractiveAuthentication no' /etc/ssh/sshd_config && sshd -t && %s%s",
                        context->systemd ? "systemctl try-reload-or-restart " : "service ",
                        context->systemd ? check_sshd_unit() : "ssh reload");
        }
}

static const struct check checkpam_checks[] = {
        { "pam-line", checkpam_line },
        { "use-pam", checkpam_use },
};

const struct check_room checkpam_room = CHECK_ROOM(checkpam_checks);
