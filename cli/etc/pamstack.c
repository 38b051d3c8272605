/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The session rules of a PAM service.
 *
 * Relies on: a service's file is looked for in /etc/pam.d, then where distributions put theirs
 * (_pam_open_config_file()); "include" and "substack" take the rules of their own type, @include
 * takes all.
 */

#include "pamstack.h"

#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define PAMSTACK_DEPTH_MAX 8
#define PAMSTACK_RULES_MAX 512

static const char *const pamstack_folders[] = { PAMSTACK_FOLDER, "/usr/lib/pam.d" };

/* Return: 0, or a negative errno; the path as far as it fits. */
static int pamstack_load(const char *name, size_t size, char path[static PAMSTACK_FILE_MAX],
                         char **ret_data, size_t *ret_size) {
        int r = -ENOENT;

        for (size_t i = 0; r == -ENOENT && i < 2; i++) {
                int n = *name == '/' ? snprintf(path, PAMSTACK_FILE_MAX, "%.*s", (int)size, name)
                                     : snprintf(path, PAMSTACK_FILE_MAX, "%s/%.*s",
                                                pamstack_folders[i], (int)size, name);

                r = n < 0 || n >= PAMSTACK_FILE_MAX
                            ? -ENAMETOOLONG
                            : file_read_at(AT_FDCWD, path, PAMFILE_SIZE_MAX, ret_data, ret_size);
        }
        return r > 0 ? -EFBIG : r;
}

static int pamstack_take(struct pamstack *stack, const char *path, size_t number,
                         const struct pamfile_line *line) {
        struct pamstack_rule *rule = &stack->rules[stack->n];

        if (stack->n == PAMSTACK_RULES_MAX)
                return -E2BIG;
        *rule = (struct pamstack_rule){
                .number = number,
                .ours = pamfile_is_module(line, PAMFILE_MODULE),
                .systemd = pamfile_is_module(line, "pam_systemd.so"),
                .readenv = pamfile_is_module(line, "pam_env.so") &&
                           pamfile_has_argument(line, "user_readenv=1"),
                .may_end = pamfile_may_end(line),
        };
        (void)snprintf(rule->file, sizeof(rule->file), "%s", path);
        for (struct pamfile_text rest = line->arguments, word;
             rule->ours && pamfile_word(&rest, &word);)
                if (word.size > 5 && !memcmp(word.text, "conf=", 5))
                        (void)snprintf(rule->conf, sizeof(rule->conf), "%.*s", (int)word.size - 5,
                                       word.text + 5);
        stack->n++;
        return 0;
}

/* Add the session rules of a file. */
static int pamstack_follow(struct pamstack *stack, const char *name, size_t size, int depth) {
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;
        _cleanup_(freep) char *data = NULL;
        char path[PAMSTACK_FILE_MAX];
        size_t data_size;
        int r;

        if (depth == PAMSTACK_DEPTH_MAX)
                return -ELOOP;
        r = pamstack_load(name, size, path, &data, &data_size);
        if (!r)
                r = pamfile_parse(data, data_size, &file);
        if (r)
                return r < 0 ? r : -EINVAL;
        for (size_t i = 0; i < file->n; i++) {
                const struct pamfile_line *line = &file->lines[i];

                stack->incomplete |= line->kind == PAMFILE_ODD;
                if (pamfile_includes(line)) {
                        if (line->kind == PAMFILE_RULE && line->type != PAMFILE_SESSION)
                                continue;
                        r = pamstack_follow(stack, line->module.text, line->module.size, depth + 1);
                        if (r == -ENOMEM)
                                return r;
                        stack->incomplete |= r < 0;
                } else if (pamfile_is_session(line) &&
                           pamstack_take(stack, path, i + 1, line) < 0) {
                        return -E2BIG;
                }
        }
        return 0;
}

static int pamstack_new(const char *name, size_t size, struct pamstack **ret_stack) {
        _cleanup_(pamstack_freep) struct pamstack *stack = calloc(1, sizeof(*stack));
        int r;

        if (!stack)
                return -ENOMEM;
        stack->rules = calloc(PAMSTACK_RULES_MAX, sizeof(*stack->rules));
        if (!stack->rules)
                return -ENOMEM;
        r = pamstack_follow(stack, name, size, 0);
        if (r < 0)
                return r;
        *ret_stack = pointer_steal(&stack);
        return 0;
}

/**
 * pamstack_read() - read the session rules of a service
 * @service:    its name
 * @ret_stack:  the rules; to be given to pamstack_free()
 *
 * Return: 0, or a negative errno; -ENOENT: it has no file.
 */
int pamstack_read(const char *service, struct pamstack **ret_stack) {
        return pamstack_new(service, strlen(service), ret_stack);
}

/**
 * pamstack_free() - free the rules
 * @stack:      the rules, or NULL
 *
 * Return: NULL.
 */
struct pamstack *pamstack_free(struct pamstack *stack) {
        if (stack)
                free(stack->rules);
        free(stack);
        return NULL;
}

/* Whether a file of PAM has the line of pam_traffic; what cannot be read or understood has none. */
static bool pamstack_has(const char *path) {
        _cleanup_(pamfile_freep) struct pamfile *file = NULL;
        _cleanup_(freep) char *data = NULL;
        size_t size;

        if (file_read_at(AT_FDCWD, path, PAMFILE_SIZE_MAX, &data, &size) ||
            pamfile_parse(data, size, &file))
                return false;
        for (size_t i = 0; i < file->n; i++)
                if (pamfile_is_session(&file->lines[i]) &&
                    pamfile_is_module(&file->lines[i], PAMFILE_MODULE))
                        return true;
        return false;
}

/**
 * pamstack_is_used() - tell whether any service calls pam_traffic
 *
 * Return: true if so, also if that cannot be told.
 */
bool pamstack_is_used(void) {
        bool used = false;

        for (size_t i = 0; i < 2; i++) {
                DIR *folder = opendir(pamstack_folders[i]);
                const struct dirent *entry;

                if (!folder && errno != ENOENT)
                        return true;
                while (folder && !used && (entry = readdir(folder))) {
                        char path[PAMSTACK_FILE_MAX + NAME_MAX];

                        (void)snprintf(path, sizeof(path), "%s/%s", pamstack_folders[i],
                                       entry->d_name);
                        used = entry->d_name[0] != '.' && pamstack_has(path);
                }
                if (folder)
                        (void)closedir(folder);
        }
        return used;
}

/**
 * pamstack_is_used_by() - tell whether a service calls pam_traffic
 * @service:    its name
 *
 * Return: false also if that cannot be told.
 */
bool pamstack_is_used_by(const char *service) {
        _cleanup_(pamstack_freep) struct pamstack *stack = NULL;
        bool used = false;

        if (!pamstack_read(service, &stack))
                for (size_t i = 0; i < stack->n; i++)
                        used = used || stack->rules[i].ours;
        return used;
}

/**
 * pamstack_weigh() - tell how good it is to stand behind a line; a pamedit_weigh
 * @context:    not used
 * @line:       a rule, or what includes a file
 *
 * Return: 3 if the systemd session is known there, 2 behind an include with session rules, 1
 *         behind another session rule, 0 elsewhere.
 */
int pamstack_weigh(void *context, const struct pamfile_line *line) {
        _cleanup_(pamstack_freep) struct pamstack *stack = NULL;

        (void)context;
        if (!pamfile_includes(line))
                return pamfile_is_module(line, "pam_systemd.so") ? 3 : 1;
        if (line->kind == PAMFILE_RULE && line->type != PAMFILE_SESSION)
                return 0;
        if (pamstack_new(line->module.text, line->module.size, &stack) < 0 || !stack->n)
                return 0;
        for (size_t i = 0; i < stack->n; i++)
                if (stack->rules[i].systemd)
                        return 3;
        return 2;
}
