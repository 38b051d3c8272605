/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The configuration.
 *
 * Owns: which files are read, and which of them wins: PATH, then PATH.d/<name>.conf in the order of
 * their names; the last file that has a key wins.
 * Relies on: libeconf (econf_readFile, econf_getExtValue for the line number). Its own search for
 * drop-ins is not used, because it differs between releases, and one bad file would hide all
 * others.
 */

#include "store/settings.h"

#include "base/text.h"
#include "store/settingskey.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <libeconf.h>
#include <libeconf_ext.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings_reader {
        settings_report report;
        void *context;
        struct settings *settings;
};

__attribute__((format(printf, 2, 3))) static void settings_say(const struct settings_reader *reader,
                                                               const char *format, ...) {
        char text[1024], line[TEXT_ESCAPE_MAX(sizeof(text))];
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        text_to_line(text, line, sizeof(line));
        reader->report(reader->context, line);
}

/* A bad list: each bad word is named, and the others are kept: these are handed out. */
static int settings_take_list(const struct settings_reader *reader, const char *path, uint64_t line,
                              const struct settings_key *key, const char *value, char **ret_good) {
        _cleanup_(freep) char *words = strdup(value), *good = calloc(1, strlen(value) + 2);
        void *setting = (char *)reader->settings + key->offset;
        char *rest = words, *word;
        size_t size = 0, length;
        int r;

        if (!words || !good)
                return -ENOMEM;
        while ((word = strsep(&rest, SETTINGSKEY_BETWEEN))) {
                r = *word ? key->parse(word, setting) : 0;
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        settings_say(reader,
                                     "%s:%" PRIu64
                                     ": %s has '%.200s', which is not %s; it is left out",
                                     path, line, key->name, word, key->part);
                length = r < 0 ? 0 : strlen(word);
                if (!length)
                        continue;
                if (size)
                        good[size++] = ' ';
                (void)memcpy(good + size, word, length);
                size += length;
        }
        r = key->parse(good, setting);
        if (!r)
                *ret_good = pointer_steal(&good);
        if (!r || r == -ENOMEM)
                return r;
        settings_say(reader, "%s:%" PRIu64 ": %s = '%.200s' is not %s; the list is empty instead",
                     path, line, key->name, value, key->wanted);
        return key->parse("", setting);
}

static int settings_take_initial(const struct settings_reader *reader, const char *path,
                                 uint64_t line, const struct settings_key *key, const char *value) {
        settings_say(reader, "%s:%" PRIu64 ": %s = '%.200s' is not %s; '%s' is used instead", path,
                     line, key->name, value, key->wanted, key->initial);
        /* and not what an earlier file says */
        return key->parse(key->initial, (char *)reader->settings + key->offset);
}

static int settings_note(struct settings_place *place, const char *path, uint64_t line,
                         const char *value, bool wrong) {
        int r = settingskey_copy(value, &place->value);

        if (!r)
                r = settingskey_copy(path, &place->path);
        place->line = line;
        place->wrong = wrong;
        return r;
}

static int settings_take(const struct settings_reader *reader, const char *path, uint64_t line,
                         const char *name, const char *value) {
        for (size_t i = 0; i < SETTINGS_KEYS; i++) {
                const struct settings_key *key = &settingskey_all[i];
                _cleanup_(freep) char *good = NULL;
                bool wrong;
                int r;

                if (strcmp(key->name, name) != 0)
                        continue;
                r = key->parse(value, (char *)reader->settings + key->offset);
                if (r == -ENOMEM)
                        return r;
                wrong = r < 0;
                if (wrong)
                        r = key->part ? settings_take_list(reader, path, line, key, value, &good)
                                      : settings_take_initial(reader, path, line, key, value);
                return r < 0 ? r
                             : settings_note(&reader->settings->places[i], path, line,
                                             good ? good : value, wrong && !good);
        }
        settings_say(reader, "%s:%" PRIu64 ": unknown key '%.200s'; it is ignored", path, line,
                     name);
        return 0;
}

static void econf_filep(econf_file **file) {
        econf_freeFile(*file);
}

static void econf_arrayp(char ***array) {
        econf_freeArray(*array);
}

static int settings_take_keys(const struct settings_reader *reader, const char *path,
                              econf_file *file) {
        _cleanup_(econf_arrayp) char **names = NULL;
        size_t n = 0;

        if (econf_getKeys(file, NULL, &n, &names) != ECONF_SUCCESS)
                return 0; /* no keys */

        for (size_t i = 0; i < n; i++) {
                _cleanup_(freep) char *value = NULL;
                econf_ext_value *place = NULL;
                uint64_t line = 0;
                int r;

                if (econf_getExtValue(file, NULL, names[i], &place) == ECONF_SUCCESS) {
                        line = place->line_number;
                        econf_freeExtValue(place);
                }
                if (econf_getStringValue(file, NULL, names[i], &value) != ECONF_SUCCESS)
                        continue;
                r = settings_take(reader, path, line, names[i], value ? value : "");
                if (r < 0)
                        return r;
        }
        return 0;
}

static int settings_take_file(const struct settings_reader *reader, const char *path) {
        _cleanup_(econf_arrayp) char **groups = NULL;
        _cleanup_(econf_filep) econf_file *file = NULL;
        size_t n = 0;
        econf_err error;

        error = econf_readFile(&file, path, "=", "#");
        if (error == ECONF_NOFILE)
                return 0;
        if (error == ECONF_NOMEM)
                return -ENOMEM;
        if (error != ECONF_SUCCESS) {
                char *where = NULL;
                uint64_t line = 0;

                econf_errLocation(&where, &line);
                settings_say(reader, "%s:%" PRIu64 ": %s; nothing of this file is used", path, line,
                             econf_errString(error));
                free(where);
                return 0;
        }

        if (econf_getGroups(file, &n, &groups) == ECONF_SUCCESS)
                for (size_t i = 0; i < n; i++)
                        settings_say(reader,
                                     "%s: unknown section '[%.200s]'; its lines are ignored", path,
                                     groups[i]);
        return settings_take_keys(reader, path, file);
}

static int settings_is_dropin(const struct dirent *entry) {
        size_t n = strlen(entry->d_name);

        return entry->d_name[0] != '.' && n > 5 && !strcmp(entry->d_name + n - 5, ".conf");
}

static int settings_take_dropins(const struct settings_reader *reader, const char *path) {
        struct dirent **entries = NULL;
        char folder[PATH_MAX];
        int n, r = 0;

        if (snprintf(folder, sizeof(folder), "%s.d", path) >= (int)sizeof(folder))
                return 0;
        n = scandir(folder, &entries, settings_is_dropin, alphasort);
        if (n < 0)
                return errno == ENOMEM ? -ENOMEM : 0;

        for (int i = 0; i < n; i++) {
                char file[PATH_MAX + NAME_MAX + 2];

                (void)snprintf(file, sizeof(file), "%s/%s", folder, entries[i]->d_name);
                if (!r)
                        r = settings_take_file(reader, file);
                free(entries[i]);
        }
        free(entries);
        return r;
}

/**
 * settings_new() - read the configuration
 * @path:               the main file; one that is not there has nothing to say
 * @report:             told each problem
 * @context:            handed to @report
 * @ret_settings:       every setting, defaults where nothing good was said
 *
 * Return: 0, or -ENOMEM.
 */
int settings_new(const char *path, settings_report report, void *context,
                 struct settings **ret_settings) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        struct settings_reader reader = { .report = report, .context = context };
        int r;

        settings = calloc(1, sizeof(*settings));
        if (!settings)
                return -ENOMEM;
        reader.settings = settings;

        for (size_t i = 0; i < SETTINGS_KEYS; i++) {
                r = settingskey_all[i].parse(settingskey_all[i].initial,
                                             (char *)settings + settingskey_all[i].offset);
                if (r < 0)
                        return r;
        }

        r = settings_take_file(&reader, path);
        if (r < 0)
                return r;
        r = settings_take_dropins(&reader, path);
        if (r < 0)
                return r;

        *ret_settings = pointer_steal(&settings);
        return 0;
}

/**
 * settings_free() - end what settings_new() began
 * @settings:   the settings, or NULL
 *
 * Return: NULL.
 */
struct settings *settings_free(struct settings *settings) {
        if (!settings)
                return NULL;
        free(settings->log_file);
        free(settings->state_dir);
        free(settings->backend);
        free(settings->usage_dir);
        free(settings->exclude);
        for (size_t i = 0; i < SETTINGS_KEYS; i++) {
                free(settings->places[i].value);
                free(settings->places[i].path);
        }
        free(settings);
        return NULL;
}

/**
 * settings_name() - tell what a key is called
 * @key:        its number, below SETTINGS_KEYS
 *
 * Return: the name.
 */
const char *settings_name(size_t key) {
        return settingskey_all[key].name;
}

/**
 * settings_value() - tell what holds for a key, as text
 * @settings:   the settings
 * @key:        its number, below SETTINGS_KEYS
 *
 * Return: the value of a file, or the default; the settings' own.
 */
const char *settings_value(const struct settings *settings, size_t key) {
        const struct settings_place *place = &settings->places[key];

        return place->value && !place->wrong ? place->value : settingskey_all[key].initial;
}

/**
 * settings_excluded() - tell whether sessions from an address are not to be counted
 * @settings:   the settings
 * @address:    the client's address
 *
 * Return: true if a network of `exclude` contains it.
 */
bool settings_excluded(const struct settings *settings, const struct address *address) {
        for (size_t i = 0; i < settings->n_exclude; i++)
                if (network_contains(&settings->exclude[i], address))
                        return true;
        return false;
}
