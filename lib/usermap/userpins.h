/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The folder of the pins in the BPF file system.
 */

#ifndef USERMAP_USERPINS_H
#define USERMAP_USERPINS_H

int userpins_remove(const char *path);

#endif
