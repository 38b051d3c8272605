/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * settings_new(): whatever stands in the file, there are settings, and each complaint is one line.
 */

#include "fuzz.h"
#include "store/settings.h"

#include <stdio.h>
#include <sys/mman.h>

static void hear(void *context, const char *line) {
        (void)context;
        fuzz_assert(!strchr(line, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        _cleanup_(fd_closep) int fd = memfd_create("fuzz-settings", MFD_CLOEXEC);
        char path[64];

        fuzz_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        fuzz_assert(settings_new(path, hear, NULL, &settings) == 0);
        fuzz_assert(settings->log_file[0] == '/' && settings->state_dir[0] == '/');
        fuzz_assert(settings->billing_day >= 1 && settings->billing_day <= 28);
        fuzz_assert(settings->n_exclude <= SETTINGS_EXCLUDE_MAX);
        return 0;
}
