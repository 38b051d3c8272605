/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The line of pam_traffic in the file of a PAM service.
 */

#ifndef CLI_PAMLINE_H
#define CLI_PAMLINE_H

#include "etcfile.h"
#include "pamedit.h"

#define PAMLINE_PATH_MAX 128
#define PAMLINE_RULE_MAX 1024
#define PAMLINE_REFUSAL_MAX 2048
#define PAMLINE_SERVICE "sshd"

struct pamline {
        bool add;
        const char *service;
        char path[PAMLINE_PATH_MAX];
        char rule[PAMLINE_RULE_MAX];
        struct etcfile file;
        struct pamedit edit; /* PAMEDIT_DONE or PAMEDIT_NOTHING */
        char refusal[PAMLINE_REFUSAL_MAX];
};

#define PAMLINE_INIT \
        { .file = ETCFILE_INIT }

bool pamline_service_valid(const char *service);
int pamline_plan(const char *service, const char *config, bool add, struct pamline *line);
void pamline_clear(struct pamline *line);
void pamline_diff(const struct pamline *line);
int pamline_write(const struct pamline *line, const char *state_dir, int backup_fd,
                  const char *backup);

#endif
