/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Why logins are not recorded, though a service of PAM calls pam_traffic.
 */

#ifndef CLI_ALERTFAULT_H
#define CLI_ALERTFAULT_H

#include "store/store.h"

#define ALERTFAULT_MAX 2560

void alertfault_look(const char *config, char ret_fault[static ALERTFAULT_MAX]);
void alertfault_look_users(const struct settings *settings, char ret_fault[static ALERTFAULT_MAX]);

#endif
