#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Excluded networks of both families: start and stop records that say so, no counters, no rules.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# excluded NAME ADDR SSH-ARG...
excluded() {
    local wanted

    case_begin "$1" "$2"
    shift 2
    client_hold "$@" 'head -c 100000 /dev/zero'
    tap_ok "$CASE_NAME: start record" records_wait start 1
    tap_ok "$CASE_NAME: no rule while it is up" rules_same
    client_release
    case_settle
    records_wait stop 1
    await traffic_idle
    tap_is "$CASE_NAME: records" "$(records_complaints false)" ''
    tap_is "$CASE_NAME: excluded" "$(records_jq 'map("\(.event) \(.excluded) \(.remote_addr)") | join(", ")')" \
        "start true $CASE_ADDR, stop true $CASE_ADDR"
    wanted='[.[] | .in_bytes, .in_packets, .out_bytes, .out_packets, .preauth_in_bytes, .preauth_in_packets,
        .preauth_out_bytes, .preauth_out_packets, .preauth_source, .delta_in_bytes, .delta_out_bytes, .backend] | unique | tostring'
    tap_is "$CASE_NAME: no counters" "$(records_jq "$wanted")" '[null]'
    case_clean
}

world_enter "$@"
traffic_install
traffic_configure 'exclude=10.77.1.0/24, fd00:77::5:0/112'
sshd_start
here4=$(client_address 7)
here6=fd00:77::5:7
world_in client ip -6 addr add "$here6/64" dev "$WORLD_LINK" nodad

excluded 'IPv4' "$here4" -b "$here4" "alice@$WORLD_SERVER4"
excluded 'IPv6' "$here6" -b "$here6" "alice@$WORLD_SERVER6"

case_begin 'not excluded, IPv4'
tap_ok "$CASE_NAME: login" client_ssh -b "$WORLD_CLIENT4" "alice@$WORLD_SERVER4" true
case_end excluded=false

case_begin 'not excluded, IPv6' "$WORLD_CLIENT6"
tap_ok "$CASE_NAME: login" client_ssh -b "$WORLD_CLIENT6" "alice@$WORLD_SERVER6" true
case_end excluded=false

tap_done
