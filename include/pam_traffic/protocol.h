/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The module's request to its helper, and the helper's answer: for whoever replaces the helper.
 *
 * The module starts `HELPER open` or `HELPER close`, with --config PATH if its line in PAM has
 * conf=PATH. Standard input has the request: at most PAM_TRAFFIC_REQUEST_MAX bytes, texts
 * "name=value" that each end with a NUL byte, the version first and the end last. The helper must
 * skip names that it does not know. lib/request/request.c has the names, and says which of them
 * must be there. All values are hostile, except those from the kernel.
 *
 * The helper answers on the standard output of `open`, with one line for each phase. A login waits
 * for the first line, at most open_timeout; with `strict` it waits for the second one, too. The
 * module does not wait for `close`.
 */

#ifndef PAM_TRAFFIC_PROTOCOL_H
#define PAM_TRAFFIC_PROTOCOL_H

#define PAM_TRAFFIC_REQUEST_VERSION "pam_traffic_request=1"
#define PAM_TRAFFIC_REQUEST_END "end="
#define PAM_TRAFFIC_REQUEST_MAX (32 * 1024)

/* the session is on disk, and what flowed before authentication has been read */
#define PAM_TRAFFIC_ACK_RECORDED "pam_traffic 1 recorded\n"
/* the session's rules are there, and its start record is written */
#define PAM_TRAFFIC_ACK_COUNTING "pam_traffic 1 counting\n"
/* it could not; the reason is in syslog */
#define PAM_TRAFFIC_ACK_FAILED "pam_traffic 1 failed\n"

#endif
