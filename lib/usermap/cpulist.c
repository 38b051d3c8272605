/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A list of processors, as the kernel writes it: "0-3,8,10-11".
 *
 * Relies on: a per-CPU map gives one value for each possible processor, in their order, without
 * gaps (bpf_percpu_hash_copy() of the kernel).
 */

#include "usermap/cpulist.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define CPULIST_FILE "/sys/devices/system/cpu/possible"
#define CPULIST_TEXT_MAX 4096

/**
 * cpulist_count() - count the processors of a list
 * @text:       the list; a newline may end it
 * @ret_n:      how many: from 1 to CPULIST_MOST
 *
 * Return: 0, or -EINVAL if it is no list, or does not go upwards.
 */
int cpulist_count(const char *text, size_t *ret_n) {
        uint64_t next = 0, n = 0;

        for (const char *at = text;; at++) {
                size_t length = strcspn(at, "-,\n");
                uint64_t first, last;

                if (number_parse(at, length, 10, CPULIST_MOST - 1, &first) < 0 || first < next)
                        return -EINVAL;
                at += length;
                last = first;
                if (*at == '-') {
                        at++;
                        length = strcspn(at, ",\n");
                        if (number_parse(at, length, 10, CPULIST_MOST - 1, &last) < 0 ||
                            last < first)
                                return -EINVAL;
                        at += length;
                }
                n += last - first + 1;
                next = last + 1;
                if (*at != ',') {
                        *ret_n = n;
                        return *at && strcmp(at, "\n") != 0 ? -EINVAL : 0;
                }
        }
}

/**
 * cpulist_possible() - tell how many processors this kernel can have
 * @ret_n:      how many
 *
 * Return: 0 or a negative errno.
 */
int cpulist_possible(size_t *ret_n) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        int r;

        r = file_read_at(AT_FDCWD, CPULIST_FILE, CPULIST_TEXT_MAX, &text, &size);
        return r ? (r < 0 ? r : -EINVAL) : cpulist_count(text, ret_n);
}
