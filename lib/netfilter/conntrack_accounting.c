/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The switch net.netfilter.nf_conntrack_acct.
 *
 * Relies on: nf_conntrack-sysctl.rst; the file shows the network namespace of who opens it, and is
 * there once nf_conntrack is loaded.
 */

#include "pam_traffic/conntrack.h"

#include "pam_traffic/file.h"
#include "pam_traffic/number.h"

#include <fcntl.h>

#define CONNTRACK_ACCOUNTING_PATH "sys/net/netfilter/nf_conntrack_acct"

/**
 * conntrack_accounting_get() - tell whether connections that begin now are counted
 * @proc_fd:    an open /proc
 * @ret_on:     whether they are
 *
 * Return: 0, CONNTRACK_E_UNAVAILABLE, or a negative errno.
 */
int conntrack_accounting_get(int proc_fd, bool *ret_on) {
        _cleanup_(freep) char *data = NULL;
        uint64_t number;
        size_t size;
        int r;

        r = file_read_at(proc_fd, CONNTRACK_ACCOUNTING_PATH, 16, &data, &size);
        if (r)
                return r == -ENOENT ? CONNTRACK_E_UNAVAILABLE : r < 0 ? r : -EINVAL;
        if (size && data[size - 1] == '\n')
                size--;
        r = number_parse(data, size, 10, UINT8_MAX, &number);
        if (r < 0)
                return r;

        *ret_on = number != 0;
        return 0;
}

/**
 * conntrack_accounting_set() - have the connections that begin from now on counted, or not
 * @proc_fd:    an open /proc
 * @on:         whether they are to be
 *
 * Return: 0, CONNTRACK_E_UNAVAILABLE, or a negative errno.
 */
int conntrack_accounting_set(int proc_fd, bool on) {
        _cleanup_(fd_closep) int fd = -1;

        fd = openat(proc_fd, CONNTRACK_ACCOUNTING_PATH, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? CONNTRACK_E_UNAVAILABLE : -errno;
        /* proc_sys_write() takes it as a whole or not at all */
        if (write(fd, on ? "1\n" : "0\n", 2) < 0)
                return -errno;
        return 0;
}
