/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The backend "nftables": elements of sets that count.
 */

#ifndef NETFILTER_NFTABLES_H
#define NETFILTER_NFTABLES_H

#include "netfilter/backend.h"
#include "netfilter/survey.h"

void nftableslook_base(int proc_fd, const char *lock_path, struct survey_base *base);
int nftables_new(struct backend **ret_backend);

#endif
