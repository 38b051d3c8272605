/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Programs for the kernel (BPF) that are part of this one.
 */

#ifndef PAM_TRAFFIC_BASE_BPFOBJECT_H
#define PAM_TRAFFIC_BASE_BPFOBJECT_H

#include <stddef.h>

struct bpf_object;

int bpfobject_load(const void *bytes, size_t size, struct bpf_object **ret_object);
int bpfobject_program(const struct bpf_object *object, const char *name);
void *bpfobject_map(const struct bpf_object *object, const char *name, size_t size);
void bpfobject_unmap(void *memory, size_t size);

#endif
