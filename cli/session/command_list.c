/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic list - the sessions that are open now, one a line.
 */

#include "cli/command.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "cli/shared/human.h"
#include "cli/shared/jsontext.h"
#include "cli/shared/options.h"
#include "cli/shared/table.h"
#include "config.h"
#include "openrow.h"
#include "opens.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#define LIST_RATE_MAX 40

struct list {
        bool bytes;
        bool json;
        bool noheadings;
        enum opens_order order;
        const char *config;
        const char *user; /* NULL: everybody */
};

static const struct option_entry list_entries[] = {
        OPTION_BYTES(struct list, bytes),
        OPTION_CONFIG(struct list, config),
        { "json", NULL, "for programs: one JSON object a line", OPTION_FLAG(struct list, json) },
        OPTION_NOHEADINGS(struct list, noheadings),
        { "sort", "COLUMN", "the order (default: since)",
          OPTION_WORD(struct list, order, opens_orders) },
        { "user", "NAME", "only this user's", OPTION_TEXT(struct list, user) },
};

static const struct options list_options = {
        .command = "list",
        .operands = "",
        .sentence = "List the sessions that are open now, with what they moved until now.",
        .entries = list_entries,
        .n_entries = sizeof(list_entries) / sizeof(*list_entries),
        .notes =
                "COLUMN is user, key, from, since, in, out, total, rate or session.\n"
                "\n"
                "IN is from the client to this host, OUT to the client; with a ~ before it,\n"
                "bytes may be missing (show says why). RATE is both, in bytes per second since\n"
                "the session's counters were last saved (the reap timer saves them every\n"
                "minute); it is empty in the first second after that. FROM is the client's\n"
                "address. KIND is what the login is for: shell, command, sftp, scp or forward.\n"
                "PROCESSES is what its programs moved beside the connection, in and out together\n"
                "(report --ledger users). SESSION is the end of the id; show and log --session\n"
                "take it. What is not known is an empty cell. With --sort in, out, total or rate,\n"
                "the session that moved most is the first. On a narrow terminal, KEY, KIND and\n"
                "PROCESSES are left out if there is no room for them.\n"
                "\n"
                "Only root may read the state of the sessions. Other users see the last records\n"
                "of the sessions, without a rate.\n"
                "\n"
                "--json prints records as an interim record would be now, \"event\": \"live\", "
                "and\n"
                "without root the last ones; in each case with in_rate and out_rate.\n",
};

static void list_rate(const char *name, int64_t rate, char ret_text[static LIST_RATE_MAX]) {
        if (rate == RECORD_UNKNOWN)
                (void)snprintf(ret_text, LIST_RATE_MAX, "\"%s\":null", name);
        else
                (void)snprintf(ret_text, LIST_RATE_MAX, "\"%s\":%" PRId64, name, rate);
}

/* Its record, with two keys more. */
static int list_print_object(const struct opens_session *session) {
        _cleanup_(freep) char *line = NULL, *whole = NULL;
        char in[LIST_RATE_MAX], out[LIST_RATE_MAX];
        size_t size;
        int r = record_encode(session->record, &line, &size);

        if (r < 0)
                return r;
        list_rate("in_rate", session->in_rate, in);
        list_rate("out_rate", session->out_rate, out);
        /* an object of many keys: it ends with its brace */
        *strrchr(line, '}') = '\0';
        if (asprintf(&whole, "%s,%s,%s}", line, in, out) < 0) {
                whole = NULL;
                return -ENOMEM;
        }
        return jsontext_print_line(whole);
}

static int list_print_json(const struct opens *opens) {
        int r = 0;

        for (size_t i = 0; !r && i < opens->n; i++)
                r = list_print_object(&opens->sessions[i]);
        return r;
}

static int list_print(const struct list *list, const struct opens *opens) {
        _cleanup_(table_freep) struct table *table = NULL;
        struct table_cells cells;
        int r;

        r = table_new(openrow_columns, openrow_count(opens), !list->noheadings, &table);
        for (size_t i = 0; !r && i < opens->n; i++) {
                openrow_cells(table, &opens->sessions[i], list->bytes, &cells);
                table_measure(table, &cells);
        }
        for (size_t i = 0; !r && i < opens->n; i++) {
                openrow_cells(table, &opens->sessions[i], list->bytes, &cells);
                r = table_add(table, &cells);
        }
        return r ? r : table_end(table);
}

static int list_run(const struct list *list) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        _cleanup_(opens_freep) struct opens *opens = NULL;
        int r;

        if (configuration_read(list->config, &settings) < 0 ||
            opens_read(settings, false, &opens) < 0)
                return EXIT_FAILED;
        if (list->user)
                opens_keep(opens, list->user);
        if (list->user && !opens->n && !getpwnam(list->user))
                return fail(EXIT_FAILED,
                            "no session of user %s is open, and this host has no such user",
                            list->user);
        opens_sort(opens, list->order);
        if (!opens->n)
                fail_warn(list->user ? "this user has no session open" : "no session is open");
        r = list->json ? list_print_json(opens) : list_print(list, opens);
        return r < 0 ? fail_errno(r) : EXIT_DONE;
}

/**
 * command_list() - list the open sessions
 * @argc:       how many words
 * @argv:       the command's name, options
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_list(int argc, char **argv) {
        struct list list = { .order = OPENS_SINCE };
        int r = options_read(&list_options, argc, argv, &list);

        return r == OPTIONS_GO ? list_run(&list) : r;
}
