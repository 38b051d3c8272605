/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rotation of the log.
 *
 * Relies on: logrotate(8): a block begins with the paths, or patterns, to which it applies, in
 * quotes or not; logrotate.conf usually includes all of logrotate.d. If no file names the log,
 * `enable` writes the one that was made from snippets/pam_traffic.logrotate.in at build time.
 */

#include "rotation.h"

#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#define ROTATION_MAIN "/etc/logrotate.conf"
#define ROTATION_LOG "@log@"

/**
 * rotation_names() - tell whether a file of logrotate is for a log
 * @text:       the file's text
 * @log:        the log's path
 *
 * Return: true if one of its words is that path, or a pattern that matches it.
 */
bool rotation_names(const char *text, const char *log) {
        char word[ROTATION_PATH_MAX];

        while (*text) {
                size_t n = strcspn(text, " \t\n\"'{#");

                if (n && n < sizeof(word) && *text == '/') {
                        (void)memcpy(word, text, n);
                        word[n] = '\0';
                        if (!fnmatch(word, log, FNM_PATHNAME))
                                return true;
                }
                text += n;
                if (*text == '#')
                        text += strcspn(text, "\n");
                else if (*text)
                        text++;
        }
        return false;
}

static bool rotation_file_names(const char *path, const char *log) {
        _cleanup_(freep) char *text = NULL;
        size_t size;

        return !file_read_at(AT_FDCWD, path, ROTATION_SIZE_MAX, &text, &size) &&
               rotation_names(text, log);
}

static void rotation_closedir(DIR **folder) {
        if (*folder)
                (void)closedir(*folder);
}

/**
 * rotation_find() - find the file of logrotate that is for a log
 * @log:        the log's path
 * @ret_path:   that file's
 *
 * Return: 0, ROTATION_E_NONE, or a negative errno.
 */
int rotation_find(const char *log, char ret_path[static ROTATION_PATH_MAX]) {
        _cleanup_(rotation_closedir) DIR *folder = opendir(PATH_LOGROTATE);
        char path[ROTATION_PATH_MAX];

        if (!folder && errno != ENOENT)
                return -errno;
        for (struct dirent *entry; folder && (entry = readdir(folder));) {
                int n = snprintf(path, sizeof(path), PATH_LOGROTATE "/%s", entry->d_name);

                if (*entry->d_name == '.' || n < 0 || (size_t)n >= sizeof(path) ||
                    !rotation_file_names(path, log))
                        continue;
                (void)memcpy(ret_path, path, (size_t)n + 1);
                return 0;
        }
        if (!rotation_file_names(ROTATION_MAIN, log))
                return ROTATION_E_NONE;
        (void)strcpy(ret_path, ROTATION_MAIN);
        return 0;
}

/**
 * rotation_text() - make the file that rotates a log
 * @log:        the log's path
 * @ret_text:   the file's text; the caller frees it
 *
 * Return: 0 or -ENOMEM.
 */
int rotation_text(const char *log, char **ret_text) {
        static const char text[] = SNIPPET_LOGROTATE;
        const char *place = strstr(text, ROTATION_LOG);
        char *made;

        if (!place || asprintf(&made, "%.*s%s%s", (int)(place - text), text, log,
                               place + strlen(ROTATION_LOG)) < 0)
                return -ENOMEM;
        *ret_text = made;
        return 0;
}

/* Find the paths in a text that rotation_text() has made, perhaps with more paths than one. Return:
 * how many bytes they have; 0: somebody has edited it. */
static size_t rotation_paths(const char *text, size_t *ret_begin) {
        static const char made[] = SNIPPET_LOGROTATE;
        const char *place = strstr(made, ROTATION_LOG);
        size_t before = place ? (size_t)(place - made) : 0, size = strlen(text), behind, n;

        if (!place || strncmp(text, made, before) != 0)
                return 0;
        place += strlen(ROTATION_LOG);
        behind = strlen(place);
        if (size <= before + behind || strcmp(text + size - behind, place) != 0)
                return 0;
        n = size - before - behind;
        text += before;
        /* each begins with a slash, and one blank is between two */
        for (size_t i = 0; i < n; i++)
                if (strchr("\t\n{", text[i]) ||
                    ((!i || text[i - 1] == ' ') && (text[i] != '/' || i + 1 == n)))
                        return 0;
        *ret_begin = before;
        return text[n - 1] == ' ' ? 0 : n;
}

/**
 * rotation_is_made() - tell whether a text is what rotation_text() makes, for whatever logs
 * @text:       the text
 *
 * Return: true if so: nobody has edited it.
 */
bool rotation_is_made(const char *text) {
        size_t begin;

        return rotation_paths(text, &begin);
}

/**
 * rotation_add() - add a log to a text that nobody has edited
 * @text:       the text
 * @log:        the log's path
 * @ret_text:   the new text; the caller frees it
 *
 * Return: 0, -EINVAL if somebody has edited it, or -ENOMEM.
 */
int rotation_add(const char *text, const char *log, char **ret_text) {
        size_t begin, n = rotation_paths(text, &begin);
        char *made;

        if (!n)
                return -EINVAL;
        if (asprintf(&made, "%.*s %s%s", (int)(begin + n), text, log, text + begin + n) < 0)
                return -ENOMEM;
        *ret_text = made;
        return 0;
}

/**
 * rotation_drop() - take a log out of a text that nobody has edited
 * @text:       the text
 * @log:        the log's path
 * @ret_text:   the new text; the caller frees it
 *
 * Return: 0, ROTATION_E_NONE if it has no other log, or does not have this one; -EINVAL if somebody
 *         has edited it; or -ENOMEM.
 */
int rotation_drop(const char *text, const char *log, char **ret_text) {
        size_t begin, n = rotation_paths(text, &begin), size = strlen(log), at = begin;
        char *made;

        if (!n)
                return -EINVAL;
        while (at < begin + n) {
                size_t word = strcspn(text + at, " {\n");

                if (word == size && !strncmp(text + at, log, size))
                        break;
                at += word + 1;
        }
        if (at >= begin + n || size == n)
                return ROTATION_E_NONE;
        /* with the blank behind it, or that before the last one */
        if (at + size == begin + n)
                at--;
        if (asprintf(&made, "%.*s%s", (int)at, text, text + at + size + 1) < 0)
                return -ENOMEM;
        *ret_text = made;
        return 0;
}
