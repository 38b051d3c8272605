/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic doctor - it shows what is right, what is not, and how to repair it.
 *
 * Owns: the order of the checks (check.h), the values that they all use, and the two forms in which
 * their findings are printed. It changes nothing.
 */

#include "base/base.h"
#include "check.h"
#include "cli/command.h"
#include "cli/enable/steps.h"
#include "cli/etc/pamstack.h"
#include "cli/shared/fail.h"
#include "cli/shared/jsontext.h"
#include "cli/shared/options.h"
#include "cli/shared/table.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct doctor {
        struct check_context context;
        char complaint[CHECK_TEXT_MAX / 2];
        char *config, *option; /* what the context has of them */
        bool json, noheadings;
        struct table *table;
        bool by_hand; /* more is needed for the line of PAM than `pam_traffic enable` */
        char *mends;  /* printed last */
        size_t n_mends;
        FILE *mends_stream;
        bool failed;
};

static const struct option_entry doctor_entries[] = {
        OPTION_CONFIG(struct doctor, context.config),
        { "json", NULL, "for programs: one JSON object a line", OPTION_FLAG(struct doctor, json) },
        OPTION_NOHEADINGS(struct doctor, noheadings),
};

static const struct options doctor_options = {
        .command = "doctor",
        .operands = "",
        .sentence = "Check whether logins are recorded exactly, and say how to fix what is wrong.",
        .entries = doctor_entries,
        .n_entries = sizeof(doctor_entries) / sizeof(*doctor_entries),
        .notes = "It changes nothing. Each check is a row. Below the rows are the commands that\n"
                 "fix what is wrong, each after the name of its check, for a root shell.\n"
                 "\n"
                 "pass  all is well\n"
                 "warn  logins are recorded, but something is not as it should be\n"
                 "fail  logins are not recorded, or not exactly, or will not be in some case\n"
                 "skip  the check was not possible: the row says what it needs\n"
                 "\n"
                 "--json has the keys check, status, finding and mend (the command that fixes it,\n"
                 "or null).\n"
                 "The exit status is 1 if a check fails, and 0 if none does.\n",
};

enum { DOCTOR_STATUS, DOCTOR_CHECK, DOCTOR_FINDING, DOCTOR_COLUMNS };

static const struct table_column doctor_columns[DOCTOR_COLUMNS] = {
        { "STATUS", 0 },
        { "CHECK", 0 },
        { "FINDING", 0 },
};

/* Of 80 columns; STATUS has 6, and CHECK up to 14 (check.h). */
#define DOCTOR_WIDTH 58

static void doctor_complain(void *context, const char *line) {
        struct doctor *doctor = context;

        if (!doctor->context.n_complaints++)
                (void)snprintf(doctor->complaint, sizeof(doctor->complaint), "%s", line);
}

static void doctor_print_json(const struct check *check, const struct check_result *result) {
        (void)printf("{\"check\":\"%s\",\"status\":\"%s\",\"finding\":", check->name,
                     check_status_name(result->status));
        (void)jsontext_print(result->finding, stdout);
        (void)fputs(",\"mend\":", stdout);
        (void)jsontext_print(*result->mend ? result->mend : NULL, stdout);
        (void)puts("}");
}

/* As it is to be typed: a backslash stays, where text_to_line() has \x5c. */
static void doctor_print_mend(FILE *stream, const struct check *check, const char *mend) {
        char part[CHECK_TEXT_MAX], clean[TEXT_ESCAPE_MAX(CHECK_TEXT_MAX)];

        (void)fprintf(stream, "%s: ", check->name);
        for (const char *rest = mend; *rest;) {
                size_t size = strcspn(rest, "\\");

                (void)snprintf(part, sizeof(part), "%.*s", (int)size, rest);
                text_to_line(part, clean, sizeof(clean));
                (void)fprintf(stream, "%s%.1s", clean, rest + size);
                rest += size + (rest[size] != '\0');
        }
        (void)fputc('\n', stream);
}

/* A finding may need several rows: where it has blanks it is broken. */
static int doctor_print_row(struct doctor *doctor, const struct check *check,
                            const struct check_result *result) {
        const char *rest = result->finding;
        bool first = true;
        int r = 0;

        while (!r && (first || *rest)) {
                size_t size = strlen(rest), next;
                struct table_cells cells = { 0 };
                char part[DOCTOR_WIDTH + 1];

                if (size > DOCTOR_WIDTH) {
                        size = DOCTOR_WIDTH;
                        while (size && rest[size] != ' ')
                                size--;
                        size = size ? size : DOCTOR_WIDTH;
                }
                (void)snprintf(part, sizeof(part), "%.*s", (int)size, rest);
                next = size + (rest[size] == ' ');
                table_text(doctor->table, first ? check_status_name(result->status) : "",
                           cells.of[DOCTOR_STATUS]);
                table_text(doctor->table, first ? check->name : "", cells.of[DOCTOR_CHECK]);
                table_text(doctor->table, part, cells.of[DOCTOR_FINDING]);
                r = table_add(doctor->table, &cells);
                rest += next;
                first = false;
        }
        if (*result->mend)
                doctor_print_mend(doctor->mends_stream, check, result->mend);
        return r;
}

/* Whether `pam_traffic enable` alone puts in the line of PAM. */
static bool doctor_enables(const char *mend) {
        return !strncmp(mend, "pam_traffic enable", strlen("pam_traffic enable"));
}

static int doctor_run(struct doctor *doctor) {
        const struct check *check;
        int r = 0;

        for (size_t i = 0; !r && (check = check_at(i)); i++) {
                struct check_result result = { .status = CHECK_SKIP };

                check->look(&doctor->context, &result);
                if (!strcmp(check->name, "pam-line"))
                        doctor->by_hand = *result.mend && !doctor_enables(result.mend);
                doctor->failed = doctor->failed || result.status == CHECK_FAIL;
                if (doctor->json)
                        doctor_print_json(check, &result);
                else
                        r = doctor_print_row(doctor, check, &result);
        }
        return r;
}

/* The commands that mend act on the same configuration, in whatever folder they are run. */
static int doctor_locate(struct doctor *doctor) {
        struct check_context *context = &doctor->context;
        _cleanup_(freep) char *folder = NULL;

        context->option = "";
        if (context->config && !strcmp(context->config, PATH_CONFIG))
                context->config = NULL;
        if (!context->config)
                return 0;
        if (*context->config != '/') {
                doctor->config = realpath(context->config, NULL);
                folder = doctor->config ? NULL : get_current_dir_name();
                if (!doctor->config &&
                    (!folder || asprintf(&doctor->config, "%s/%s", folder, context->config) < 0))
                        return folder ? -ENOMEM : -errno;
                context->config = doctor->config;
        }
        if (asprintf(&doctor->option, " --config %s", context->config) < 0)
                return -ENOMEM;
        context->option = doctor->option;
        return 0;
}

static int doctor_prepare(struct doctor *doctor, struct settings **ret_settings) {
        struct check_context *context = &doctor->context;
        int r;

        r = doctor_locate(doctor);
        if (r < 0)
                return r;
        r = settings_new(context->config ? context->config : PATH_CONFIG, doctor_complain, doctor,
                         ret_settings);
        if (r < 0)
                return r;
        context->settings = *ret_settings;
        context->complaint = doctor->complaint;
        context->root = !geteuid();
        context->systemd = steps_systemd();
        context->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (context->proc_fd < 0)
                return -errno;
        r = context->root
                    ? survey_take(context->proc_fd, context->settings->backend, &context->survey)
                    : -EPERM;
        context->survey_error = -r;
        context->live_error =
                -live_read(context->settings, context->proc_fd, LIVE_EACH, &context->live);
        r = table_new(doctor_columns, DOCTOR_COLUMNS, !doctor->noheadings, &doctor->table);
        if (r < 0)
                return r;
        doctor->mends_stream = open_memstream(&doctor->mends, &doctor->n_mends);
        return doctor->mends_stream ? 0 : -errno;
}

static int doctor_end(struct doctor *doctor) {
        int r = doctor->json ? 0 : table_end(doctor->table);

        if (fclose(doctor->mends_stream) != 0)
                r = -ENOMEM;
        doctor->mends_stream = NULL;
        /* most of what is missing then is what enable makes */
        if (!r && !doctor->json && !doctor->by_hand && !pamstack_is_used())
                (void)printf("\nLogins are not recorded. To begin:\n"
                             "pam_traffic enable%s && pam_traffic doctor%s\n",
                             doctor->context.option, doctor->context.option);
        else if (!r && doctor->n_mends)
                (void)printf("\nTo fix it:\n%s", doctor->mends);
        return r;
}

static void doctor_free(struct doctor *doctor) {
        if (doctor->mends_stream)
                (void)fclose(doctor->mends_stream);
        free(doctor->config);
        free(doctor->option);
        free(doctor->mends);
        (void)table_free(doctor->table);
        (void)live_free(doctor->context.live);
        doctor->context.proc_fd = fd_close(doctor->context.proc_fd);
}

/**
 * command_doctor() - look after everything
 * @argc:       how many words
 * @argv:       the command's name, options
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_doctor(int argc, char **argv) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        _cleanup_(doctor_free) struct doctor doctor = { .context.proc_fd = -1 };
        int r;

        r = options_read(&doctor_options, argc, argv, &doctor);
        if (r != OPTIONS_GO)
                return r;
        r = doctor_prepare(&doctor, &settings);
        if (!r)
                r = doctor_run(&doctor);
        if (!r)
                r = doctor_end(&doctor);
        if (r < 0)
                return fail_errno(r);
        return doctor.failed ? EXIT_FAILED : EXIT_DONE;
}
