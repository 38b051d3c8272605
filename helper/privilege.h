/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which privileges the helper has.
 */

#ifndef HELPER_PRIVILEGE_H
#define HELPER_PRIVILEGE_H

void privilege_unlimit(void);
int privilege_drop(void);
int privilege_look(void);

#endif
