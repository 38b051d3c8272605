/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * bpf(2), as far as the maps of the users' ledger need it.
 */

#ifndef USERMAP_BPFCALL_H
#define USERMAP_BPFCALL_H

#include <linux/bpf.h>
#include <stdint.h>

int bpfcall_open(const char *path, int *ret_fd);
int bpfcall_lookup(int map_fd, const void *key, void *ret_value);
int bpfcall_take(int map_fd, const void *key, void *ret_value);
int bpfcall_update(int map_fd, const void *key, const void *value);
int bpfcall_delete(int map_fd, const void *key);
int bpfcall_next(int map_fd, const void *key, void *ret_key);
int bpfcall_batch(int map_fd, const void *from, void *ret_to, void *ret_keys, void *ret_values,
                  uint32_t *n);
int bpfcall_map(int map_fd, struct bpf_map_info *ret_info);
int bpfcall_link(int link_fd, struct bpf_link_info *ret_info);

#endif
