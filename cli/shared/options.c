/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The options of a command.
 *
 * Owns: --help and -h, which every command has and which are not in the tables.
 * Relies on: getopt_long(3), which also moves operands behind options and keeps its place in
 * optind.
 */

#include "options.h"

#include "base/base.h"
#include "fail.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Ids in the table of getopt_long() are above all letters, so that optopt tells an id from a
 * letter. */
#define OPTIONS_ID 0x100
#define OPTIONS_HELP_ID (2 * OPTIONS_ID)
#define OPTIONS_WORDS_MAX 256
#define OPTIONS_LETTERS_MAX 64

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
        options_print_entry("help", NULL, "show this and exit (-h)");
        (void)printf("\n%s\nExit status: %s.\n", options->notes,
                     options->status ? options->status : "0 done, 1 failed, 2 wrong usage");
}

/**
 * options_wrong() - print that the usage is wrong
 * @options:    the command's table
 * @format:     what is wrong: the option, its value, what is allowed
 *
 * Return: EXIT_USAGE.
 */
int options_wrong(const struct options *options, const char *format, ...) {
        _cleanup_(freep) char *text = NULL;
        va_list arguments;

        va_start(arguments, format);
        if (vasprintf(&text, format, arguments) < 0)
                text = NULL;
        va_end(arguments);
        return fail(EXIT_USAGE, "%s; try pam_traffic %s --help", text ? text : strerror(ENOMEM),
                    options->command);
}

/**
 * options_wrong_period() - print that --since or --until is wrong
 * @options:    the command's table
 * @period:     as given to period_parse()
 * @error:      what that returned: PERIOD_E_...
 * @word:       the word that it names
 *
 * Return: EXIT_USAGE.
 */
int options_wrong_period(const struct options *options, const struct period *period, int error,
                         const char *word) {
        if (error == PERIOD_E_ORDER)
                return options_wrong(options, "option --until: '%s' is not after --since '%s'",
                                     period->until, period->since);
        return options_wrong(options, "option --%s: '%s' is not %s",
                             word == period->since ? "since" : "until", word,
                             error == PERIOD_E_RANGE
                                     ? "a day or time that exists"
                                     : "a day or time such as today, 2026-11-22, 14:00 or -2h");
}

/* A value that is none of the words. */
static int options_wrong_word(const struct options *options, const struct option_entry *entry,
                              const char *name, const char *value) {
        char words[OPTIONS_WORDS_MAX] = "";

        for (size_t i = 0, used = 0; entry->words[i] && used < sizeof(words); i++)
                used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s",
                                         !i                    ? ""
                                         : entry->words[i + 1] ? ", "
                                                               : " or ",
                                         entry->words[i]);
        return options_wrong(options, "option %s: '%s' is not %s", name, value, words);
}

/* Of a list, the part that is wrong by itself is named; if there is none, the whole list. */
static int options_wrong_value(const struct options *options, const struct option_entry *entry,
                               const char *name, const char *value, const char *problem,
                               void *place) {
        _cleanup_(freep) char *copy = entry->list ? strdup(value) : NULL;
        char *rest = copy;

        for (char *part; rest && (part = strsep(&rest, ","));) {
                const char *fault = entry->read(part, place);

                if (fault)
                        return options_wrong(options, "option %s: '%s' %s", name, part, fault);
        }
        return options_wrong(options, "option %s: '%s' %s", name, value, problem);
}

/* Take the value of one option, which was typed as @name. Return: OPTIONS_GO, or the exit status to
 * end with. */
static int options_take(const struct options *options, const struct option_entry *entry,
                        const char *name, const char *value, void *object) {
        void *place = (char *)object + entry->place;
        const char *problem;

        if (!entry->value) {
                *(bool *)place = true;
        } else if (entry->read) {
                problem = entry->read(value, place);
                if (problem)
                        return options_wrong_value(options, entry, name, value, problem, place);
        } else if (entry->words) {
                unsigned int i = 0;

                while (entry->words[i] && strcmp(entry->words[i], value) != 0)
                        i++;
                if (!entry->words[i])
                        return options_wrong_word(options, entry, name, value);
                *(unsigned int *)place = i;
        } else if (entry->most) {
                uint64_t number;

                if (number_parse(value, strlen(value), 10, entry->most, &number) < 0 ||
                    number < entry->least)
                        return options_wrong(options,
                                             "option %s: '%s' is not a number from %" PRIu64
                                             " to %" PRIu64,
                                             name, value, entry->least, entry->most);
                *(uint64_t *)place = number;
        } else if (!*value) {
                return options_wrong(options, "option %s: the value " OPTIONS_EMPTY, name);
        } else {
                *(const char **)place = value;
        }
        return OPTIONS_GO;
}

/* The short forms, as getopt(3) wants them; a colon first: it prints nothing itself. */
static void options_letters(const struct options *options,
                            char ret_letters[static OPTIONS_LETTERS_MAX]) {
        size_t n = 0;

        ret_letters[n++] = ':';
        ret_letters[n++] = 'h';
        for (size_t i = 0; i < options->n_entries && n + 2 < OPTIONS_LETTERS_MAX; i++) {
                if (!options->entries[i].letter)
                        continue;
                ret_letters[n++] = options->entries[i].letter;
                if (options->entries[i].value)
                        ret_letters[n++] = ':';
        }
        ret_letters[n] = '\0';
}

/* The entry of an option that getopt_long() found. */
static const struct option_entry *options_entry(const struct options *options, int id) {
        size_t i = 0;

        if (id >= OPTIONS_ID)
                return &options->entries[id - OPTIONS_ID];
        while (options->entries[i].letter != id)
                i++;
        return &options->entries[i];
}

/* Handle one option that getopt_long() found. Return: OPTIONS_GO, or the exit status to end with.
 */
static int options_one(const struct options *options, int id, const char *word, void *object) {
        const struct option_entry *entry;
        char name[32];

        switch (id) {
        case 'h':
        case OPTIONS_HELP_ID:
                options_help(options);
                return EXIT_DONE;
        case ':':
                return options_wrong(options, "option %s needs a value", word);
        case '?':
                if (optopt && optopt < OPTIONS_ID)
                        return options_wrong(options, "unknown option -%c", optopt);
                if (optopt)
                        return options_wrong(options, "option %.*s takes no value",
                                             (int)strcspn(word, "="), word);
                return options_wrong(options, "unknown option %s", word);
        default:
                entry = options_entry(options, id);
                (void)snprintf(name, sizeof(name), id >= OPTIONS_ID ? "--%s" : "-%.1s",
                               id >= OPTIONS_ID ? entry->name : &entry->letter);
                return options_take(options, entry, name, optarg, object);
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
        char letters[OPTIONS_LETTERS_MAX];
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

        options_letters(options, letters);
        opterr = 0;
        while (r == OPTIONS_GO && (id = getopt_long(argc, argv, letters, table, NULL)) != -1)
                r = options_one(options, id, argv[optind - 1], object);
        if (r == OPTIONS_GO && !*options->operands && optind < argc)
                return options_wrong(options, "unexpected word '%s': %s takes options only",
                                     argv[optind], options->command);
        return r;
}
