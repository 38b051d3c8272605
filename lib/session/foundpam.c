/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Since when sshd calls the module for its logins.
 *
 * Owns: what counts as configured: a session rule of pam_traffic.so in sshd's PAM file, or in a
 * file that it includes, for the service sshd, with the configuration that this run has. The moment
 * is the one that `pam_traffic enable` noted in the state folder (the file `enabled`); without
 * that, it is the last change of the file that has the rule.
 * Relies on: pam.conf(5): blanks separate words, a word in brackets may contain blanks, # begins a
 * comment, a backslash at the end of a line joins it with the next; _pam_open_config_file() for the
 * folders. A rule that is not understood counts as none. Then no login is found, which is better
 * than a record without need. cli/etc/pamfile.c, which changes such files, has the full grammar.
 */

#include "session/foundpam.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/number.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOUNDPAM_MARK "enabled" /* cli/enable/steps.c writes it */
#define FOUNDPAM_MARK_MAX 32
#define FOUNDPAM_FILE_MAX ((size_t)256 * 1024)
#define FOUNDPAM_DEPTH_MAX 8
#define FOUNDPAM_MODULE "pam_traffic.so"

static const char *const foundpam_folders[] = { "/etc/pam.d", "/usr/lib/pam.d" };

/* The rest of a line. */
struct foundpam_text {
        const char *text;
        size_t size;
};

static bool foundpam_word(struct foundpam_text *rest, struct foundpam_text *ret_word) {
        size_t n = 0;

        while (rest->size && strchr(" \t", *rest->text))
                rest->text++, rest->size--;
        if (!rest->size)
                return false;
        if (*rest->text == '[')
                while (n < rest->size && rest->text[n] != ']')
                        n++;
        while (n < rest->size && !strchr(" \t", rest->text[n]))
                n++;
        *ret_word = (struct foundpam_text){ rest->text, n };
        rest->text += n;
        rest->size -= n;
        return true;
}

static bool foundpam_is(const struct foundpam_text *word, const char *text) {
        return word->size == strlen(text) && !strncasecmp(word->text, text, word->size);
}

static bool foundpam_is_module(const struct foundpam_text *word) {
        const size_t size = sizeof(FOUNDPAM_MODULE) - 1;

        return word->size >= size &&
               !memcmp(word->text + word->size - size, FOUNDPAM_MODULE, size) &&
               (word->size == size || word->text[word->size - size - 1] == '/');
}

/* The value of an argument. False: it is another one. */
static bool foundpam_value(const struct foundpam_text *word, const char *name,
                           struct foundpam_text *ret_value) {
        size_t size = strlen(name);

        if (word->size <= size || memcmp(word->text, name, size) != 0)
                return false;
        *ret_value = (struct foundpam_text){ word->text + size, word->size - size };
        return true;
}

/* As pam_module/arguments.c takes them. */
static void foundpam_arguments(struct foundpam_text rest, struct foundpam_line *line) {
        bool serves = false, others = false;
        struct foundpam_text word, value;

        while (foundpam_word(&rest, &word)) {
                if (foundpam_value(&word, "conf=", &value) && value.size < sizeof(line->config))
                        (void)snprintf(line->config, sizeof(line->config), "%.*s", (int)value.size,
                                       value.text);
                if (!foundpam_value(&word, "service=", &value))
                        continue;
                others = true;
                serves = serves || (value.size == strlen(FOUNDPAM_SERVICE) &&
                                    !memcmp(value.text, FOUNDPAM_SERVICE, value.size));
        }
        line->ours = serves || !others;
}

static void foundpam_include(const struct foundpam_text *name, struct foundpam_line *line) {
        line->includes = name->size < sizeof(line->name);
        if (line->includes)
                (void)snprintf(line->name, sizeof(line->name), "%.*s", (int)name->size, name->text);
}

/**
 * foundpam_parse() - read a line of a PAM file
 * @text:       the line
 * @size:       its bytes, without a newline
 * @ret_line:   what it says
 */
void foundpam_parse(const char *text, size_t size, struct foundpam_line *ret_line) {
        const char *comment = memchr(text, '#', size);
        struct foundpam_text rest = { text, comment ? (size_t)(comment - text) : size };
        struct foundpam_text type, control, module;

        *ret_line = (struct foundpam_line){ .includes = false };
        if (!foundpam_word(&rest, &type) || !foundpam_word(&rest, &control))
                return;
        if (foundpam_is(&type, "@include")) {
                foundpam_include(&control, ret_line);
                return;
        }
        if ((!foundpam_is(&type, "session") && !foundpam_is(&type, "-session")) ||
            !foundpam_word(&rest, &module))
                return;
        if (foundpam_is(&control, "include") || foundpam_is(&control, "substack"))
                foundpam_include(&module, ret_line);
        else if (foundpam_is_module(&module))
                foundpam_arguments(rest, ret_line);
}

/* Return: 0 with the file's bytes, or a negative errno. */
static int foundpam_load(const char *name, char **ret_data, size_t *ret_size,
                         uint64_t *ret_changed) {
        _cleanup_(fd_closep) int fd = -1;
        char path[PATH_MAX];
        struct stat st;
        int r;

        for (size_t i = 0; fd < 0 && i < sizeof(foundpam_folders) / sizeof(*foundpam_folders);
             i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", foundpam_folders[i], name);
                fd = open(*name == '/' ? name : path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
                if (fd < 0 && errno != ENOENT)
                        break;
        }
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        r = file_read(fd, FOUNDPAM_FILE_MAX, ret_data, ret_size);
        if (r)
                return r < 0 ? r : -EFBIG;
        *ret_changed = (uint64_t)st.st_ctim.tv_sec * 1000000 + (uint64_t)st.st_ctim.tv_nsec / 1000;
        return 0;
}

/* Return: 0 if the rule is there, FOUNDPAM_E_NONE, or a negative errno. */
static int foundpam_look(const char *name, const char *config, int depth, uint64_t *ret_changed) {
        _cleanup_(freep) char *data = NULL;
        uint64_t changed = 0;
        size_t size;
        int r;

        if (depth == FOUNDPAM_DEPTH_MAX)
                return -ELOOP;
        r = foundpam_load(name, &data, &size, &changed);
        if (r < 0)
                return r;
        /* joined lines are one */
        for (char *at = data; (at = strstr(at, "\\\n"));)
                memset(at, ' ', 2);
        for (const char *at = data, *end; at < data + size; at = end + 1) {
                struct foundpam_line line;

                end = at + strcspn(at, "\n");
                foundpam_parse(at, (size_t)(end - at), &line);
                if (line.ours && !strcmp(*line.config ? line.config : PATH_CONFIG, config)) {
                        *ret_changed = changed;
                        return 0;
                }
                if (line.includes && !foundpam_look(line.name, config, depth + 1, ret_changed))
                        return 0;
        }
        return FOUNDPAM_E_NONE;
}

/**
 * foundpam_is_wanted() - tell whether somebody ran `pam_traffic enable`, and not `disable` since
 * @folder_fd:  the state folder
 *
 * Return: true if so.
 */
bool foundpam_is_wanted(int folder_fd) {
        return !faccessat(folder_fd, FOUNDPAM_MARK, F_OK, AT_SYMLINK_NOFOLLOW);
}

/**
 * foundpam_since() - tell since when the logins of sshd come to the module
 * @folder_fd:          the state folder
 * @config:             the path of the configuration that the module has to name
 * @ret_realtime:       the moment, CLOCK_REALTIME in microseconds
 *
 * Return: 0, FOUNDPAM_E_NONE, or a negative errno if the PAM file cannot be read.
 */
int foundpam_since(int folder_fd, const char *config, uint64_t *ret_realtime) {
        _cleanup_(freep) char *mark = NULL;
        uint64_t changed = 0, marked;
        size_t size;
        int r;

        r = foundpam_look(FOUNDPAM_SERVICE, config, 0, &changed);
        if (r)
                return r;
        if (!file_read_at(folder_fd, FOUNDPAM_MARK, FOUNDPAM_MARK_MAX, &mark, &size) &&
            !number_parse(mark, strcspn(mark, "\n"), 10, INT64_MAX, &marked))
                changed = marked;
        *ret_realtime = changed;
        return 0;
}
