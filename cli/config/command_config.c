/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic config - which settings are in force, and which file has each of them.
 */

#include "base/base.h"
#include "cli/command.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "cli/shared/jsontext.h"
#include "cli/shared/options.h"
#include "cli/shared/table.h"
#include "config.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct config {
        const char *config;
        bool json, noheadings;
};

static const struct option_entry config_entries[] = {
        OPTION_CONFIG(struct config, config),
        { "json", NULL, "for programs: one JSON object a line, one for each key",
          OPTION_FLAG(struct config, json) },
        OPTION_NOHEADINGS(struct config, noheadings),
};

static const struct options config_options = {
        .command = "config",
        .operands = "",
        .sentence = "Show which settings are in force, and which file has each of them.",
        .entries = config_entries,
        .n_entries = sizeof(config_entries) / sizeof(*config_entries),
        .notes = "FROM is a file and a line, or \"default\". Where a file has a value that is\n"
                 "wrong, the default is in force, and a message names the file; of a list, what\n"
                 "is right is in force. Each login reads the configuration anew, so nothing has\n"
                 "to be restarted after a change.\n"
                 "pam_traffic.conf(5) has the keys.\n",
};

#define CONFIG_VALUE_MAX 48

enum { CONFIG_KEY, CONFIG_VALUE, CONFIG_FROM, CONFIG_COLUMNS };

static const struct table_column config_columns[CONFIG_COLUMNS] = {
        { "KEY", 0 },
        { "VALUE", 0 },
        { "FROM", 0 },
};

static const char *config_path(const struct settings_place *place) {
        return place->wrong ? NULL : place->path;
}

static void config_print_json(const struct settings *settings) {
        for (size_t i = 0; i < SETTINGS_KEYS; i++) {
                const struct settings_place *place = &settings->places[i];
                const char *path = config_path(place);

                (void)printf("{\"key\":\"%s\",\"value\":", settings_name(i));
                (void)jsontext_print(settings_value(settings, i), stdout);
                (void)fputs(",\"file\":", stdout);
                (void)jsontext_print(path, stdout);
                if (path)
                        (void)printf(",\"line\":%" PRIu64 "}\n", place->line);
                else
                        (void)puts(",\"line\":null}");
        }
}

/* How much of a value that is long is in one row. */
static size_t config_part(const char *value) {
        size_t size = strlen(value), part = CONFIG_VALUE_MAX;

        if (size <= CONFIG_VALUE_MAX)
                return size;
        while (part && value[part] != ' ' && value[part - 1] != ',')
                part--;
        return part ? part : size;
}

/* A list may take several rows. */
static int config_add(struct table *table, const char *key, const char *value, const char *from) {
        int r;

        do {
                struct table_cells cells = { .of = { "" } };
                size_t part = config_part(value);
                char text[CONFIG_VALUE_MAX + 1];

                (void)snprintf(text, sizeof(text), "%.*s", (int)part, value);
                table_text(table, key, cells.of[CONFIG_KEY]);
                table_text(table, part < sizeof(text) ? text : value, cells.of[CONFIG_VALUE]);
                table_text(table, from, cells.of[CONFIG_FROM]);
                r = table_add(table, &cells);
                value += part + strspn(value + part, " ");
                key = from = "";
        } while (!r && *value);
        return r;
}

static int config_print(const struct config *config, const struct settings *settings) {
        _cleanup_(table_freep) struct table *table = NULL;
        int r = table_new(config_columns, CONFIG_COLUMNS, !config->noheadings, &table);

        for (size_t i = 0; !r && i < SETTINGS_KEYS; i++) {
                const struct settings_place *place = &settings->places[i];
                const char *value = settings_value(settings, i);
                char from[TABLE_CELL_MAX];

                (void)snprintf(from, sizeof(from), "%s:%" PRIu64,
                               config_path(place) ? place->path : "", place->line);
                r = config_add(table, settings_name(i), value ? value : "",
                               config_path(place) ? from : "default");
        }
        return r ? r : table_end(table);
}

static int config_run(const struct config *config) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        int r = 0;

        if (configuration_read(config->config, &settings) < 0)
                return EXIT_FAILED;
        if (config->json)
                config_print_json(settings);
        else
                r = config_print(config, settings);
        return r < 0 ? fail_errno(r) : EXIT_DONE;
}

/**
 * command_config() - show the settings
 * @argc:       how many words
 * @argv:       the command's name, options
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_config(int argc, char **argv) {
        struct config config = { 0 };
        int r = options_read(&config_options, argc, argv, &config);

        return r == OPTIONS_GO ? config_run(&config) : r;
}
