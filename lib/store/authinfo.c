/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How a client proved who it is.
 *
 * Owns: the reading of SSH_AUTH_INFO_0 and the key's fingerprint. The text has one line for each
 * method that succeeded: the method, and for a key also its type and the whole key in base64.
 * Relies on: OpenSSH auth2.c, auth2_update_session_info(); key blobs: RFC 4253 section 6.6, and
 * PROTOCOL.certkeys and PROTOCOL.u2f for those of certificates; the fingerprint of a certificate is
 * that of the key in it (sshkey.c, sshkey_fingerprint_raw()). SHA-256 and base64 are nettle's.
 */

#include "store/authinfo.h"

#include "base/cleanup.h"

#include <errno.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AUTHINFO_MAX (32 * 1024)

/* A certificate is: its type, a nonce, these fields, and more. The plain key is: the plain type,
 * these fields. */
static const struct {
        const char *certificate;
        const char *plain;
        unsigned int fields;
} authinfo_types[] = {
        { "ssh-rsa-cert-v01@openssh.com", "ssh-rsa", 2 },
        { "ssh-dss-cert-v01@openssh.com", "ssh-dss", 4 },
        { "ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", 1 },
        { "ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256", 2 },
        { "ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384", 2 },
        { "ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521", 2 },
        { "sk-ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519@openssh.com", 2 },
        { "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", 3 },
};

/* Step over one string of RFC 4251 section 5: a length of 4 bytes and as many bytes. */
static int authinfo_skip(const uint8_t **position, const uint8_t *end) {
        const uint8_t *p = *position;
        uint32_t n;

        if (end - p < 4)
                return -EINVAL;
        n = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        if (n > (size_t)(end - p) - 4)
                return -EINVAL;
        *position = p + 4 + n;
        return 0;
}

/* Hash a string of RFC 4251. */
static void authinfo_hash_string(struct sha256_ctx *hash, const char *text) {
        uint32_t n = (uint32_t)strlen(text);
        const uint8_t length[] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                                   (uint8_t)n };

        sha256_update(hash, sizeof(length), length);
        sha256_update(hash, n, (const uint8_t *)text);
}

static int authinfo_hash_key(struct sha256_ctx *hash, const uint8_t *blob, size_t size) {
        const uint8_t *position = blob, *end = blob + size, *fields;
        int r;

        r = authinfo_skip(&position, end);
        if (r < 0)
                return r;

        for (size_t i = 0; i < sizeof(authinfo_types) / sizeof(*authinfo_types); i++) {
                const char *type = authinfo_types[i].certificate;

                if ((size_t)(position - blob) - 4 != strlen(type) ||
                    memcmp(blob + 4, type, strlen(type)) != 0)
                        continue;

                r = authinfo_skip(&position, end); /* nonce */
                fields = position;
                for (unsigned int n = 0; !r && n < authinfo_types[i].fields; n++)
                        r = authinfo_skip(&position, end);
                if (r < 0)
                        return r;
                authinfo_hash_string(hash, authinfo_types[i].plain);
                sha256_update(hash, (size_t)(position - fields), fields);
                return 0;
        }

        sha256_update(hash, size, blob);
        return 0;
}

/* "SHA256:" and base64 without its padding, as sshkey_fingerprint() of OpenSSH has it. */
static int authinfo_fingerprint(const char *base64, char **ret_text) {
        _cleanup_(freep) uint8_t *blob = NULL;
        struct base64_decode_ctx decoder;
        uint8_t digest[SHA256_DIGEST_SIZE];
        char text[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = "";
        size_t length = strlen(base64), size;
        struct sha256_ctx hash;
        int r;

        size = BASE64_DECODE_LENGTH(length);
        blob = malloc(size + 1);
        if (!blob)
                return -ENOMEM;
        base64_decode_init(&decoder);
        if (!base64_decode_update(&decoder, &size, blob, length, base64) ||
            !base64_decode_final(&decoder))
                return -EINVAL;

        sha256_init(&hash);
        r = authinfo_hash_key(&hash, blob, size);
        if (r < 0)
                return r;
        sha256_digest(&hash, sizeof(digest), digest);
        base64_encode_raw(text, sizeof(digest), digest);
        text[strcspn(text, "=")] = '\0';
        return asprintf(ret_text, "SHA256:%s", text) < 0 ? -ENOMEM : 0;
}

/* One line: "method", or "publickey TYPE BASE64". */
static int authinfo_parse_line(char *line, struct authinfo *info) {
        char *position = NULL, *methods = NULL;
        const char *method, *type, *key;

        method = strtok_r(line, " ", &position);
        if (!method)
                return 0;
        type = strtok_r(NULL, " ", &position);
        key = strtok_r(NULL, " ", &position);

        if (asprintf(&methods, "%s%s%s", info->method ? info->method : "", info->method ? "," : "",
                     method) < 0)
                return -ENOMEM;
        free(info->method);
        info->method = methods;

        if (type && key && !strcmp(method, "publickey")) {
                char *fingerprint = NULL;
                int r;

                r = authinfo_fingerprint(key, &fingerprint);
                if (r == -ENOMEM)
                        return r;
                free(info->key);
                info->key = fingerprint; /* NULL: a key that is none has no fingerprint */
        }
        return 0;
}

/**
 * authinfo_parse() - read SSH_AUTH_INFO_0
 * @text:       its value, hostile; or NULL
 * @ret_info:   the methods with commas between, the last key's fingerprint; the caller frees both
 *
 * Return: 0 or -ENOMEM; text that says nothing leaves both NULL.
 */
int authinfo_parse(const char *text, struct authinfo *ret_info) {
        _cleanup_(freep) char *copy = NULL;
        struct authinfo info = { 0 };
        char *position = NULL;
        int r = 0;

        if (text && strlen(text) <= AUTHINFO_MAX) {
                copy = strdup(text);
                if (!copy)
                        return -ENOMEM;
                for (char *line = strtok_r(copy, "\n", &position); line && !r;
                     line = strtok_r(NULL, "\n", &position))
                        r = authinfo_parse_line(line, &info);
        }
        if (r < 0) {
                free(info.method);
                free(info.key);
                return r;
        }
        *ret_info = info;
        return 0;
}
