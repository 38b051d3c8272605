#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The client repeats its FIN, since the server's ACK of it got lost, while sshd has not closed the
# connection yet. conntrack takes the second FIN for the server's, and is in TIME_WAIT with the next ACK;
# the connection is not over: the server's own FIN and its ACK are still to come, and are counted.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

lose_acks() {
    world_in client iptables-legacy -t raw "$1" PREROUTING -p tcp --sport 22 \
        --tcp-flags FIN,SYN,RST,PSH,ACK ACK -m length --length 52:64 -j DROP
}

# what conntrack of the server says: state and counters of the only connection
entry() {
    world_in server conntrack -L -p tcp --dport 22 2>/dev/null | sed -n -E \
        "s/^tcp +6 [0-9]+ ([A-Z_]+) .*packets=([0-9]+) bytes=([0-9]+) .*packets=([0-9]+) bytes=([0-9]+) .*/$1/p"
}

early() {
    [ "$(entry '\1')" = TIME_WAIT ] && world_in server ss -Htn state close-wait 'sport = :22' | grep -q .
}

world_enter "$@"
traffic_install
# sshd stays after it has closed the PAM session, until it is told
gate_shut leave
printf '#!/bin/sh\n%s\n' "$(gate_wait leave)" >"$WORLD/stay"
chmod 755 "$WORLD/stay"
pam_write sshd "$(pam_traffic_line)" "session optional pam_exec.so type=close_session $WORLD/stay"
sshd_start
world_in server conntrack -F 2>/dev/null

case_begin 'the FIN comes twice'
client_hold "alice@$WORLD_SERVER4" ''
lose_acks -A
client_release
tap_ok "$CASE_NAME: conntrack is in TIME_WAIT, the socket in CLOSE_WAIT" await early
tap_is "$CASE_NAME: it is not over" "$(records_count stop)" 0
gate_open leave
tap_ok "$CASE_NAME: it ends" records_wait stop 1
lose_acks -D
await traffic_idle
tap_is "$CASE_NAME: the record has what this host sent and got in all" \
    "$(records_jq '.[] | select(.event == "stop") | "\(.in_packets) \(.in_bytes) \(.out_packets) \(.out_bytes) \(.complete)"')" \
    "$(entry '\2 \3 \4 \5') true"
tap_is "$CASE_NAME: its cause" "$(records_jq 'map(select(.event == "stop").terminate_cause)[]')" User-Request
tap_done
