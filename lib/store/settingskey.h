/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The keys of the configuration: what each may have, and its default.
 */

#ifndef STORE_SETTINGSKEY_H
#define STORE_SETTINGSKEY_H

#include "store/settings.h"

/* What stands between the words of a list. */
#define SETTINGSKEY_BETWEEN ", \t\n"

struct settings_key {
        const char *name;
        const char *initial;
        size_t offset;
        int (*parse)(const char *value, void *setting);
        const char *wanted;
        const char *part; /* what a word of a list has to be; NULL: the value is no list */
};

extern const struct settings_key settingskey_all[SETTINGS_KEYS];

int settingskey_copy(const char *value, void *setting);

#endif
