/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic_ledger, whose map has room for few rows: a test can fill it. The linker calls this
 * instead of libbpf's function (--wrap).
 */

#include <bpf/libbpf.h>

#define SMALL_ROWS 16

int __real_bpf_object__load(struct bpf_object *object);
int __wrap_bpf_object__load(struct bpf_object *object);

int __wrap_bpf_object__load(struct bpf_object *object) {
        int r = bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "rows"), SMALL_ROWS);

        return r < 0 ? r : __real_bpf_object__load(object);
}
