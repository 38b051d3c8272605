/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The options of a command.
 *
 * Relies on: getopt_long(3), which also puts operands behind options and keeps its place in optind.
 * Every command has --help; it is not in the tables.
 */

#include "options.h"

#include "cli/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* In getopt_long()'s table, ids stand above all letters, so that optopt tells which it was. */
#define OPTIONS_ID 0x100
#define OPTIONS_HELP_ID (2 * OPTIONS_ID)

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
 * options_wrong() - say that the usage is wrong
 * @options:    the command's table
 * @what:       what is wrong
 * @word:       the word that is, or NULL
 *
 * Return: EXIT_USAGE.
 */
int options_wrong(const struct options *options, const char *what, const char *word) {
        (void)fprintf(stderr, "pam_traffic: %s%s%s; try pam_traffic %s --help\n", what,
                      word ? ": " : "", word ? word : "", options->command);
        return EXIT_USAGE;
}

/**
 * options_next() - read the next option of the command line
 * @options:    the command's table
 * @argc:       how many words
 * @argv:       the words, the first is the command; behind the last option, optind is the place of
 *              the first operand
 * @ret_value:  what the option was given; left alone if it takes nothing
 *
 * Return: the option's id, OPTIONS_END, OPTIONS_HELP or OPTIONS_WRONG.
 */
int options_next(const struct options *options, int argc, char **argv, const char **ret_value) {
        struct option table[OPTIONS_MAX + 2] = { { 0 } };
        char letter[] = "-?";
        size_t n = 0;
        int id;

        for (; n < options->n_entries && n < OPTIONS_MAX; n++)
                table[n] = (struct option){
                        .name = options->entries[n].name,
                        .has_arg = options->entries[n].value ? required_argument : no_argument,
                        .val = OPTIONS_ID + options->entries[n].id,
                };
        table[n] = (struct option){ .name = "help", .val = OPTIONS_HELP_ID };

        opterr = 0;
        id = getopt_long(argc, argv, ":", table, NULL);
        switch (id) {
        case -1:
                return OPTIONS_END;
        case OPTIONS_HELP_ID:
                options_help(options);
                return OPTIONS_HELP;
        case ':':
                (void)options_wrong(options, "option needs a value", argv[optind - 1]);
                return OPTIONS_WRONG;
        case '?':
                letter[1] = (char)optopt;
                (void)options_wrong(options, "option not known",
                                    optopt && optopt < OPTIONS_ID ? letter : argv[optind - 1]);
                return OPTIONS_WRONG;
        default:
                if (optarg)
                        *ret_value = optarg;
                return id - OPTIONS_ID;
        }
}
