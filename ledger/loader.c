/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic_ledger - loads the programs of the users' ledger into the kernel.
 *
 * Owns: the sentence that says why that could not be. It is a program of its own because nothing
 * else needs libbpf. `pam_traffic_helper setup` runs it, as root, before it gives up its
 * capabilities; it takes no arguments.
 */

#include "base/base.h"
#include "load.h"
#include "place.h"
#include "usermap/userlayout.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What libbpf said first: the reason; what it says later follows from that. */
static char loader_said[256];

__attribute__((format(printf, 2, 0))) static int
loader_hear(enum libbpf_print_level level, const char *format, va_list arguments) {
        if (level != LIBBPF_WARN || *loader_said)
                return 0;
        (void)vsnprintf(loader_said, sizeof(loader_said), format, arguments);
        loader_said[strcspn(loader_said, "\n")] = '\0';
        return 0;
}

/* Say why nothing new counts. What counted before still does. */
static int loader_failed(const char *what, int r) {
        (void)fprintf(stderr, "pam_traffic_ledger: users' ledger: %s: %s: %s%s%s\n",
                      access(USERLAYOUT_FOLDER, F_OK) < 0
                              ? "not kept, everything else works"
                              : "it counts as before, its programs were not replaced",
                      what, strerror(-r), *loader_said ? "; " : "", loader_said);
        return EXIT_FAILED;
}

static int loader_refused(int r) {
        if (r != -EPERM && r != -EROFS)
                return loader_failed("this kernel does not take the programs", r);
        /* where that is the reason, what libbpf guesses (RLIMIT_MEMLOCK) leads astray */
        *loader_said = '\0';
        return loader_failed(r == -EROFS ? "cannot write to " USERLAYOUT_MOUNT
                                         : "may not load programs into the kernel (CAP_BPF, "
                                           "CAP_NET_ADMIN, CAP_PERFMON)",
                             r);
}

int main(int argc, char **argv) {
        _cleanup_(fd_closep) int cgroup_fd = -1;
        uint64_t netns;
        int r;

        (void)argv;
        if (argc > 1) {
                (void)fprintf(stderr, "pam_traffic_ledger: run pam_traffic_helper setup instead\n");
                return EXIT_USAGE;
        }
        (void)libbpf_set_print(loader_hear);
        r = place_cgroup(&cgroup_fd);
        if (r < 0)
                return loader_failed("cgroup2 is mounted neither at /sys/fs/cgroup nor at "
                                     "/sys/fs/cgroup/unified",
                                     r);
        r = place_mount();
        if (r < 0)
                return loader_failed("cannot mount the BPF file system at /sys/fs/bpf", r);
        r = place_netns(&netns);
        if (r < 0)
                return loader_failed(r == -EXDEV ? "this network namespace is of another user "
                                                   "namespace"
                                                 : "cannot tell the network namespace",
                                     r);
        r = load_run(cgroup_fd, netns);
        return r < 0 ? loader_refused(r) : EXIT_DONE;
}
