/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which sessions the admin wants.
 */

#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "cli/shared/options.h"
#include "net/net.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum filter_kind {
        FILTER_FROM,
        FILTER_KEY,
        FILTER_SESSION,
        FILTER_USER,
        FILTER_KINDS,
};

#define FILTER_WORDS_MAX 64

struct filter_word {
        enum filter_kind kind;
        const char *text;
        bool is_network;
        struct network network;
};

struct filter {
        struct filter_word words[FILTER_WORDS_MAX]; /* one of each kind must hold */
        size_t n;
        const char *since; /* as given; NULL: not at all */
        const char *until;
        bool utc;
        uint64_t since_us; /* CLOCK_REALTIME; 0 and UINT64_MAX if not given */
        uint64_t until_us; /* exclusive */
};

int filter_add(struct filter *filter, const struct options *options, enum filter_kind kind,
               const char *text);
int filter_finish(struct filter *filter, const struct options *options);
bool filter_match(const struct filter *filter, const struct record *record);

#endif
