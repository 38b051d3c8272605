#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Accounting was off when the connection began (nobody ran setup): the pre-auth numbers come from
# TCP_INFO and say so, nothing that may be missing is called complete. The next connection is exact.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

world_enter "$@"
traffic_install
traffic_teardown
world_in server sysctl -qw net.netfilter.nf_conntrack_acct=0
sshd_start

case_begin 'accounting was off'
# what comes before the rules is known by TCP_INFO alone: the data come after them
gate_shut counted
client_ssh "alice@$WORLD_SERVER4" "$(gate_wait counted); head -c 1000000 /dev/zero" >"$WORLD/data" &
tap_ok "$CASE_NAME: start record" records_wait start 1
gate_open counted
wait $!
tap_is "$CASE_NAME: the data came" "$(wc -c <"$WORLD/data")" 1000000
case_settle
tap_ok "$CASE_NAME: stop record" records_wait stop 1
await traffic_idle
tap_is "$CASE_NAME: records" "$(records_complaints false)" ''
tap_is "$CASE_NAME: preauth_source" "$(records_get stop preauth_source)" tcp_info
tap_is "$CASE_NAME: complete" "$(records_get stop complete)" false
read -r in _ out _ <<<"$(yardstick_read "$CASE_ADDR")"
# TCP counts segments, netfilter packets before segmentation: they may differ by the headers, no more
tap_is "$CASE_NAME: as near as TCP_INFO can tell" "$(records_jq --argjson in "$in" --argjson out "$out" \
    '.[] | select(.event == "stop")
        | (.in_bytes - $in | fabs) <= 60 * .preauth_in_packets and (.out_bytes - $out | fabs) <= 60 * .preauth_out_packets')" true
tap_diag "client: $in in, $out out; record: $(records_get stop in_bytes) in, $(records_get stop out_bytes) out," \
    "pre-auth $(records_get stop preauth_in_bytes) in, $(records_get stop preauth_out_bytes) out"

tap_ok 'setup' traffic_setup
rules_snapshot
case_begin 'accounting is on'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice
tap_done
