/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The request, as bytes.
 *
 * Owns: the form: records "name=value", each ended by a NUL, so no value needs an escape. The first
 * record is the version, the last one is "end=", which a torn request does not have. One table is
 * used to write and to read.
 * Does not: read or write a descriptor.
 */

#include "request/request.h"

#include "base/number.h"
#include "pam_traffic/protocol.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum request_kind {
        REQUEST_SESSION,
        REQUEST_TEXT,
        REQUEST_FLAG,
        REQUEST_NUMBER8,
        REQUEST_NUMBER32,
        REQUEST_NUMBER64,
        REQUEST_PID,
        REQUEST_ENDPOINT,
};

struct request_field {
        const char *name;
        enum request_kind kind;
        size_t offset;
        bool required;
};

#define FIELD(name, kind, member, required) \
        { name, kind, offsetof(struct request, member), required }

static const struct request_field request_fields[] = {
        FIELD("session", REQUEST_SESSION, session, true),
        FIELD("opened_realtime", REQUEST_NUMBER64, opened_realtime, true),
        FIELD("opened_boottime", REQUEST_NUMBER64, opened_boottime, true),
        FIELD("closed_boottime", REQUEST_NUMBER64, closed_boottime, false),
        FIELD("pid", REQUEST_PID, pid, true),
        FIELD("local", REQUEST_ENDPOINT, connection.local, true),
        FIELD("remote", REQUEST_ENDPOINT, connection.remote, true),
        FIELD("inode", REQUEST_NUMBER64, inode, true),
        FIELD("cookie", REQUEST_NUMBER64, cookie, false),
        FIELD("multipath", REQUEST_NUMBER8, multipath, false),
        FIELD("interface", REQUEST_NUMBER32, interface, false),
        FIELD("tcp_known", REQUEST_FLAG, info.known, false),
        FIELD("tcp_in_bytes", REQUEST_NUMBER64, info.in_bytes, false),
        FIELD("tcp_in_segments", REQUEST_NUMBER64, info.in_segments, false),
        FIELD("tcp_out_bytes", REQUEST_NUMBER64, info.out_bytes, false),
        FIELD("tcp_acked_bytes", REQUEST_NUMBER64, info.acked_bytes, false),
        FIELD("tcp_unsent_bytes", REQUEST_NUMBER64, info.unsent_bytes, false),
        FIELD("tcp_out_segments", REQUEST_NUMBER64, info.out_segments, false),
        FIELD("tcp_retrans_bytes", REQUEST_NUMBER64, info.retrans_bytes, false),
        FIELD("tcp_min_rtt_us", REQUEST_NUMBER32, info.min_rtt_us, false),
        FIELD("tcp_timestamps", REQUEST_FLAG, info.timestamps, false),
        FIELD("tcp_stalled", REQUEST_FLAG, info.stalled, false),
        FIELD("tcp_state", REQUEST_NUMBER8, info.state, false),
        FIELD("acknowledged", REQUEST_FLAG, acknowledged, false),
        FIELD("abandoned", REQUEST_FLAG, abandoned, false),
        FIELD("service", REQUEST_TEXT, service, true),
        FIELD("user", REQUEST_TEXT, user, true),
        FIELD("rhost", REQUEST_TEXT, rhost, false),
        FIELD("auth_info", REQUEST_TEXT, auth_info, false),
        FIELD("login_session", REQUEST_TEXT, login_session, false),
        FIELD("boot_id", REQUEST_TEXT, boot_id, false),
};

#define REQUEST_FIELDS (sizeof(request_fields) / sizeof(*request_fields))

/* Where records are written to; error is kept until the end. */
struct request_writer {
        char *data;
        size_t room;
        size_t size;
        bool full;
};

__attribute__((format(printf, 2, 3))) static void request_put(struct request_writer *writer,
                                                              const char *format, ...) {
        size_t room = writer->room - writer->size;
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vsnprintf(writer->data + writer->size, room, format, arguments);
        va_end(arguments);

        if (n < 0 || (size_t)n >= room)
                writer->full = true;
        else
                writer->size += (size_t)n + 1; /* the NUL is the record's end */
}

static void request_put_field(struct request_writer *writer, const struct request_field *field,
                              const void *value) {
        char text[ADDRESS_TEXT_MAX];
        const struct endpoint *endpoint;
        const char *string;

        switch (field->kind) {
        case REQUEST_SESSION:
                request_put(writer, "%s=%s", field->name, (const char *)value);
                break;
        case REQUEST_TEXT:
                string = *(const char *const *)value;
                if (string)
                        request_put(writer, "%s=%s", field->name, string);
                break;
        case REQUEST_FLAG:
                request_put(writer, "%s=%d", field->name, *(const bool *)value);
                break;
        case REQUEST_NUMBER8:
                request_put(writer, "%s=%u", field->name, *(const uint8_t *)value);
                break;
        case REQUEST_NUMBER32:
                request_put(writer, "%s=%u", field->name, *(const uint32_t *)value);
                break;
        case REQUEST_NUMBER64:
                request_put(writer, "%s=%llu", field->name,
                            (unsigned long long)*(const uint64_t *)value);
                break;
        case REQUEST_PID:
                request_put(writer, "%s=%d", field->name, *(const pid_t *)value);
                break;
        case REQUEST_ENDPOINT:
                endpoint = value;
                address_format(&endpoint->address, text);
                request_put(writer, "%s=%s %u", field->name, text, endpoint->port);
                break;
        }
}

/**
 * request_encode() - write a request as bytes
 * @request:    the request
 * @data:       where to
 * @room:       bytes there; REQUEST_MAX is what a reader accepts
 * @ret_size:   bytes written
 *
 * Return: 0, or -E2BIG if it does not fit.
 */
int request_encode(const struct request *request, char *data, size_t room, size_t *ret_size) {
        struct request_writer writer = { .data = data, .room = room };

        request_put(&writer, "%s", PAM_TRAFFIC_REQUEST_VERSION);
        for (size_t i = 0; i < REQUEST_FIELDS; i++)
                request_put_field(&writer, &request_fields[i],
                                  (const char *)request + request_fields[i].offset);
        request_put(&writer, "%s", PAM_TRAFFIC_REQUEST_END);

        if (writer.full)
                return -E2BIG;
        *ret_size = writer.size;
        return 0;
}

static int request_get_endpoint(const char *text, struct endpoint *endpoint) {
        const char *space = strchr(text, ' ');
        char address[ADDRESS_TEXT_MAX];
        uint64_t port;

        if (!space || (size_t)(space - text) >= sizeof(address))
                return -EINVAL;
        memcpy(address, text, (size_t)(space - text));
        address[space - text] = '\0';

        if (number_parse(space + 1, strlen(space + 1), 10, UINT16_MAX, &port) < 0)
                return -EINVAL;
        endpoint->port = (uint16_t)port;
        return address_parse(address, &endpoint->address);
}

static int request_get_field(const struct request_field *field, const char *text, void *value) {
        uint64_t maximum = 0, number = 0;
        int r;

        switch (field->kind) {
        case REQUEST_SESSION:
                if (!uuid_valid(text))
                        return -EINVAL;
                memcpy(value, text, UUID_TEXT_MAX);
                return 0;
        case REQUEST_TEXT:
                *(const char **)value = text;
                return 0;
        case REQUEST_ENDPOINT:
                return request_get_endpoint(text, value);
        case REQUEST_FLAG:
                maximum = 1;
                break;
        case REQUEST_NUMBER8:
                maximum = UINT8_MAX;
                break;
        case REQUEST_NUMBER32:
                maximum = UINT32_MAX;
                break;
        case REQUEST_NUMBER64:
                /* JSON integers of the records are signed */
                maximum = INT64_MAX;
                break;
        case REQUEST_PID:
                maximum = INT32_MAX;
                break;
        }

        r = number_parse(text, strlen(text), 10, maximum, &number);
        if (r < 0)
                return r;

        if (field->kind == REQUEST_FLAG)
                *(bool *)value = number;
        else if (field->kind == REQUEST_NUMBER8)
                *(uint8_t *)value = (uint8_t)number;
        else if (field->kind == REQUEST_NUMBER32)
                *(uint32_t *)value = (uint32_t)number;
        else if (field->kind == REQUEST_PID)
                *(pid_t *)value = (pid_t)number;
        else
                *(uint64_t *)value = number;
        return 0;
}

static const struct request_field *request_field_find(const char *record, size_t *ret_index) {
        for (size_t i = 0; i < REQUEST_FIELDS; i++) {
                size_t n = strlen(request_fields[i].name);

                if (!strncmp(record, request_fields[i].name, n) && record[n] == '=') {
                        *ret_index = i;
                        return &request_fields[i];
                }
        }
        return NULL;
}

/**
 * request_decode() - read a request from bytes
 * @data:               the bytes, hostile
 * @size:               how many
 * @ret_request:        the request; its texts point into @data
 * @ret_field:          for REQUEST_E_INVALID: the name of the field at fault
 *
 * Return: 0, REQUEST_E_VERSION, REQUEST_E_INCOMPLETE or REQUEST_E_INVALID.
 */
int request_decode(const char *data, size_t size, struct request *ret_request,
                   const char **ret_field) {
        struct request request = { 0 };
        bool seen[REQUEST_FIELDS] = { false };
        bool first = true, ended = false;
        const char *end = data + size;

        while (data < end && !ended) {
                const char *record = data;
                const struct request_field *field;
                size_t index;

                data = memchr(record, '\0', (size_t)(end - record));
                if (!data)
                        return REQUEST_E_INCOMPLETE;
                data++;

                if (first && strcmp(record, PAM_TRAFFIC_REQUEST_VERSION) != 0)
                        return REQUEST_E_VERSION;
                first = false;
                ended = !strcmp(record, PAM_TRAFFIC_REQUEST_END);

                field = request_field_find(record, &index);
                if (!field)
                        continue;
                if (seen[index] || request_get_field(field, strchr(record, '=') + 1,
                                                     (char *)&request + field->offset) < 0) {
                        *ret_field = field->name;
                        return REQUEST_E_INVALID;
                }
                seen[index] = true;
        }
        if (!ended)
                return REQUEST_E_INCOMPLETE;

        for (size_t i = 0; i < REQUEST_FIELDS; i++)
                if (request_fields[i].required && !seen[i]) {
                        *ret_field = request_fields[i].name;
                        return REQUEST_E_INVALID;
                }
        if (request.connection.local.address.family != request.connection.remote.address.family) {
                *ret_field = "remote";
                return REQUEST_E_INVALID;
        }

        *ret_request = request;
        return 0;
}
