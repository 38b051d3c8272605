/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Programs for the kernel (BPF) that are part of this one: loading them, and the memory that they
 * and this one see.
 *
 * Relies on: libbpf; an array of one element with BPF_F_MMAPABLE; 64 bits.
 */

#include "base/bpfobject.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static int bpfobject_try(const void *bytes, size_t size, bool direct,
                         struct bpf_object **ret_object) {
        struct bpf_object *object = bpf_object__open_mem(bytes, size, NULL);
        struct bpf_map *constants;
        int r;

        if (!object)
                return -errno;
        constants = bpf_object__find_map_by_name(object, ".rodata.direct");
        /* bpf_direct of bpf_read.h */
        r = constants ? bpf_map__set_initial_value(constants, &direct, sizeof(direct)) : -ENOENT;
        if (!r)
                r = bpf_object__load(object);
        if (r < 0) {
                bpf_object__close(object);
                return r;
        }
        *ret_object = object;
        return 0;
}

/**
 * bpfobject_load() - load programs
 * @bytes:      what clang made of them
 * @size:       how many
 * @ret_object: the programs, to be given to bpf_object__close()
 *
 * Return: 0, or a negative errno: this kernel cannot, or not for us.
 */
int bpfobject_load(const void *bytes, size_t size, struct bpf_object **ret_object) {
        int r;

        /* the programs read pointers of 8 bytes */
        if (sizeof(void *) != sizeof(uint64_t))
                return -EOPNOTSUPP;
        /* it would tell standard error what it cannot do */
        (void)libbpf_set_print(NULL);
        r = bpfobject_try(bytes, size, true, ret_object);
        if (r < 0 && r != -EPERM)
                r = bpfobject_try(bytes, size, false, ret_object);
        return r;
}

/**
 * bpfobject_program() - find a program
 * @object:     the programs
 * @name:       its name
 *
 * Return: its descriptor, which is the programs', or -1.
 */
int bpfobject_program(const struct bpf_object *object, const char *name) {
        const struct bpf_program *program = bpf_object__find_program_by_name(object, name);

        return program ? bpf_program__fd(program) : -1;
}

static size_t bpfobject_pages(size_t size) {
        size_t page = (size_t)sysconf(_SC_PAGESIZE);

        return (size + page - 1) / page * page;
}

/**
 * bpfobject_map() - share memory with the programs
 * @object:     the programs
 * @name:       the map
 * @size:       of its element
 *
 * Return: the memory, to be given to bpfobject_unmap(), or NULL.
 */
void *bpfobject_map(const struct bpf_object *object, const char *name, size_t size) {
        const struct bpf_map *map = bpf_object__find_map_by_name(object, name);
        void *memory;

        if (!map)
                return NULL;
        memory = mmap(NULL, bpfobject_pages(size), PROT_READ | PROT_WRITE, MAP_SHARED,
                      bpf_map__fd(map), 0);
        return memory == MAP_FAILED ? NULL : memory;
}

/**
 * bpfobject_unmap() - end that
 * @memory:     the memory, or NULL
 * @size:       of its element
 */
void bpfobject_unmap(void *memory, size_t size) {
        if (memory)
                (void)munmap(memory, bpfobject_pages(size));
}
