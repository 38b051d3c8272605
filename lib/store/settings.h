/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The configuration: /etc/pam_traffic.conf and its drop-ins.
 *
 * Owns: every key with its default. A bad file or value is reported, and the default is used: no
 * record is lost because of a typing error.
 * Relies on: libeconf for the syntax of the file.
 */

#ifndef STORE_SETTINGS_H
#define STORE_SETTINGS_H

#include "base/cleanup.h"
#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTINGS_EXCLUDE_MAX 256
#define SETTINGS_PORTS_MAX 64

#define SETTINGS_KEYS 11

/* Where a key got its value. */
struct settings_place {
        char *value; /* as the file has it; NULL: no file has the key, and its default holds */
        char *path;  /* the last file that has it */
        uint64_t line;
        bool wrong; /* it is not a value of that key: its default holds */
};

struct settings {
        struct settings_place places[SETTINGS_KEYS];
        char *log_file;
        char *state_dir;
        char *backend;
        struct network *exclude;
        size_t n_exclude;
        uint64_t interim_interval; /* microseconds */
        uint64_t linger;           /* microseconds */
        uint16_t ports[SETTINGS_PORTS_MAX];
        size_t n_ports;
        bool syslog;
        uint64_t billing_day;
        char *usage_dir;
        bool users; /* whether the users' ledger is kept */
};

/* Told each problem, as one line without a newline. */
typedef void (*settings_report)(void *context, const char *line);

int settings_new(const char *path, settings_report report, void *context,
                 struct settings **ret_settings);
struct settings *settings_free(struct settings *settings);
CLEANUP_DEFINE(struct settings, settings_free)

const char *settings_name(size_t key);
const char *settings_value(const struct settings *settings, size_t key);
bool settings_excluded(const struct settings *settings, const struct address *address);

#endif
