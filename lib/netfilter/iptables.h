/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The backend "iptables": rules in the legacy tables.
 */

#ifndef NETFILTER_IPTABLES_H
#define NETFILTER_IPTABLES_H

#include "netfilter/backend.h"
#include "netfilter/survey.h"

void iptableslook_base(int proc_fd, const char *lock_path, struct survey_base *base);
int iptables_new(struct backend **ret_backend);

#endif
