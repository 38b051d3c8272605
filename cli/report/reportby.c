/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the rows of a report are told apart by.
 *
 * Owns: the words of --by, and which ledger has which.
 */

#include "reportby.h"

#include <string.h>

/* What a key is of: bits of the ledgers. */
#define OF_SSH (1 << INDEX_SSH)
#define OF_USERS (1 << INDEX_USERS)
#define OF_BOTH (OF_SSH | OF_USERS)

static const struct {
        const char *name;
        enum index_key key;
        int of;
} reportby_all[] = {
        [REPORT_NONE] = { "", INDEX_NONE, OF_BOTH },
        [REPORT_USER] = { "user", INDEX_USER, OF_BOTH },
        [REPORT_KEY] = { "key", INDEX_KEY, OF_SSH },
        [REPORT_REMOTE] = { "remote", INDEX_REMOTE, OF_SSH },
        [REPORT_NETWORK] = { "network", INDEX_NETWORK, OF_SSH },
        [REPORT_HOST] = { "host", INDEX_HOST, OF_BOTH },
        [REPORT_SERVICE] = { "service", INDEX_SERVICE, OF_SSH },
        [REPORT_KIND] = { "kind", INDEX_KIND, OF_SSH },
        [REPORT_UID] = { "uid", INDEX_UID, OF_USERS },
        [REPORT_LOGIN] = { "login", INDEX_LOGIN, OF_USERS },
        [REPORT_HOUR] = { "hour", INDEX_NONE, OF_BOTH },
        [REPORT_DAY] = { "day", INDEX_NONE, OF_BOTH },
        [REPORT_MONTH] = { "month", INDEX_NONE, OF_BOTH },
};

#define REPORTBY_ALL (sizeof(reportby_all) / sizeof(*reportby_all))

/**
 * reportby_name() - name what rows are told apart by
 * @by:         that
 *
 * Return: the word of --by.
 */
const char *reportby_name(enum report_by by) {
        return reportby_all[by].name;
}

/**
 * reportby_parse() - read a word of --by
 * @word:       the word
 * @size:       its bytes
 * @ret_by:     what it means
 *
 * Return: whether there is such a word.
 */
bool reportby_parse(const char *word, size_t size, enum report_by *ret_by) {
        for (size_t i = REPORT_USER; i < REPORTBY_ALL; i++)
                if (strlen(reportby_all[i].name) == size &&
                    !memcmp(reportby_all[i].name, word, size)) {
                        *ret_by = (enum report_by)i;
                        return true;
                }
        return false;
}

/**
 * reportby_is_of() - tell whether a ledger has a key
 * @by:         the key
 * @ledger:     the ledger
 *
 * Return: true if so.
 */
bool reportby_is_of(enum report_by by, enum index_ledger ledger) {
        return reportby_all[by].of & 1 << ledger;
}

/**
 * reportby_is_time() - tell whether rows are of an hour, a day or a month
 * @by:         what rows are told apart by
 *
 * Return: true if so.
 */
bool reportby_is_time(enum report_by by) {
        return by == REPORT_HOUR || by == REPORT_DAY || by == REPORT_MONTH;
}

/**
 * reportby_key() - tell what the index has to tell apart
 * @by:         what rows are told apart by
 *
 * Return: the index's word; INDEX_NONE for a time, or nothing.
 */
enum index_key reportby_key(enum report_by by) {
        return reportby_all[by].key;
}
