/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Notes that say of which login an audit session was.
 */

#include "store/loginnotes.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/number.h"
#include "store/statefile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOGINNOTES_NAME_MAX 24
#define LOGINNOTES_TEXT_MAX 128

static const struct statefile_kind loginnotes_kind = {
        .folder = "logins",
        .limit = LOGINNOTES_TEXT_MAX,
};

static void loginnotes_name(int64_t audit_session, char name[static LOGINNOTES_NAME_MAX]) {
        (void)snprintf(name, LOGINNOTES_NAME_MAX, "%" PRId64, audit_session);
}

/**
 * loginnotes_parse() - read a note
 * @text:       "BOOT_ID SESSION", and a newline
 * @ret_note:   gets both
 *
 * Return: whether it says that.
 */
bool loginnotes_parse(const char *text, struct loginnote *ret_note) {
        const size_t id = UUID_TEXT_MAX - 1;

        if (strlen(text) != 2 * id + 2 || text[id] != ' ' || text[2 * id + 1] != '\n')
                return false;
        memcpy(ret_note->boot_id, text, id);
        memcpy(ret_note->session, text + id + 1, id);
        ret_note->boot_id[id] = ret_note->session[id] = '\0';
        return uuid_valid(ret_note->session);
}

/**
 * loginnotes_leave() - leave a note
 * @folder_fd:  the state folder
 * @note:       what it says
 *
 * Return: 0 or a negative errno.
 */
int loginnotes_leave(int folder_fd, const struct loginnote *note) {
        char name[LOGINNOTES_NAME_MAX], text[LOGINNOTES_TEXT_MAX];

        loginnotes_name(note->audit_session, name);
        (void)snprintf(text, sizeof(text), "%s %s\n", note->boot_id, note->session);
        return statefile_write(&loginnotes_kind, folder_fd, name, text, strlen(text), false);
}

struct loginnotes_list {
        struct loginnotes *notes;
        int folder_fd;
        size_t room;
};

static int loginnotes_take(const char *name, void *data) {
        struct loginnotes_list *list = data;
        struct loginnotes *notes = list->notes;
        _cleanup_(freep) char *text = NULL;
        struct loginnote note;
        const char *field;
        uint64_t number;
        size_t size;

        if (number_parse(name, strlen(name), 10, UINT32_MAX - 1, &number) < 0 ||
            statefile_read(&loginnotes_kind, list->folder_fd, name, &text, &size, &field) ||
            !loginnotes_parse(text, &note))
                return 0;
        if (notes->n == list->room) {
                size_t room = 2 * list->room + 16;
                struct loginnote *more = reallocarray(notes->notes, room, sizeof(*more));

                if (!more)
                        return -ENOMEM;
                notes->notes = more;
                list->room = room;
        }
        note.audit_session = (int64_t)number;
        notes->notes[notes->n++] = note;
        return 0;
}

/**
 * loginnotes_read() - read the notes that there are
 * @folder_fd:  the state folder
 * @ret_notes:  the notes, of whatever boot
 *
 * Return: 0 or a negative errno.
 */
int loginnotes_read(int folder_fd, struct loginnotes *ret_notes) {
        struct loginnotes_list list = { .notes = ret_notes, .folder_fd = folder_fd };

        *ret_notes = (struct loginnotes){ .n = 0 };
        return statefile_list(&loginnotes_kind, folder_fd, loginnotes_take, &list);
}

/**
 * loginnotes_remove() - remove notes
 * @folder_fd:  the state folder
 * @notes:      those that were read
 */
void loginnotes_remove(int folder_fd, const struct loginnotes *notes) {
        for (size_t i = 0; i < notes->n; i++) {
                char name[LOGINNOTES_NAME_MAX];

                loginnotes_name(notes->notes[i].audit_session, name);
                (void)statefile_remove(&loginnotes_kind, folder_fd, name);
        }
}

/**
 * loginnotes_clear() - end what loginnotes_read() began
 * @notes:      the notes
 */
void loginnotes_clear(struct loginnotes *notes) {
        free(notes->notes);
        *notes = (struct loginnotes){ .n = 0 };
}
