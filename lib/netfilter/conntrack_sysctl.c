/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reading and setting net.netfilter.nf_conntrack_...
 *
 * Relies on: nf_conntrack-sysctl.rst; the files show the network namespace of the process that
 * opens them, and exist once nf_conntrack is loaded.
 */

#include "netfilter/conntrack.h"

#include "netfilter/changes.h"

#include "base/file.h"
#include "base/number.h"

#include <fcntl.h>

#define CONNTRACK_ACCOUNTING_PATH "sys/net/netfilter/nf_conntrack_acct"

static int conntrack_sysctl(int proc_fd, const char *path, uint64_t maximum, uint64_t *ret_number) {
        _cleanup_(freep) char *data = NULL;
        size_t size;
        int r;

        r = file_read_at(proc_fd, path, 16, &data, &size);
        if (r)
                return r == -ENOENT ? CONNTRACK_E_UNAVAILABLE : r < 0 ? r : -EINVAL;
        if (size && data[size - 1] == '\n')
                size--;
        return number_parse(data, size, 10, maximum, ret_number);
}

/**
 * conntrack_sysctl_accounting() - tell whether connections that begin now are counted
 * @proc_fd:    an open /proc
 * @ret_on:     whether they are
 *
 * Return: 0, CONNTRACK_E_UNAVAILABLE, or a negative errno.
 */
int conntrack_sysctl_accounting(int proc_fd, bool *ret_on) {
        uint64_t number;
        int r;

        r = conntrack_sysctl(proc_fd, CONNTRACK_ACCOUNTING_PATH, UINT8_MAX, &number);
        if (r)
                return r;

        *ret_on = number != 0;
        return 0;
}

/**
 * conntrack_sysctl_set_accounting() - have the connections that begin from now on counted, or not
 * @proc_fd:    an open /proc
 * @on:         whether they are to be
 *
 * Return: 0, CONNTRACK_E_UNAVAILABLE, or a negative errno.
 */
int conntrack_sysctl_set_accounting(int proc_fd, bool on) {
        _cleanup_(fd_closep) int fd = -1;

        fd = openat(proc_fd, CONNTRACK_ACCOUNTING_PATH, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? CONNTRACK_E_UNAVAILABLE : -errno;
        /* proc_sys_write() takes it as a whole or not at all */
        if (write(fd, on ? "1\n" : "0\n", 2) < 0)
                return -errno;
        return 0;
}

/**
 * conntrack_sysctl_size() - tell how large the table is
 * @proc_fd:            an open /proc
 * @ret_entries:        how many entries this network namespace has
 * @ret_buckets:        how many places the table has, which all namespaces share
 *
 * Return: 0, CONNTRACK_E_UNAVAILABLE, or a negative errno.
 */
int conntrack_sysctl_size(int proc_fd, uint32_t *ret_entries, uint32_t *ret_buckets) {
        uint64_t entries, buckets;
        int r;

        r = conntrack_sysctl(proc_fd, "sys/net/netfilter/nf_conntrack_count", UINT32_MAX, &entries);
        if (!r)
                r = conntrack_sysctl(proc_fd, "sys/net/netfilter/nf_conntrack_buckets", UINT32_MAX,
                                     &buckets);
        if (r)
                return r;

        *ret_entries = (uint32_t)entries;
        *ret_buckets = (uint32_t)buckets;
        return 0;
}
