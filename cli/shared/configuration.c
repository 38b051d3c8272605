/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The configuration, as a command reads it.
 *
 * Owns: the messages about its faults.
 */

#include "configuration.h"

#include "config.h"
#include "fail.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void configuration_report(void *context, const char *line) {
        (void)context;
        fail_warn("%s", line);
}

/**
 * configuration_read() - read the configuration
 * @path:               where it is; NULL: the usual place, where it need not be
 * @ret_settings:       the settings; to be given to settings_free()
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int configuration_read(const char *path, struct settings **ret_settings) {
        int r = path && access(path, R_OK) < 0 ? -errno : 0;

        path = path ? path : PATH_CONFIG;
        if (!r)
                r = settings_new(path, configuration_report, NULL, ret_settings);
        if (r < 0)
                fail_warn("cannot read the configuration %s: %s", path, strerror(-r));
        return r;
}
