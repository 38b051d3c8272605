#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A handshake that needs two attempts. The SYN that is repeated conntrack does not count, and so no session has
# it (pam_traffic-records(5)); all the rest is exact, and the port's records have everything.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/ports.sh
. "$HARNESS_LIB/ports.sh"

SYNACK=(-p tcp -m tcp --sport 22 --tcp-flags 'SYN,ACK' 'SYN,ACK')

dropped() {
    world_in client iptables-legacy-save -c -t filter | grep -q '^\[[1-9].* -j DROP'
}

# the server repeats its SYN-ACK, too, and may be the first
repeated() {
    world_in client iptables-legacy-save -c -t raw | grep -qE '^\[([2-9]|[0-9]{2,}):[0-9]+\] -A OUTPUT'
}

world_enter "$@"
traffic_install
ports_begin
sshd_start

case_begin 'the first SYN-ACK is lost'
yardstick_handshakes
world_in client iptables-legacy -t filter -A INPUT "${SYNACK[@]}" -j DROP
client_ssh "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero' >/dev/null &
client=$!
tap_ok "$CASE_NAME: it is" await dropped
await repeated
world_in client iptables-legacy -t filter -D INPUT "${SYNACK[@]}" -j DROP
client_await "$client"
tap_is "$CASE_NAME: the login" "$CLIENT_FAILED" 0
case_settle
records_wait stop 1
await traffic_idle
read -r in_all in_packets_all _ <<<"$(yardstick_read "$CASE_ADDR")"
read -r in_once in_packets_once _ <<<"$(yardstick_read_once 1)"
tap_ok "$CASE_NAME: the client has repeated its SYN" [ "$in_packets_all" -gt "$in_packets_once" ]
tap_is "$CASE_NAME: by 60 bytes each time" $((in_all - in_once)) $((60 * (in_packets_all - in_packets_once)))
got=$(records_jq '.[] | select(.event == "stop") | "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets)"')
tap_is "$CASE_NAME: the session has all but that" "$got" "$(yardstick_read_once 1 "${got##* }")"
tap_is "$CASE_NAME: complete" "$(records_get stop complete)" true
ports_exact "$CASE_NAME"
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
