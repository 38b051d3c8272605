/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The keys of a record of the log, in their order: for whoever reads the log.
 *
 * A record is a line with one JSON object (RFC 8259). Each key is in each record; a value that is
 * not known is null, never 0. NUMBER is an integer from 0 on, TEXT a string, FLAG true or false,
 * SECONDS a number with at most six digits behind the point. docs/contract.md says what each key
 * means. Keys may be added; a reader must skip those that it does not know. The version, v, changes
 * when a key gets another meaning.
 *
 *      #define NAME(kind, name) #name,
 *      static const char *const names[] = { PAM_TRAFFIC_RECORD_KEYS(NAME) };
 */

#ifndef PAM_TRAFFIC_RECORDKEYS_H
#define PAM_TRAFFIC_RECORDKEYS_H

#define PAM_TRAFFIC_RECORD_VERSION 1

/* clang-format off */
#define PAM_TRAFFIC_RECORD_KEYS(key) \
        key(NUMBER, v) \
        key(TEXT, event) \
        key(TEXT, time) \
        key(TEXT, host) \
        key(TEXT, boot_id) \
        key(TEXT, session) \
        key(NUMBER, seq) \
        key(TEXT, service) \
        key(TEXT, user) \
        key(NUMBER, uid) \
        key(NUMBER, pid) \
        key(TEXT, rhost) \
        key(TEXT, family) \
        key(TEXT, local_addr) \
        key(NUMBER, local_port) \
        key(TEXT, remote_addr) \
        key(NUMBER, remote_port) \
        key(TEXT, auth_method) \
        key(TEXT, auth_key) \
        key(NUMBER, audit_session) \
        key(TEXT, login_session) \
        key(FLAG, excluded) \
        key(TEXT, backend) \
        key(NUMBER, in_bytes) \
        key(NUMBER, in_packets) \
        key(NUMBER, out_bytes) \
        key(NUMBER, out_packets) \
        key(NUMBER, preauth_in_bytes) \
        key(NUMBER, preauth_in_packets) \
        key(NUMBER, preauth_out_bytes) \
        key(NUMBER, preauth_out_packets) \
        key(TEXT, preauth_source) \
        key(NUMBER, delta_in_bytes) \
        key(NUMBER, delta_out_bytes) \
        key(NUMBER, tcp_in_bytes) \
        key(NUMBER, tcp_out_bytes) \
        key(NUMBER, tcp_in_segments) \
        key(NUMBER, tcp_out_segments) \
        key(NUMBER, tcp_retrans_bytes) \
        key(NUMBER, tcp_min_rtt_us) \
        key(NUMBER, wire_in_bytes) \
        key(NUMBER, wire_out_bytes) \
        key(SECONDS, duration) \
        key(TEXT, terminate_cause) \
        key(FLAG, complete) \
        key(TEXT, incomplete_cause) \
        key(NUMBER, excluded_in_bytes) \
        key(NUMBER, excluded_out_bytes) \
        key(TEXT, kind) \
        key(TEXT, socket_owner) \
        key(TEXT, ssh_session) \
        key(NUMBER, excluded_in_packets) \
        key(NUMBER, excluded_out_packets) \
        key(NUMBER, delta_excluded_in_bytes) \
        key(NUMBER, delta_excluded_out_bytes) \
        key(NUMBER, process_in_bytes) \
        key(NUMBER, process_in_packets) \
        key(NUMBER, process_out_bytes) \
        key(NUMBER, process_out_packets)
/* clang-format on */

#endif
