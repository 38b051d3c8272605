/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How a client proved who it is: sshd's SSH_AUTH_INFO_0.
 */

#ifndef STORE_AUTHINFO_H
#define STORE_AUTHINFO_H

/* Owned texts; NULL where not known. */
struct authinfo {
        char *method; /* "publickey", "password", "publickey,keyboard-interactive/pam" ... */
        char *key;    /* "SHA256:..." of the last key used, as ssh-keygen -l prints it */
};

int authinfo_parse(const char *text, struct authinfo *ret_info);

#endif
