/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The arguments of the PAM line: what pam_traffic(8) lists.
 */

#ifndef PAM_MODULE_ARGUMENTS_H
#define PAM_MODULE_ARGUMENTS_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdint.h>

#define ARGUMENTS_SERVICES 16

/* Texts belong to PAM's own argument vector. */
struct arguments {
        const char *config; /* handed to the helper; NULL: its default */
        const char *services[ARGUMENTS_SERVICES];
        unsigned int n_services;
        uint64_t open_timeout; /* microseconds */
        bool strict;
        bool debug;
};

void arguments_parse(const pam_handle_t *pamh, int argc, const char **argv,
                     struct arguments *ret_arguments);
bool arguments_serve(const struct arguments *arguments, const char *service);

#endif
