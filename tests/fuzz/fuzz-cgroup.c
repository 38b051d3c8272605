/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * cgroup_parse(): what it finds is a path below the root of the tree, and stands in the file.
 */

#include "base/cleanup.h"
#include "fuzz.h"
#include "net/cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        char path[CGROUP_PATH_MAX];

        if (cgroup_parse(text, path, sizeof(path)))
                return 0;
        fuzz_assert(path[0] == '/' && strlen(path) < sizeof(path));
        fuzz_assert(!strchr(path, '\n') && !strstr(path, "/.."));
        fuzz_assert(strstr(text, path) != NULL);
        return 0;
}
