/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The configuration.
 *
 * Owns: the table of keys. PATH is read first, then PATH.d/<name>.conf in the order of their names;
 * the last file that has a key wins.
 * Relies on: libeconf (econf_readFile, econf_getExtValue for the line number). Its own search for
 * drop-ins is not used, because it differs between releases, and one bad file would hide all
 * others.
 */

#include "store/settings.h"

#include "base/duration.h"
#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "net/networks.h"

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

static int settings_copy(const char *value, void *setting) {
        char *copy = strdup(value);

        if (!copy)
                return -ENOMEM;
        free(*(char **)setting);
        *(char **)setting = copy;
        return 0;
}

static int settings_path(const char *value, void *setting) {
        return value[0] == '/' && strlen(value) < PATH_MAX ? settings_copy(value, setting)
                                                           : -EINVAL;
}

static int settings_backend(const char *value, void *setting) {
        static const char *const words[] = { "auto", "iptables", "nftables" };

        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
                if (!strcmp(value, words[i]))
                        return settings_copy(value, setting);
        return -EINVAL;
}

static int settings_flag(const char *value, void *setting) {
        static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
                if (!strcmp(value, words[i])) {
                        *(bool *)setting = i % 2;
                        return 0;
                }
        return -EINVAL;
}

static int settings_duration(const char *value, void *setting) {
        return duration_parse(value, setting);
}

static int settings_day(const char *value, void *setting) {
        uint64_t day;

        /* no later day: every month has it */
        if (number_parse(value, strlen(value), 10, 28, &day) < 0 || !day)
                return -EINVAL;
        *(uint64_t *)setting = day;
        return 0;
}

/* What stands between the words of a list. */
#define SETTINGS_BETWEEN ", \t\n"

/* setting is the whole struct settings */
static int settings_networks(const char *value, void *setting) {
        struct settings *settings = setting;
        struct networks networks;
        int r = networks_parse(value, &networks);

        if (r < 0)
                return r;
        if (networks.n > SETTINGS_EXCLUDE_MAX) {
                networks_clear(&networks);
                return -E2BIG;
        }
        free(settings->exclude);
        settings->exclude = networks.networks;
        settings->n_exclude = networks.n;
        return 0;
}

/* A list of ports with commas or blanks between; setting is the whole struct settings. */
static int settings_ports(const char *value, void *setting) {
        struct settings *settings = setting;
        uint16_t ports[SETTINGS_PORTS_MAX];
        size_t n = 0;

        for (const char *p = value + strspn(value, SETTINGS_BETWEEN); *p;
             p += strspn(p, SETTINGS_BETWEEN)) {
                size_t length = strcspn(p, SETTINGS_BETWEEN);
                uint64_t port;

                if (n == SETTINGS_PORTS_MAX)
                        return -E2BIG;
                if (number_parse(p, length, 10, UINT16_MAX, &port) < 0 || !port)
                        return -EINVAL;
                ports[n++] = (uint16_t)port;
                p += length;
        }
        memcpy(settings->ports, ports, n * sizeof(*ports));
        settings->n_ports = n;
        return 0;
}

static const struct settings_key {
        const char *name;
        const char *initial;
        size_t offset;
        int (*parse)(const char *value, void *setting);
        const char *wanted;
        const char *part; /* what a word of a list has to be; NULL: the value is no list */
} settings_keys[] = {
        { "log_file", PATH_LOG, offsetof(struct settings, log_file), settings_path,
          "an absolute path", NULL },
        { "state_dir", PATH_STATE, offsetof(struct settings, state_dir), settings_path,
          "an absolute path", NULL },
        { "backend", "auto", offsetof(struct settings, backend), settings_backend,
          "auto, iptables or nftables", NULL },
        { "exclude", "", 0, settings_networks,
          "at most 256 networks such as 10.0.0.0/8, fd00::/8, with commas between",
          "a network such as 10.0.0.0/8 (the bits behind the prefix must be 0)" },
        { "interim_interval", "5min", offsetof(struct settings, interim_interval),
          settings_duration, "a span of time such as 5min, or 0", NULL },
        { "linger", "3s", offsetof(struct settings, linger), settings_duration,
          "a span of time such as 3s", NULL },
        { "ports", "", 0, settings_ports, "at most 64 port numbers with commas between",
          "a port number from 1 to 65535" },
        { "syslog", "yes", offsetof(struct settings, syslog), settings_flag, "yes or no", NULL },
        { "billing_day", "1", offsetof(struct settings, billing_day), settings_day,
          "a day from 1 to 28", NULL },
        { "usage_dir", PATH_USAGE, offsetof(struct settings, usage_dir), settings_path,
          "an absolute path", NULL },
};

#define SETTINGS_KEYS (sizeof(settings_keys) / sizeof(*settings_keys))

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

/* A bad value; of a list, its first bad word is named. The words are parsed into the setting, which
 * gets its default afterwards. */
static void settings_say_wrong(const struct settings_reader *reader, const char *path,
                               uint64_t line, const struct settings_key *key, const char *value) {
        _cleanup_(freep) char *words = key->part ? strdup(value) : NULL;
        void *setting = (char *)reader->settings + key->offset;
        char *rest = words, *word;

        while ((word = strsep(&rest, SETTINGS_BETWEEN)))
                if (*word && key->parse(word, setting) == -EINVAL) {
                        settings_say(
                                reader,
                                "%s:%" PRIu64
                                ": %s has '%.200s', which is not %s; the list is empty instead",
                                path, line, key->name, word, key->part);
                        return;
                }
        settings_say(reader, "%s:%" PRIu64 ": %s = '%.200s' is not %s; '%s' is used instead", path,
                     line, key->name, value, key->wanted, key->initial);
}

static int settings_take(const struct settings_reader *reader, const char *path, uint64_t line,
                         const char *name, const char *value) {
        for (size_t i = 0; i < SETTINGS_KEYS; i++) {
                const struct settings_key *key = &settings_keys[i];
                int r;

                if (strcmp(key->name, name) != 0)
                        continue;
                r = key->parse(value, (char *)reader->settings + key->offset);
                if (r == -ENOMEM)
                        return r;
                if (r < 0) {
                        settings_say_wrong(reader, path, line, key, value);
                        /* and not what an earlier file says */
                        r = key->parse(key->initial, (char *)reader->settings + key->offset);
                }
                return r;
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
                r = settings_keys[i].parse(settings_keys[i].initial,
                                           (char *)settings + settings_keys[i].offset);
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
        free(settings);
        return NULL;
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
