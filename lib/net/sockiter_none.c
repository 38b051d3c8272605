/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * sockiter.c for a build without libbpf or clang: /proc is the way.
 */

#include "net/sockiter.h"

/**
 * sockiter_new() - load nothing
 * @proc_fd:    not used
 * @ret_iter:   untouched
 *
 * Return: SOCKITER_E_UNAVAILABLE.
 */
int sockiter_new(int proc_fd, struct sockiter **ret_iter) {
        (void)proc_fd;
        (void)ret_iter;
        return SOCKITER_E_UNAVAILABLE;
}

/**
 * sockiter_free() - there is none
 * @iter:       NULL
 *
 * Return: NULL.
 */
struct sockiter *sockiter_free(struct sockiter *iter) {
        (void)iter;
        return NULL;
}

/**
 * sockiter_begin() - there is none
 * @iter:       never one
 *
 * Return: SOCKITER_E_UNAVAILABLE.
 */
int sockiter_begin(struct sockiter *iter) {
        (void)iter;
        return SOCKITER_E_UNAVAILABLE;
}

/**
 * sockiter_sockets() - there is none
 * @iter:       never one
 * @take:       not used
 * @context:    not used
 *
 * Return: SOCKITER_E_UNAVAILABLE.
 */
int sockiter_sockets(struct sockiter *iter, sockiter_take take, void *context) {
        (void)iter;
        (void)take;
        (void)context;
        return SOCKITER_E_UNAVAILABLE;
}

/**
 * sockiter_holders() - there is none
 * @iter:       never one
 * @take:       not used
 * @context:    not used
 *
 * Return: SOCKITER_E_UNAVAILABLE.
 */
int sockiter_holders(struct sockiter *iter, holders_take take, void *context) {
        (void)iter;
        (void)take;
        (void)context;
        return SOCKITER_E_UNAVAILABLE;
}
