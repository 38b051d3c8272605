/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic_worker VERB CONFIG [SESSION] - the verbs that pam_traffic_helper does not do itself.
 *
 * Owns: the table of verbs.
 * Does not: print a help text, because nobody but pam_traffic_helper runs it.
 */

#include "verb.h"

#include <stdio.h>
#include <string.h>

static const struct {
        const char *name;
        int (*run)(const char *config, const char *session);
} verbs[] = {
        { "check", verb_check_start }, { "close", verb_close }, { "end", verb_end },
        { "reap", verb_reap },         { "setup", verb_setup }, { "start", verb_start },
        { "teardown", verb_teardown },
};

int main(int argc, char **argv) {
        for (size_t i = 0; argc > 2 && i < sizeof(verbs) / sizeof(*verbs); i++)
                if (!strcmp(verbs[i].name, argv[1]))
                        return verbs[i].run(argv[2], argv[3]);
        (void)fprintf(stderr, "pam_traffic_worker: run pam_traffic_helper instead; "
                              "try pam_traffic_helper --help\n");
        return EXIT_USAGE;
}
