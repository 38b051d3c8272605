/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Texts that many rows have: a program's name, a session's id.
 *
 * Owns: the texts, in the order in which they came; a text keeps its number.
 */

#include "audit/names.h"

#include "audit/hash.h"

#include <errno.h>
#include <string.h>

static uint64_t names_hash(const char *text) {
        uint64_t hash = 0;

        for (; *text; text++)
                hash = hash_number(hash, (uint8_t)*text);
        return hash;
}

/* The slot that has the text, or where it belongs. */
static uint32_t names_slot(const struct names *names, const char *text) {
        uint32_t at = (uint32_t)names_hash(text) & (names->n_slots - 1);

        while (names->slots[at] && strcmp(names->texts[names->slots[at] - 1], text) != 0)
                at = (at + 1) & (names->n_slots - 1);
        return at;
}

/* At least half of the slots stay free. */
static int names_grow(struct names *names) {
        uint32_t room = names->room ? names->room * 2 : 64;
        uint32_t *slots;
        char **texts;

        texts = reallocarray(names->texts, room, sizeof(*texts));
        if (!texts)
                return -ENOMEM;
        names->texts = texts;
        slots = calloc((size_t)room * 2, sizeof(*slots));
        if (!slots)
                return -ENOMEM;
        free(names->slots);
        names->slots = slots;
        names->room = room;
        names->n_slots = room * 2;
        for (uint32_t i = 0; i < names->n; i++)
                names->slots[names_slot(names, names->texts[i])] = i + 1;
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
        uint32_t at;

        if (names->n == names->room && names_grow(names) < 0)
                return -ENOMEM;
        at = names_slot(names, text);
        if (!names->slots[at]) {
                names->texts[names->n] = strdup(text);
                if (!names->texts[names->n])
                        return -ENOMEM;
                names->slots[at] = ++names->n;
        }
        *ret_number = names->slots[at] - 1;
        return 0;
}

/**
 * names_clear() - forget all
 * @names:      the texts
 */
void names_clear(struct names *names) {
        for (uint32_t i = 0; i < names->n; i++)
                free(names->texts[i]);
        free(names->texts);
        free(names->slots);
        *names = (struct names){ .texts = NULL };
}
