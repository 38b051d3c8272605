/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * bpf(2), as far as the maps of the users' ledger need it.
 *
 * Owns: the system call, for which the C library has no function. libbpf has one, but it brings
 * libelf and zlib with it; only the program that loads the programs needs that.
 */

#include "usermap/bpfcall.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BPFCALL_ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))

/* size: of the part of the union that the command reads; an older kernel refuses bytes behind it
 * that it does not know, unless they are 0. */
static int bpfcall(int command, union bpf_attr *attr, size_t size) {
        long r = syscall(SYS_bpf, command, attr, size);

        return r < 0 ? -errno : (int)r;
}

#define BPFCALL_SIZE(member) \
        (offsetof(union bpf_attr, member) + sizeof(((union bpf_attr *)0)->member))

static int bpfcall_element(int command, int map_fd, const void *key, const void *value) {
        union bpf_attr attr;

        memset(&attr, 0, sizeof(attr));
        attr.map_fd = (uint32_t)map_fd;
        attr.key = BPFCALL_ADDRESS(key);
        attr.value = BPFCALL_ADDRESS(value);
        return bpfcall(command, &attr, BPFCALL_SIZE(flags));
}

/**
 * bpfcall_open() - open what is pinned in the BPF file system
 * @path:       the pin
 * @ret_fd:     the map or link
 *
 * Return: 0, or a negative errno: -ENOENT if there is none.
 */
int bpfcall_open(const char *path, int *ret_fd) {
        union bpf_attr attr;
        int r;

        memset(&attr, 0, sizeof(attr));
        attr.pathname = BPFCALL_ADDRESS(path);
        r = bpfcall(BPF_OBJ_GET, &attr, BPFCALL_SIZE(file_flags));
        if (r < 0)
                return r;
        *ret_fd = r;
        return 0;
}

/**
 * bpfcall_lookup() - read an entry
 * @map_fd:     the map
 * @key:        its key
 * @ret_value:  its value; of a per-CPU map, that of each possible processor
 *
 * Return: 0, or a negative errno: -ENOENT if there is none.
 */
int bpfcall_lookup(int map_fd, const void *key, void *ret_value) {
        return bpfcall_element(BPF_MAP_LOOKUP_ELEM, map_fd, key, ret_value);
}

/**
 * bpfcall_take() - remove an entry, and read what it had
 * @map_fd:     the map
 * @key:        its key
 * @ret_value:  its value, as bpfcall_lookup() has it
 *
 * Return: 0, or a negative errno: -ENOENT if there is none.
 */
int bpfcall_take(int map_fd, const void *key, void *ret_value) {
        return bpfcall_element(BPF_MAP_LOOKUP_AND_DELETE_ELEM, map_fd, key, ret_value);
}

/**
 * bpfcall_update() - write an entry
 * @map_fd:     the map
 * @key:        its key
 * @value:      its value
 *
 * Return: 0 or a negative errno.
 */
int bpfcall_update(int map_fd, const void *key, const void *value) {
        return bpfcall_element(BPF_MAP_UPDATE_ELEM, map_fd, key, value);
}

/**
 * bpfcall_delete() - remove an entry
 * @map_fd:     the map
 * @key:        its key
 *
 * Return: 0, or a negative errno: -ENOENT if there is none.
 */
int bpfcall_delete(int map_fd, const void *key) {
        return bpfcall_element(BPF_MAP_DELETE_ELEM, map_fd, key, NULL);
}

/**
 * bpfcall_next() - tell which key comes behind another one
 * @map_fd:     the map
 * @key:        that one, or NULL
 * @ret_key:    the next one, or the first
 *
 * Return: 0, or a negative errno: -ENOENT if there is none.
 */
int bpfcall_next(int map_fd, const void *key, void *ret_key) {
        return bpfcall_element(BPF_MAP_GET_NEXT_KEY, map_fd, key, ret_key);
}

/**
 * bpfcall_batch() - read many entries of a hash
 * @map_fd:     the map
 * @from:       where the batch before ended, or NULL; four bytes
 * @ret_to:     where this one ends
 * @ret_keys:   their keys
 * @ret_values: their values
 * @n:          for how many there is room; how many there are
 *
 * Return: 0; or a negative errno: -ENOENT if these were the last, -ENOSPC if there is not room
 *         enough.
 */
int bpfcall_batch(int map_fd, const void *from, void *ret_to, void *ret_keys, void *ret_values,
                  uint32_t *n) {
        union bpf_attr attr;
        int r;

        memset(&attr, 0, sizeof(attr));
        attr.batch.in_batch = BPFCALL_ADDRESS(from);
        attr.batch.out_batch = BPFCALL_ADDRESS(ret_to);
        attr.batch.keys = BPFCALL_ADDRESS(ret_keys);
        attr.batch.values = BPFCALL_ADDRESS(ret_values);
        attr.batch.count = *n;
        attr.batch.map_fd = (uint32_t)map_fd;
        r = bpfcall(BPF_MAP_LOOKUP_BATCH, &attr, BPFCALL_SIZE(batch));
        *n = attr.batch.count;
        return r;
}

static int bpfcall_info(int fd, void *info, size_t size) {
        union bpf_attr attr;

        memset(&attr, 0, sizeof(attr));
        attr.info.bpf_fd = (uint32_t)fd;
        attr.info.info = BPFCALL_ADDRESS(info);
        attr.info.info_len = (uint32_t)size;
        return bpfcall(BPF_OBJ_GET_INFO_BY_FD, &attr, BPFCALL_SIZE(info));
}

/**
 * bpfcall_map() - tell what a map is
 * @map_fd:     the map
 * @ret_info:   its form; its id, which no other map has until the next reboot
 *
 * Return: 0 or a negative errno.
 */
int bpfcall_map(int map_fd, struct bpf_map_info *ret_info) {
        memset(ret_info, 0, sizeof(*ret_info));
        return bpfcall_info(map_fd, ret_info, sizeof(*ret_info));
}

/**
 * bpfcall_link() - tell what a link is
 * @link_fd:    the link
 * @ret_info:   what it attaches, and to which cgroup
 *
 * Return: 0 or a negative errno.
 */
int bpfcall_link(int link_fd, struct bpf_link_info *ret_info) {
        memset(ret_info, 0, sizeof(*ret_info));
        return bpfcall_info(link_fd, ret_info, sizeof(*ret_info));
}
