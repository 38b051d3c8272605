/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What went over the ports of sshd: the part of sessions, and the rest.
 */

#ifndef INDEX_PORTSUMS_H
#define INDEX_PORTSUMS_H

#include "index/groups.h"

struct portsums;

int portsums_new(const struct groups *groups, struct portsums **ret_sums);
struct portsums *portsums_free(struct portsums *sums);

void portsums_begin(struct portsums *sums);
void portsums_count(struct portsums *sums, const struct group_party *party, int64_t class,
                    int64_t opened, int64_t ended);
void portsums_take(struct portsums *sums, const struct group_party *party, int64_t unit,
                   int64_t day, const int64_t *bytes);
int portsums_answer(struct portsums *sums, struct index_answer *answer);

#endif
