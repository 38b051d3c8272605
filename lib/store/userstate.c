/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The accounts of the users' ledger, as JSON.
 *
 * Owns: the form of the file, and which accounts it may have. All accounts are in one file, because
 * a reap changes many of them at once. An account is an array, because a reap of many accounts
 * takes a third longer with objects; "columns" says what its values are, and others are refused.
 * Does not: read or write a file, see userfolder.c.
 */

#include "store/userstate.h"

#include "base/text.h"
#include "base/uuid.h"
#include "store/fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNT(kind, member) \
        { #member, kind, offsetof(struct useraccount, member) }
#define STATE(name, kind, member) \
        { name, kind, offsetof(struct userstate, member) }

static const struct field useraccount_fields[] = {
        ACCOUNT(FIELD_TEXT, id),          ACCOUNT(FIELD_NUMBER, uid),
        ACCOUNT(FIELD_NUMBER, session),   ACCOUNT(FIELD_NUMBER, owner),
        ACCOUNT(FIELD_NUMBER, who),       ACCOUNT(FIELD_TEXT, user),
        ACCOUNT(FIELD_TEXT, ssh_session), ACCOUNT(FIELD_TEXT, boot_id),
        ACCOUNT(FIELD_NUMBER, ended),     ACCOUNT(FIELD_NUMBER, moved),
        ACCOUNT(FIELD_NUMBER, seq),       ACCOUNT(FIELD_NUMBER, reported_at),
        ACCOUNT(FIELD_FLAG, whole),       ACCOUNT(FIELD_FLAG, over),
};

static const struct field userstate_fields[] = {
        STATE("boot_id", FIELD_TEXT, boot_id),
        STATE("map", FIELD_NUMBER, map),
        STATE("seen_realtime", FIELD_NUMBER, seen_realtime),
        STATE("lost", FIELD_NUMBER, lost),
        STATE("since", FIELD_NUMBER, since),
        STATE("off", FIELD_NUMBER, off),
        STATE("pending", FIELD_TEXT, pending.lines),
        STATE("pending_inode", FIELD_NUMBER, pending.inode),
        STATE("pending_offset", FIELD_NUMBER, pending.offset),
};

#define ACCOUNT_FIELDS (sizeof(useraccount_fields) / sizeof(*useraccount_fields))
#define STATE_FIELDS (sizeof(userstate_fields) / sizeof(*userstate_fields))

/* What an account has after its fields: each is an array of TOTAL_NUMBERS numbers. */
static const char *const useraccount_totals[] = { "last", "total", "reported" };

enum {
        COLUMN_LAST = ACCOUNT_FIELDS, /* or null: as the total */
        COLUMN_TOTAL,
        COLUMN_REPORTED,
        COLUMNS,
};

/* Numbers of a struct traffic. */
#define TRAFFIC_NUMBERS (sizeof(struct traffic) / sizeof(uint64_t))
#define TOTAL_NUMBERS (USERACCOUNT_PARTS * TRAFFIC_NUMBERS)

_Static_assert(TRAFFIC_NUMBERS == 4, "a traffic is four numbers: bytes and packets, in and out");

/**
 * userstate_new() - make a state without accounts
 * @ret_state:  the state
 *
 * Return: 0 or -ENOMEM.
 */
int userstate_new(struct userstate **ret_state) {
        struct userstate *state = calloc(1, sizeof(*state));

        if (!state)
                return -ENOMEM;
        state->map = state->seen_realtime = state->seen_before = state->lost = FIELD_UNKNOWN;
        state->since = state->off = state->pending.inode = state->pending.offset = FIELD_UNKNOWN;
        *ret_state = state;
        return 0;
}

/**
 * userstate_free() - end what userstate_new() began
 * @state:      the state, or NULL
 *
 * Return: NULL.
 */
struct userstate *userstate_free(struct userstate *state) {
        if (!state)
                return NULL;
        for (size_t i = 0; i < state->n; i++)
                fields_free(useraccount_fields, ACCOUNT_FIELDS, &state->accounts[i]);
        fields_free(userstate_fields, STATE_FIELDS, state);
        free(state->accounts);
        free(state);
        return NULL;
}

static int userstate_room(struct userstate *state) {
        size_t room = state->room ? 2 * state->room : 16;
        struct useraccount *accounts;

        if (state->n < state->room)
                return 0;
        accounts = reallocarray(state->accounts, room, sizeof(*accounts));
        if (!accounts)
                return -ENOMEM;
        state->accounts = accounts;
        state->room = room;
        return 0;
}

/* A place for an account of which nothing is known. */
static int userstate_place(struct userstate *state, struct useraccount **ret_account) {
        struct useraccount *account;
        int r = userstate_room(state);

        if (r < 0)
                return r;
        account = &state->accounts[state->n++];
        *account = (struct useraccount){ .uid = FIELD_UNKNOWN };
        for (size_t i = 0; i < ACCOUNT_FIELDS; i++)
                if (useraccount_fields[i].kind == FIELD_NUMBER)
                        *(int64_t *)(void *)((char *)account + useraccount_fields[i].offset) =
                                FIELD_UNKNOWN;
        *ret_account = account;
        return 0;
}

/**
 * userstate_add() - begin an account
 * @state:      the state
 * @id:         the account's id
 * @ret_account: the account, of nobody yet; valid until the next one begins
 *
 * Return: 0 or -ENOMEM.
 */
int userstate_add(struct userstate *state, const char *id, struct useraccount **ret_account) {
        int r = userstate_place(state, ret_account);

        if (!r)
                r = text_copy(&(*ret_account)->id, id);
        if (r < 0)
                return r;
        (*ret_account)->seq = 0;
        (*ret_account)->whole = true;
        state->changed = true;
        return 0;
}

/**
 * userstate_drop() - forget an account
 * @state:      the state
 * @i:          its place, which another one gets
 */
void userstate_drop(struct userstate *state, size_t i) {
        fields_free(useraccount_fields, ACCOUNT_FIELDS, &state->accounts[i]);
        state->accounts[i] = state->accounts[--state->n];
        state->changed = true;
}

/**
 * userstate_account_moved() - tell whether an account has moved anything since its last record
 * @account:    the account
 *
 * Return: true if so.
 */
bool userstate_account_moved(const struct useraccount *account) {
        for (size_t part = 0; part < USERACCOUNT_PARTS; part++)
                if (!traffic_equal(&account->total[part], &account->reported[part]))
                        return true;
        return false;
}

static json_t *userstate_totals(const struct traffic totals[static USERACCOUNT_PARTS]) {
        const struct traffic *t = totals, *x = totals + USERACCOUNT_EXCLUDED;

        return json_pack("[IIIIIIII]", (json_int_t)t->in.bytes, (json_int_t)t->in.packets,
                         (json_int_t)t->out.bytes, (json_int_t)t->out.packets,
                         (json_int_t)x->in.bytes, (json_int_t)x->in.packets,
                         (json_int_t)x->out.bytes, (json_int_t)x->out.packets);
}

static int userstate_encode_account(const struct useraccount *account, json_t *list) {
        /* mostly they are the same, and with many accounts that is time */
        bool same = !memcmp(account->last, account->total, sizeof(account->last));
        json_t *row = json_array();
        int r = json_array_append_new(list, row);

        for (size_t i = 0; !r && i < ACCOUNT_FIELDS; i++) {
                const struct field *field = &useraccount_fields[i];

                r = json_array_append_new(row, fields_value(field->kind,
                                                            (const char *)account + field->offset));
        }
        if (r < 0 ||
            json_array_append_new(row, same ? json_null() : userstate_totals(account->last)) < 0 ||
            json_array_append_new(row, userstate_totals(account->total)) < 0 ||
            json_array_append_new(row, userstate_totals(account->reported)) < 0)
                return -ENOMEM;
        return 0;
}

static int userstate_columns(json_t **ret_columns) {
        json_auto_t *columns = json_array();
        int r = 0;

        for (size_t i = 0; !r && i < COLUMNS; i++) {
                const char *name = i < ACCOUNT_FIELDS ? useraccount_fields[i].name
                                                      : useraccount_totals[i - ACCOUNT_FIELDS];

                r = json_array_append_new(columns, json_string(name));
        }
        if (r < 0)
                return -ENOMEM;
        *ret_columns = pointer_steal(&columns);
        return 0;
}

/**
 * userstate_encode() - write a state as JSON
 * @state:      the state
 * @ret_data:   the bytes; the caller frees them
 * @ret_size:   how many
 *
 * Return: 0 or -ENOMEM.
 */
int userstate_encode(const struct userstate *state, char **ret_data, size_t *ret_size) {
        json_auto_t *json = json_object(), *list = json_array(), *columns = NULL, *fields = NULL;
        int r = userstate_columns(&columns);

        if (!r)
                r = fields_encode(userstate_fields, STATE_FIELDS, state, &fields);
        for (size_t i = 0; !r && i < state->n; i++)
                r = userstate_encode_account(&state->accounts[i], list);
        if (r < 0)
                return r;
        if (json_object_set(json, "columns", columns) < 0 || json_object_update(json, fields) < 0 ||
            json_object_set(json, "accounts", list) < 0)
                return -ENOMEM;
        *ret_data = json_dumps(json, JSON_COMPACT);
        if (!*ret_data)
                return -ENOMEM;
        *ret_size = strlen(*ret_data);
        return 0;
}

static bool userstate_read_totals(const json_t *json,
                                  struct traffic ret_totals[static USERACCOUNT_PARTS]) {
        uint64_t numbers[TOTAL_NUMBERS];

        if (!json_is_array(json) || json_array_size(json) != TOTAL_NUMBERS)
                return false;
        for (size_t i = 0; i < TOTAL_NUMBERS; i++) {
                const json_t *number = json_array_get(json, i);

                if (!json_is_integer(number) || json_integer_value(number) < 0)
                        return false;
                numbers[i] = (uint64_t)json_integer_value(number);
        }
        for (size_t part = 0; part < USERACCOUNT_PARTS; part++) {
                const uint64_t *n = numbers + part * TRAFFIC_NUMBERS;

                ret_totals[part] = (struct traffic){ .in = { n[0], n[1] }, .out = { n[2], n[3] } };
        }
        return true;
}

static bool userstate_is_below(const struct traffic *a, const struct traffic *b) {
        return a->in.bytes < b->in.bytes || a->in.packets < b->in.packets ||
               a->out.bytes < b->out.bytes || a->out.packets < b->out.packets;
}

static bool userstate_fits(int64_t number) {
        return number < (int64_t)UINT32_MAX;
}

/* What every other function may rely on. */
static const char *userstate_account_lack(const struct useraccount *account) {
        if (!account->id || !uuid_valid(account->id))
                return "id";
        if (!userstate_fits(account->uid))
                return "uid";
        if (!userstate_fits(account->session))
                return "session";
        if (!userstate_fits(account->owner))
                return "owner";
        if (account->who < 0 || account->who >= USERACCOUNT_WHOS)
                return "who";
        if (account->ssh_session && !uuid_valid(account->ssh_session))
                return "ssh_session";
        if (account->seq < 0)
                return "seq";
        if (account->boot_id && !account->over)
                return "over";
        for (size_t part = 0; part < USERACCOUNT_PARTS; part++)
                if (userstate_is_below(&account->total[part], &account->reported[part]))
                        return "reported";
        return NULL;
}

/* Return: the column at fault, or NULL. */
static const char *userstate_read_account(const json_t *row, struct useraccount *account) {
        const json_t *last = json_array_get(row, COLUMN_LAST);

        if (!userstate_read_totals(json_array_get(row, COLUMN_TOTAL), account->total))
                return "total";
        if (!userstate_read_totals(json_array_get(row, COLUMN_REPORTED), account->reported))
                return "reported";
        memcpy(account->last, account->total, sizeof(account->last));
        if (!json_is_null(last) && !userstate_read_totals(last, account->last))
                return "last";
        return userstate_account_lack(account);
}

static int userstate_decode_account(struct userstate *state, const json_t *row,
                                    const char **ret_field) {
        struct useraccount *account;
        int r;

        *ret_field = "accounts";
        if (json_array_size(row) != COLUMNS) /* that of what is no array is 0 */
                return STATE_E_INVALID;
        r = userstate_place(state, &account);
        for (size_t i = 0; !r && i < ACCOUNT_FIELDS; i++) {
                const struct field *field = &useraccount_fields[i];

                *ret_field = field->name;
                r = fields_get(field->kind, json_array_get(row, i),
                               (char *)account + field->offset);
        }
        if (r < 0)
                return r == -ENOMEM ? r : STATE_E_INVALID;
        *ret_field = userstate_read_account(row, account);
        return *ret_field ? STATE_E_INVALID : 0;
}

static int userstate_decode_accounts(struct userstate *state, const json_t *json,
                                     const char **ret_field) {
        const json_t *list = json_object_get(json, "accounts");
        json_auto_t *columns = NULL;
        int r = userstate_columns(&columns);

        if (r < 0)
                return r;
        *ret_field = "columns";
        if (!json_equal(json_object_get(json, "columns"), columns))
                return STATE_E_INVALID;
        *ret_field = "accounts";
        if (!json_is_array(list))
                return STATE_E_INVALID;
        for (size_t i = 0; !r && i < json_array_size(list); i++)
                r = userstate_decode_account(state, json_array_get(list, i), ret_field);
        return r;
}

static const char *userstate_lack(const struct userstate *state) {
        if (!pending_is_sound(&state->pending))
                return "pending";
        if (state->n && !state->boot_id)
                return "boot_id";
        if (state->n && state->seen_realtime < 0)
                return "seen_realtime";
        return NULL;
}

/**
 * userstate_decode() - read a state from JSON
 * @data:       the bytes, hostile
 * @size:       how many
 * @ret_state:  the state
 * @ret_field:  for STATE_E_INVALID: the key at fault, or "JSON" if it is none
 *
 * Return: 0, STATE_E_INVALID or -ENOMEM.
 */
int userstate_decode(const char *data, size_t size, struct userstate **ret_state,
                     const char **ret_field) {
        _cleanup_(userstate_freep) struct userstate *state = NULL;
        json_auto_t *json = NULL;
        int r = userstate_new(&state);

        *ret_field = "JSON";
        if (r < 0)
                return r;
        json = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(json))
                return STATE_E_INVALID;
        r = fields_decode(userstate_fields, STATE_FIELDS, json, state, ret_field);
        if (r < 0)
                return r == -ENOMEM ? r : STATE_E_INVALID;
        r = userstate_decode_accounts(state, json, ret_field);
        if (!r && (*ret_field = userstate_lack(state)))
                r = STATE_E_INVALID;
        if (!r)
                *ret_state = pointer_steal(&state);
        return r;
}
