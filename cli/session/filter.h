/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which sessions the admin wants.
 */

#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "cli/shared/options.h"
#include "cli/shared/period.h"
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
        struct period period; /* which filter_match() does not look at */
};

/* What options call with their value, which must stay, and a struct filter; one that is all zero
 * wants everything. */
const char *filter_from(const char *value, void *filter);
const char *filter_remote(const char *value, void *filter);
const char *filter_key(const char *value, void *filter);
const char *filter_session(const char *value, void *filter);
const char *filter_user(const char *value, void *filter);

#define FILTER_NO_ID "is not a session's id, nor its first or last characters"

bool filter_is_id(const char *text);
bool filter_session_is(const char *session, const char *word);
bool filter_match_sum(const void *context, const char *key, const char *remote);
const char *filter_stranger(const struct filter *filter);
bool filter_match(const struct filter *filter, const struct record *record);

#endif
