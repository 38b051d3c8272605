/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which sessions the admin wants: by user, key, client and id.
 *
 * Owns: what a word on the command line matches. Words are compared as they are; nothing in them is
 * a pattern.
 */

#include "filter.h"

#include "base/base.h"

#include <pwd.h>
#include <string.h>
#include <strings.h>

#define FILTER_HASH "SHA256:"

/* Whether a word may be a session's id, or its begin or end. */
bool filter_is_id(const char *text) {
        return *text && strlen(text) < UUID_TEXT_MAX &&
               !text[strspn(text, "0123456789abcdefABCDEF-")];
}

/**
 * filter_session_is() - tell whether a word means a session
 * @session:    the session's id
 * @word:       a word for which filter_is_id() was true
 *
 * Return: true if the id begins or ends with it.
 */
bool filter_session_is(const char *session, const char *word) {
        size_t length = strlen(session), n = strlen(word);

        return n <= length &&
               (!strncasecmp(session, word, n) || !strcasecmp(session + length - n, word));
}

/**
 * filter_remote() - take an address or a network, but no name: the index has none
 * @value:      the word
 * @filter:     the filter
 *
 * Return: NULL, or what is wrong.
 */
const char *filter_remote(const char *value, void *filter) {
        struct network network;

        if (network_parse(value, &network))
                return "is not an address or a network such as 10.0.0.0/8 (the bits behind the "
                       "prefix must be 0)";
        return filter_from(value, filter);
}

static const char *filter_add(struct filter *filter, struct filter_word word) {
        if (filter->n == FILTER_WORDS_MAX)
                return "is too much: give --user, --key, --from and --session at most 64 times "
                       "together";
        if (!*word.text)
                return OPTIONS_EMPTY;
        filter->words[filter->n++] = word;
        return NULL;
}

/* An address, a network or a name. */
const char *filter_from(const char *value, void *filter) {
        struct filter_word word = { .kind = FILTER_FROM, .text = value };

        word.is_network = !network_parse(value, &word.network);
        if (!word.is_network && strpbrk(value, "/:"))
                return "is not an address, a host name or a network such as 10.0.0.0/8 (the bits "
                       "behind the prefix must be 0)";
        return filter_add(filter, word);
}

const char *filter_key(const char *value, void *filter) {
        return filter_add(filter, (struct filter_word){ .kind = FILTER_KEY, .text = value });
}

const char *filter_session(const char *value, void *filter) {
        if (*value && !filter_is_id(value))
                return FILTER_NO_ID;
        return filter_add(filter, (struct filter_word){ .kind = FILTER_SESSION, .text = value });
}

const char *filter_user(const char *value, void *filter) {
        return filter_add(filter, (struct filter_word){ .kind = FILTER_USER, .text = value });
}

/* The whole key, as ssh-keygen -l has it, or its begin, as tables show it; or the method. */
static bool filter_is_key(const char *text, const char *key) {
        if (!key || !strcmp(key, text))
                return key;
        if (!strchr(key, ':'))
                return false; /* a method has no begin */
        if (strncmp(text, FILTER_HASH, strlen(FILTER_HASH)) != 0 &&
            !strncmp(key, FILTER_HASH, strlen(FILTER_HASH)))
                key += strlen(FILTER_HASH);
        return !strncmp(key, text, strlen(text));
}

static bool filter_is_remote(const struct filter_word *word, const char *remote) {
        struct address address;

        return word->is_network && remote && !address_parse(remote, &address) &&
               network_contains(&word->network, &address);
}

static bool filter_is_from(const struct filter_word *word, const struct record *record) {
        if (word->is_network)
                return filter_is_remote(word, record->remote_addr);
        return record->rhost && !strcasecmp(record->rhost, word->text);
}

static bool filter_is(const struct filter_word *word, const struct record *record) {
        switch (word->kind) {
        case FILTER_FROM:
                return filter_is_from(word, record);
        case FILTER_KEY:
                return filter_is_key(word->text,
                                     record->auth_key ? record->auth_key : record->auth_method);
        case FILTER_SESSION:
                return filter_session_is(record->session, word->text);
        case FILTER_USER:
                return record->user && !strcmp(record->user, word->text);
        case FILTER_KINDS:
        default:
                return false;
        }
}

/**
 * filter_match() - tell whether a record's session is wanted, whenever it was
 * @filter:     the filter
 * @record:     the record
 *
 * Return: true if of each kind that was asked for one word holds.
 */
bool filter_match(const struct filter *filter, const struct record *record) {
        unsigned int asked = 0, held = 0;

        for (size_t i = 0; i < filter->n; i++) {
                asked |= 1U << filter->words[i].kind;
                if (filter_is(&filter->words[i], record))
                        held |= 1U << filter->words[i].kind;
        }
        return asked == held;
}

/**
 * filter_stranger() - find a user who is not one of this host
 * @filter:     the filter
 *
 * Return: his name, or NULL.
 */
const char *filter_stranger(const struct filter *filter) {
        for (size_t i = 0; i < filter->n; i++)
                if (filter->words[i].kind == FILTER_USER && !getpwnam(filter->words[i].text))
                        return filter->words[i].text;
        return NULL;
}

/**
 * filter_match_sum() - tell whether sessions of the index are wanted
 * @context:    the filter; only its keys and addresses count
 * @key:        their key, or their method; NULL: not known
 * @remote:     the client's address; NULL: not known
 *
 * Return: as filter_match().
 */
bool filter_match_sum(const void *context, const char *key, const char *remote) {
        const struct filter *filter = context;
        unsigned int asked = 0, held = 0;

        for (size_t i = 0; i < filter->n; i++) {
                const struct filter_word *word = &filter->words[i];

                asked |= 1U << word->kind;
                if (word->kind == FILTER_KEY ? filter_is_key(word->text, key)
                                             : filter_is_remote(word, remote))
                        held |= 1U << word->kind;
        }
        return asked == held;
}
