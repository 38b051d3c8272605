/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Texts that many rows have: a program's name, a session's id.
 *
 * Owns: the texts, in the order in which they came; a text keeps its number.
 */

#include "audit/names.h"

#include <errno.h>
#include <string.h>

static int names_grow(struct names *names) {
        uint32_t room = names->room ? names->room * 2 : 64;
        struct names_text *larger = reallocarray(names->texts, room, sizeof(*larger));

        if (!larger)
                return -ENOMEM;
        names->texts = larger;
        names->room = room;
        return 0;
}

/**
 * names_add() - keep a text, if it is not kept yet
 * @names:      the texts
 * @text:       the text
 * @ret_number: its number
 *
 * Return: 0 or -ENOMEM.
 */
int names_add(struct names *names, const char *text, uint32_t *ret_number) {
        const struct map_keys keys = MAP_KEYS(names->texts, text);
        struct names_text key = { "" };
        const uint32_t *known;
        uint64_t hash;

        memcpy(key.text, text, strnlen(text, sizeof(key.text) - 1));
        hash = map_hash(0, &key, sizeof(key));
        known = map_find(&names->map, hash, &keys, &key);
        if (known) {
                *ret_number = *known;
                return 0;
        }
        if ((names->n == names->room && names_grow(names) < 0) ||
            map_add(&names->map, hash, names->n) < 0)
                return -ENOMEM;
        names->texts[names->n] = key;
        *ret_number = names->n++;
        return 0;
}

/**
 * names_clear() - forget all
 * @names:      the texts
 */
void names_clear(struct names *names) {
        free(names->texts);
        map_clear(&names->map);
        *names = (struct names){ .texts = NULL };
}
