/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The keys of the configuration.
 *
 * Owns: what each key may have, and its default.
 */

#include "store/settingskey.h"

#include "base/duration.h"
#include "base/number.h"
#include "config.h"
#include "net/networks.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/**
 * settingskey_copy() - take a text
 * @value:      the text
 * @setting:    a char *, which gets a copy; the old one is freed
 *
 * Return: 0 or -ENOMEM.
 */
int settingskey_copy(const char *value, void *setting) {
        char *copy = strdup(value);

        if (!copy)
                return -ENOMEM;
        free(*(char **)setting);
        *(char **)setting = copy;
        return 0;
}

static int settingskey_path(const char *value, void *setting) {
        return value[0] == '/' && strlen(value) < PATH_MAX ? settingskey_copy(value, setting)
                                                           : -EINVAL;
}

static int settingskey_backend(const char *value, void *setting) {
        static const char *const words[] = { "auto", "iptables", "nftables" };

        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
                if (!strcmp(value, words[i]))
                        return settingskey_copy(value, setting);
        return -EINVAL;
}

static int settingskey_flag(const char *value, void *setting) {
        static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
                if (!strcmp(value, words[i])) {
                        *(bool *)setting = i % 2;
                        return 0;
                }
        return -EINVAL;
}

static int settingskey_duration(const char *value, void *setting) {
        return duration_parse(value, setting);
}

static int settingskey_day(const char *value, void *setting) {
        uint64_t day;

        /* no later day: every month has it */
        if (number_parse(value, strlen(value), 10, 28, &day) < 0 || !day)
                return -EINVAL;
        *(uint64_t *)setting = day;
        return 0;
}

/* setting is the whole struct settings */
static int settingskey_networks(const char *value, void *setting) {
        struct settings *settings = setting;
        struct networks networks;
        int r = networks_parse(value, &networks);

        if (r < 0)
                return r;
        if (networks.n > SETTINGS_EXCLUDE_MAX) {
                networks_clear(&networks);
                return -E2BIG;
        }
        free(settings->exclude);
        settings->exclude = networks.networks;
        settings->n_exclude = networks.n;
        return 0;
}

/* A list of ports with commas or blanks between; setting is the whole struct settings. */
static int settingskey_ports(const char *value, void *setting) {
        struct settings *settings = setting;
        uint16_t ports[SETTINGS_PORTS_MAX];
        size_t n = 0;

        for (const char *p = value + strspn(value, SETTINGSKEY_BETWEEN); *p;
             p += strspn(p, SETTINGSKEY_BETWEEN)) {
                size_t length = strcspn(p, SETTINGSKEY_BETWEEN);
                uint64_t port;

                if (n == SETTINGS_PORTS_MAX)
                        return -E2BIG;
                if (number_parse(p, length, 10, UINT16_MAX, &port) < 0 || !port)
                        return -EINVAL;
                ports[n++] = (uint16_t)port;
                p += length;
        }
        memcpy(settings->ports, ports, n * sizeof(*ports));
        settings->n_ports = n;
        return 0;
}

const struct settings_key settingskey_all[SETTINGS_KEYS] = {
        { "log_file", PATH_LOG, offsetof(struct settings, log_file), settingskey_path,
          "an absolute path", NULL },
        { "state_dir", PATH_STATE, offsetof(struct settings, state_dir), settingskey_path,
          "an absolute path", NULL },
        { "backend", "auto", offsetof(struct settings, backend), settingskey_backend,
          "auto, iptables or nftables", NULL },
        { "exclude", "", 0, settingskey_networks,
          "at most 256 networks such as 10.0.0.0/8, fd00::/8, with commas between",
          "a network such as 10.0.0.0/8 (the bits behind the prefix must be 0)" },
        { "interim_interval", "5min", offsetof(struct settings, interim_interval),
          settingskey_duration, "a span of time such as 5min, or 0", NULL },
        { "linger", "3s", offsetof(struct settings, linger), settingskey_duration,
          "a span of time such as 3s", NULL },
        { "ports", "", 0, settingskey_ports, "at most 64 port numbers with commas between",
          "a port number from 1 to 65535" },
        { "syslog", "yes", offsetof(struct settings, syslog), settingskey_flag, "yes or no", NULL },
        { "billing_day", "1", offsetof(struct settings, billing_day), settingskey_day,
          "a day from 1 to 28", NULL },
        { "usage_dir", PATH_USAGE, offsetof(struct settings, usage_dir), settingskey_path,
          "an absolute path", NULL },
        { "users", "yes", offsetof(struct settings, users), settingskey_flag, "yes or no", NULL },
};
