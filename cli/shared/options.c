/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The options of a command.
 *
 * Owns: --help, which every command has and which is not in the tables.
 * Relies on: getopt_long(3), which also moves operands behind options and keeps its place in
 * optind.
 */

#include "options.h"

#include "base/base.h"
#include "fail.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Ids in the table of getopt_long() are above all letters, so that optopt tells an id from a
 * letter. */
#define OPTIONS_ID 0x100
#define OPTIONS_HELP_ID (2 * OPTIONS_ID)

const char options_empty[] = "an option's value is empty";

static void options_print_entry(const char *name, const char *value, const char *sentence) {
        char left[32];

        (void)snprintf(left, sizeof(left), "--%s%s%s", name, value ? " " : "", value ? value : "");
        (void)printf("  %-16s %s\n", left, sentence);
}

static void options_help(const struct options *options) {
        (void)printf("Usage: pam_traffic %s [OPTION...]%s%s\n\n%s\n\nOptions:\n", options->command,
                     *options->operands ? " " : "", options->operands, options->sentence);
        for (size_t i = 0; i < options->n_entries; i++)
                options_print_entry(options->entries[i].name, options->entries[i].value,
                                    options->entries[i].sentence);
        options_print_entry("help", NULL, "show this and exit");
        (void)printf("\n%s\nExit status: %s.\n", options->notes,
                     options->status ? options->status : "0 done, 1 failed, 2 wrong usage");
}

/**
 * options_wrong() - print that the usage is wrong
 * @options:    the command's table
 * @what:       what is wrong
 * @word:       the wrong word, or NULL
 *
 * Return: EXIT_USAGE.
 */
int options_wrong(const struct options *options, const char *what, const char *word) {
        return fail(EXIT_USAGE, "%s%s%s; try pam_traffic %s --help", what, word ? ": " : "",
                    word ? word : "", options->command);
}

/* Take the value of one option. Return: NULL, or what is wrong with it. */
static const char *options_take(const struct option_entry *entry, const char *value, void *object) {
        void *place = (char *)object + entry->place;

        if (!entry->value) {
                *(bool *)place = true;
        } else if (entry->read) {
                return entry->read(value, place);
        } else if (entry->words) {
                for (unsigned int i = 0; entry->words[i]; i++)
                        if (!strcmp(entry->words[i], value)) {
                                *(unsigned int *)place = i;
                                return NULL;
                        }
                return entry->problem;
        } else if (entry->most) {
                uint64_t number;

                if (number_parse(value, strlen(value), 10, entry->most, &number) < 0 ||
                    number < entry->least)
                        return entry->problem;
                *(uint64_t *)place = number;
        } else if (!*value) {
                return options_empty;
        } else {
                *(const char **)place = value;
        }
        return NULL;
}

/* Handle one option that getopt_long() found. Return: OPTIONS_GO, or the exit status to end with.
 */
static int options_one(const struct options *options, int id, char *word, void *object) {
        const struct option_entry *entry;
        const char *problem;
        char letter[] = "-?";

        switch (id) {
        case OPTIONS_HELP_ID:
                options_help(options);
                return EXIT_DONE;
        case ':':
                return options_wrong(options, "option needs a value", word);
        case '?':
                letter[1] = (char)optopt;
                return options_wrong(options, "option not known",
                                     optopt && optopt < OPTIONS_ID ? letter : word);
        default:
                entry = &options->entries[id - OPTIONS_ID];
                problem = options_take(entry, optarg, object);
                if (!problem)
                        return OPTIONS_GO;
                return options_wrong(options, problem, problem == options_empty ? NULL : optarg);
        }
}

/**
 * options_read() - read the command line
 * @options:    the command's table
 * @argc:       how many words
 * @argv:       the words, the first is the command; behind the last option, optind is the place of
 *              the first operand
 * @object:     the command's struct; if an option is given twice, the last value counts
 *
 * Return: OPTIONS_GO, or the exit status to end with, after --help or a line on standard error.
 */
int options_read(const struct options *options, int argc, char **argv, void *object) {
        _cleanup_(freep) struct option *table = calloc(options->n_entries + 2, sizeof(*table));
        int id, r = OPTIONS_GO;
        size_t n = 0;

        if (!table)
                return fail_errno(-ENOMEM);
        for (; n < options->n_entries; n++)
                table[n] = (struct option){
                        .name = options->entries[n].name,
                        .has_arg = options->entries[n].value ? required_argument : no_argument,
                        .val = OPTIONS_ID + (int)n,
                };
        table[n] = (struct option){ .name = "help", .val = OPTIONS_HELP_ID };

        opterr = 0;
        while (r == OPTIONS_GO && (id = getopt_long(argc, argv, ":", table, NULL)) != -1)
                r = options_one(options, id, argv[optind - 1], object);
        if (r == OPTIONS_GO && options->no_operand && optind < argc)
                return options_wrong(options, options->no_operand, argv[optind]);
        return r;
}
