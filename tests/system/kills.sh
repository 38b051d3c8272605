#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Connections that break: the client is killed, the link is cut, the socket is destroyed. Each session
# ends in one stop record that says why, exact to the last packet.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# what else the server's own netfilter counted, in a table that is not ours
witness_watch() {
    world_in server iptables-legacy -t raw -A PREROUTING -p tcp -m tcp --dport 22
    world_in server iptables-legacy -t raw -A OUTPUT -p tcp -m tcp --sport 22
    rules_snapshot
}

witness_read() {
    world_in server iptables-legacy-save -c -t raw | tr '[:]' '   ' | awk '
        /-A PREROUTING/ { i = $2 " " $1 } /-A OUTPUT/ { o = $2 " " $1 } END { print i, o }'
}

flows() {
    [ "$(yardstick_read "$CASE_ADDR" | cut -d ' ' -f 1)" -gt 3000000 ] &&
        [ "$(yardstick_read "$CASE_ADDR" | cut -d ' ' -f 3)" -gt 3000000 ]
}

both_ways() {
    client_pipe "$1@$WORLD_SERVER4" cat </dev/zero >/dev/null 2>>"$WORLD/spawned" &
}

lost_exact() {
    local got

    case_settle
    await traffic_idle
    tap_is "$CASE_NAME: the records" "$(records_complaints true)" ''
    tap_is "$CASE_NAME: the cause" "$(records_get stop terminate_cause)" Lost-Carrier
    got=$(records_jq '.[] | select(.event == "stop") | "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets)"')
    tap_is "$CASE_NAME: bytes and packets are the server's" "$got" "$(witness_read)"
    tap_is "$CASE_NAME: nothing came in that the client did not send" "${got% * *}" "$(yardstick_read "$CASE_ADDR" | cut -d ' ' -f 1,2)"
    case_clean
}

# a reap every now and then, as the timer does it
reaped() {
    traffic_reap && records_has stop 1
}

# cut_link SIDE: while nothing is on its way, nor can be (sshd has its ClientAlive to send every 2 seconds); a delayed
# ACK of either side that is still to come would be lost on the cut link
cut_link() {
    pkill -STOP -x 'sshd.*' # only ever inside a world
    tap_ok "$CASE_NAME: nothing is on its way" await client_quiet
    link "$1" down
    pkill -CONT -x 'sshd.*'
}

# the close has waited for linger, and leaves the rest to a reap
left_open() {
    grep -q '"closed": *true' "$RECORDS_STATE"/sessions/*.json && ! traffic_works
}

link() {
    world_in "$1" ip link set "$WORLD_LINK" "$2"
}

world_enter "$@"
traffic_install
witness_watch
sshd_start

for user in alice root; do
    case_begin "$user: client killed, idle"
    client_hold "$user@$WORLD_SERVER4" true
    client_kill KILL
    case_end "user=$user" stop.terminate_cause=User-Request

    case_begin "$user: client killed, data both ways"
    both_ways "$user"
    tap_ok "$CASE_NAME: data flows" await flows
    client_kill KILL
    case_end "user=$user"
    killed_by=$(records_get stop terminate_cause)
    tap_ok "$CASE_NAME: it was the client's end: $killed_by" [ "${killed_by/Lost-Carrier/User-Request}" = User-Request ]

    case_begin "$user: socket destroyed"
    client_hold "$user@$WORLD_SERVER4" true
    world_in server ss -K state established 'sport = :22' >/dev/null 2>&1
    case_end "user=$user" stop.terminate_cause=Lost-Carrier

    # a client that does not answer is given up by sshd, and its connection by the close
    sshd_stop
    sshd_start ClientAliveInterval=2 ClientAliveCountMax=2
    traffic_configure linger=500ms

    # without its link the server has no route: what it would say is not even counted; and the client, which
    # might answer a ClientAlive that is just there, says nothing
    case_begin "$user: the server's link is cut"
    client_hold "$user@$WORLD_SERVER4" true
    client_kill STOP
    cut_link server
    tap_ok "$CASE_NAME: sshd gives up" syslog_wait 'Timeout, client not responding'
    tap_ok "$CASE_NAME: its close leaves it to a reap" await left_open
    traffic_reap
    tap_is "$CASE_NAME: no stop record while it may come back" "$(records_count stop)" 0
    link server up
    client_kill CONT
    await reaped
    case_end "user=$user" stop.terminate_cause=Lost-Carrier

    # what the server sends is lost on the way: its own netfilter is the witness
    case_begin "$user: the client's link is cut"
    world_in server iptables-legacy -t raw -Z
    client_hold "$user@$WORLD_SERVER4" true
    cut_link client
    tap_ok "$CASE_NAME: sshd gives up" syslog_wait 'Timeout, client not responding'
    link client up
    await reaped
    lost_exact
    traffic_configure
    sshd_stop
    sshd_start
done
tap_done
