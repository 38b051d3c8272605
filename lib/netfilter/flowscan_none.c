/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * flowscan.c for a build without libbpf or clang: netlink is the way.
 */

#include "netfilter/flowscan.h"

#include <errno.h>

/**
 * flowscan_new() - load nothing
 * @n_buckets:  not used
 * @ret_scan:   untouched
 *
 * Return: FLOWSCAN_E_UNAVAILABLE.
 */
int flowscan_new(uint32_t n_buckets, struct flowscan **ret_scan) {
        (void)n_buckets;
        (void)ret_scan;
        return FLOWSCAN_E_UNAVAILABLE;
}

/**
 * flowscan_free() - there is none
 * @scan:       NULL
 *
 * Return: NULL.
 */
struct flowscan *flowscan_free(struct flowscan *scan) {
        (void)scan;
        return NULL;
}

/**
 * flowscan_locate() - there is none
 * @scan:       never one
 * @known:      not used
 *
 * Return: FLOWSCAN_E_UNAVAILABLE.
 */
int flowscan_locate(struct flowscan *scan, const struct flow *known) {
        (void)scan;
        (void)known;
        return FLOWSCAN_E_UNAVAILABLE;
}

/**
 * flowscan_read() - there is none
 * @scan:       never one
 * @flows:      untouched
 * @n:          not used
 *
 * Return: -EOPNOTSUPP.
 */
ssize_t flowscan_read(struct flowscan *scan, struct flow *flows, size_t n) {
        (void)scan;
        (void)flows;
        (void)n;
        return -EOPNOTSUPP;
}

/**
 * flowscan_confirm() - there is none
 * @scan:       never one
 *
 * Return: -EOPNOTSUPP.
 */
int flowscan_confirm(struct flowscan *scan) {
        (void)scan;
        return -EOPNOTSUPP;
}
