/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What `enable` and `disable` do beside the PAM line, one step each, and what they print about it.
 */

#ifndef CLI_STEPS_H
#define CLI_STEPS_H

#include "store/store.h"

#include <stdbool.h>

struct steps {
        bool dry_run;
        const char *config;  /* NULL: the usual one */
        const char *service; /* of PAM */
        const struct settings *settings;
        int backup_fd;       /* -1 in a dry run, where it is not there */
        bool metrics, usage; /* their timers, too */
        bool ledger_said;    /* setup, reap or teardown had something to say of the users' ledger */
        unsigned int failures;
};

void steps_say(const struct steps *steps, const char *did, const char *would, const char *format,
               ...) __attribute__((format(printf, 4, 5)));
void steps_failed(struct steps *steps, const char *what, const char *why);

int steps_programs(void);
int steps_backup(struct steps *steps, bool make);
bool steps_systemd(void);

void steps_rules(struct steps *steps, bool on);
void steps_units(struct steps *steps, bool on);
void steps_mark(struct steps *steps, bool on, bool anew);

#endif
