/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A keyword of sshd_config.
 *
 * Relies on: sshd_config(5): the first value of a keyword counts; an Include stands for the files
 * that its pattern matches, in their order; lines below a Match do not apply to everybody.
 */

#include "sshdconfig.h"

#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SSHDCONFIG_FILE "/etc/ssh/sshd_config"
#define SSHDCONFIG_FOLDER "/etc/ssh/"
#define SSHDCONFIG_SIZE_MAX 262144
#define SSHDCONFIG_DEPTH_MAX 16

enum {
        SSHDCONFIG_E_NONE = 1, /* go on looking */
        SSHDCONFIG_E_MATCH,    /* what follows does not hold for all */
};

/* Copy a word; what is longer than the room is no word that is looked for. Return: its end. */
static const char *sshdconfig_word(const char *text, const char *end,
                                   char ret_word[static SSHDCONFIG_WORD_MAX]) {
        const char *word;
        size_t size;

        while (text < end && strchr(" \t\r=", *text))
                text++;
        word = text;
        if (text < end && *text == '"') {
                word = ++text;
                while (text < end && *text != '"')
                        text++;
        } else {
                while (text < end && !strchr(" \t\r=", *text))
                        text++;
        }
        size = (size_t)(text - word);
        if (size < SSHDCONFIG_WORD_MAX) {
                (void)memcpy(ret_word, word, size);
                ret_word[size] = '\0';
        }
        return text < end && *text == '"' ? text + 1 : text;
}

/**
 * sshdconfig_next() - take the next line of a file
 * @text:       the text, ended by a NUL
 * @ret_line:   its first two words; no keyword if there is none
 *
 * Return: how many bytes the line has, with its newline.
 */
size_t sshdconfig_next(const char *text, struct sshdconfig_line *ret_line) {
        size_t size = strcspn(text, "\n");
        const char *rest;

        *ret_line = (struct sshdconfig_line){ .keyword = "" };
        rest = text + strspn(text, " \t");
        if (rest < text + size && *rest != '#') {
                rest = sshdconfig_word(rest, text + size, ret_line->keyword);
                (void)sshdconfig_word(rest, text + size, ret_line->value);
        }
        return size + (text[size] == '\n');
}

static int sshdconfig_file(const char *path, int depth, const char *keyword,
                           char ret_value[static SSHDCONFIG_WORD_MAX]);

static int sshdconfig_include(const char *pattern, int depth, const char *keyword,
                              char ret_value[static SSHDCONFIG_WORD_MAX]) {
        char whole[SSHDCONFIG_WORD_MAX + sizeof(SSHDCONFIG_FOLDER)];
        glob_t files = { 0 };
        int r = SSHDCONFIG_E_NONE;

        (void)snprintf(whole, sizeof(whole), "%s%s", *pattern == '/' ? "" : SSHDCONFIG_FOLDER,
                       pattern);
        if (!glob(whole, 0, NULL, &files))
                for (size_t i = 0; i < files.gl_pathc && r == SSHDCONFIG_E_NONE; i++) {
                        r = sshdconfig_file(files.gl_pathv[i], depth + 1, keyword, ret_value);
                        /* a Match ends with its file */
                        if (r == SSHDCONFIG_E_MATCH)
                                r = SSHDCONFIG_E_NONE;
                }
        globfree(&files);
        return r;
}

static int sshdconfig_file(const char *path, int depth, const char *keyword,
                           char ret_value[static SSHDCONFIG_WORD_MAX]) {
        _cleanup_(freep) char *text = NULL;
        struct sshdconfig_line line;
        size_t size;
        int r;

        if (depth == SSHDCONFIG_DEPTH_MAX)
                return -ELOOP;
        r = file_read_at(AT_FDCWD, path, SSHDCONFIG_SIZE_MAX, &text, &size);
        if (r)
                return r < 0 ? r : -EFBIG;
        r = SSHDCONFIG_E_NONE;
        for (const char *at = text; *at && r == SSHDCONFIG_E_NONE;) {
                at += sshdconfig_next(at, &line);
                if (!strcasecmp(line.keyword, "include")) {
                        r = sshdconfig_include(line.value, depth, keyword, ret_value);
                } else if (!strcasecmp(line.keyword, "match")) {
                        r = SSHDCONFIG_E_MATCH;
                } else if (!strcasecmp(line.keyword, keyword)) {
                        (void)memcpy(ret_value, line.value, sizeof(line.value));
                        r = 0;
                }
        }
        return r;
}

/**
 * sshdconfig_read() - read a keyword that holds for all
 * @keyword:    the keyword
 * @ret_value:  the first word of its value; "" where it is nowhere
 *
 * Return: 0, or a negative errno.
 */
int sshdconfig_read(const char *keyword, char ret_value[static SSHDCONFIG_WORD_MAX]) {
        int r = sshdconfig_file(SSHDCONFIG_FILE, 0, keyword, ret_value);

        if (r > 0)
                *ret_value = '\0';
        return r < 0 ? r : 0;
}
