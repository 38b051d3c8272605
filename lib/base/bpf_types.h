/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What libbpf's headers expect of the kernel's, for programs that the kernel runs (*.bpf.c). The
 * kernel's own headers are not used: where a member is comes from the running kernel (CO-RE).
 */

#ifndef PAM_TRAFFIC_BASE_BPF_TYPES_H
#define PAM_TRAFFIC_BASE_BPF_TYPES_H

#include <stdbool.h>

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

/* Of include/uapi/linux/bpf.h. */
enum bpf_map_type { BPF_MAP_TYPE_UNSPEC, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_ARRAY };

/* A structure of the kernel's, of which only what is used is named. */
#define BPF_KERNEL __attribute__((preserve_access_index))

typedef struct {
        int counter;
} atomic_t;

struct refcount_struct {
        atomic_t refs;
} BPF_KERNEL;

typedef struct refcount_struct refcount_t;

#endif
