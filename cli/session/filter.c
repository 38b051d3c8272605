/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which sessions the admin wants: by user, key, client and id.
 *
 * Owns: what a word on the command line matches. Words are compared as they are; nothing in them is
 * a pattern.
 */

#include "filter.h"

#include "base/base.h"

#include <string.h>
#include <strings.h>

#define FILTER_HASH "SHA256:"

/* Whether a word may be a session's id, or its begin. */
bool filter_is_id(const char *text) {
        return *text && strlen(text) < UUID_TEXT_MAX &&
               !text[strspn(text, "0123456789abcdefABCDEF-")];
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

/* The whole key, as ssh-keygen -l has it, or its begin, as tables show it; the method where there
 * was no key. */
static bool filter_is_key(const char *text, const struct record *record) {
        const char *key = record->auth_key;

        if (!key)
                return record->auth_method && !strcmp(record->auth_method, text);
        if (!strcmp(key, text))
                return true;
        if (strncmp(text, FILTER_HASH, strlen(FILTER_HASH)) != 0 &&
            !strncmp(key, FILTER_HASH, strlen(FILTER_HASH)))
                key += strlen(FILTER_HASH);
        return !strncmp(key, text, strlen(text));
}

static bool filter_is_from(const struct filter_word *word, const struct record *record) {
        struct address address;

        if (word->is_network)
                return record->remote_addr && !address_parse(record->remote_addr, &address) &&
                       network_contains(&word->network, &address);
        return record->rhost && !strcasecmp(record->rhost, word->text);
}

static bool filter_is(const struct filter_word *word, const struct record *record) {
        switch (word->kind) {
        case FILTER_FROM:
                return filter_is_from(word, record);
        case FILTER_KEY:
                return filter_is_key(word->text, record);
        case FILTER_SESSION:
                return !strncasecmp(record->session, word->text, strlen(word->text));
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
