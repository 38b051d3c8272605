/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reading the kernel's memory in a program that the kernel runs.
 *
 * Relies on: bpf_rdonly_cast() (Linux 6.2): what is cast may be read without a call, and where
 * there is no memory (any more), it reads as zeros. So several values that lie far apart are waited
 * for together. An older kernel is asked for each of them, which takes twice as long in all.
 * Included after: base/bpf_types.h, bpf/bpf_helpers.h, bpf/bpf_core_read.h.
 */

#ifndef PAM_TRAFFIC_BASE_BPF_READ_H
#define PAM_TRAFFIC_BASE_BPF_READ_H

extern void *bpf_rdonly_cast(const void *obj__ign, __u32 btf_id__k)
        __attribute__((section(".ksyms"), weak));

/* Whether the kernel has it: bpfobject_load() says so, before the kernel looks at the program. */
const volatile bool bpf_direct SEC(".rodata.direct") = true;

struct timespec64 {
        __s64 tv_sec;
} BPF_KERNEL;

#define BPF_AS(type, at) \
        ((const type *)bpf_rdonly_cast((void *)(at), bpf_core_type_id_kernel(type)))

#define BPF_OFFSET(type, member) ((__u64)bpf_core_field_offset(type, member))

/* A number that is a member of what is at an address. */
#define BPF_GET(type, at, member)                                                               \
        ({                                                                                      \
                typeof(((type *)0)->member) value = 0;                                          \
                                                                                                \
                if (bpf_direct)                                                                 \
                        value = BPF_AS(type, at)->member;                                       \
                else                                                                            \
                        (void)bpf_probe_read_kernel(&value, sizeof(value),                      \
                                                    (void *)((at) + BPF_OFFSET(type, member))); \
                value;                                                                          \
        })

/* 8 bytes: any type will do that begins with a number of this size. */
static __always_inline __u64 bpf_word(__u64 at) {
        __u64 word = 0;

        if (bpf_direct)
                return *(const volatile __u64 *)BPF_AS(struct timespec64, at);
        (void)bpf_probe_read_kernel(&word, sizeof(word), (void *)at);
        return word;
}

/* Nothing below is read before all above was: an exchange is a barrier. */
static __always_inline void bpf_read_barrier(__u64 *scratch) {
        (void)__sync_lock_test_and_set(scratch, 0);
}

#endif
