#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A login from the address and port of another one whose end is not recorded yet: its sshd is stopped
# by its user, or the client was faster. Rules and conntrack's entry are found by addresses and ports.
# The second login's bytes are its own, exactly; what the first one moved is in no other's record.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# from a port of the client's choice, and it ends with a RST
FROM=(-o "ProxyCommand=socat - TCP:%h:%p,sourceport=40022,reuseaddr,linger=0")
SIZE=5000000

reset_connection() {
    pkill -KILL -x socat
    client_kill KILL
    await client_over "$WORLD_CLIENT4"
}

# the sshd of alice's login
child() {
    cat "$WORLD/home/alice/sshd"
}

# alice gets SIZE bytes, stops her sshd, and her client resets the connection
begins() {
    case_begin "$1"
    client_hold "${FROM[@]}" "alice@$WORLD_SERVER4" "head -c $SIZE /dev/zero; echo \$PPID >~/sshd"
    await records_has start 1
    kill -STOP "$(child)"
    reset_connection
    MOVED=$(yardstick_read "$WORLD_CLIENT4")
}

# the one stop of alice, compared with what she moved; true: to the byte
alice_is() {
    local got

    await records_has stop "$1"
    got=$(records_jq '.[] | select(.event == "stop" and .user == "alice") | "\(.out_bytes) \(.complete)"')
    if [ "$2" = true ]; then
        tap_is "$CASE_NAME: alice's bytes" "$(records_jq '.[] | select(.event == "stop" and .user == "alice") |
            "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets) \(.complete)"')" "$MOVED true"
        return
    fi
    # shellcheck disable=SC2086  # lists
    set -- $got $MOVED
    # what TCP says of the other login is an estimate: of its some 5,000 bytes
    tap_ok "$CASE_NAME: alice's bytes, about: $1 of $5" [ $(($1 > $5 - 2000 && $1 < $5 + 2000)) = 1 ]
    tap_is "$CASE_NAME: alice's record says that it is not complete" "$2" false
}

# what TCP had moved when it was last asked is not what it had moved at the end
unread() {
    tap_is "$CASE_NAME: what TCP counted is not known" \
        "$(records_get stop tcp_out_bytes) $(records_get stop wire_out_bytes)" 'null null'
}

# the monitor holds the socket still: what TCP had moved in the end is known, FIN or not
asked() {
    tap_ok "$CASE_NAME: what TCP counted is known" [ "$(records_get stop tcp_out_bytes)" -ge $SIZE ]
}

# all that has counted
flush() {
    world_in server conntrack -F >/dev/null 2>&1
    if [ "$PAM_TRAFFIC_BACKEND" = nftables ]; then
        world_in server nft delete table inet pam_traffic
    else
        world_in server iptables-legacy -t mangle -F
    fi
}

second() {
    CASE_NAME=$1
    yardstick_zero
    client_ssh "${FROM[@]}" "bob@$WORLD_SERVER4" 'head -c 100000 /dev/zero' >/dev/null
    await records_has stop 1
    tap_is "$CASE_NAME: bob's bytes and packets are his client's" \
        "$(records_jq '.[] | select(.event == "stop" and .user == "bob") |
            "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets) \(.complete)"')" \
        "$(yardstick_read "$WORLD_CLIENT4") true"
}

relays() {
    world_in client ss -Hltn 'sport = :9022' | grep -q .
}

world_enter "$@"
traffic_install
sshd_start

begins 'stopped'
second 'stopped, then bob'
kill -CONT "$(child)"
alice_is 2 false
await traffic_idle
case_clean

# bob is gone before anybody begins to count him, and with him the socket that tells what was his
begins 'stopped, then bob, who is gone again'
yardstick_zero
gate_workers late
client_ssh "${FROM[@]}" "bob@$WORLD_SERVER4" 'head -c 100000 /dev/zero' >/dev/null
await client_over "$WORLD_CLIENT4"
gate_open late
await records_has stop 1
tap_is "$CASE_NAME: bob's bytes and packets are his client's" \
    "$(records_jq '.[] | select(.event == "stop" and .user == "bob") |
        "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets) \(.complete)"')" \
    "$(yardstick_read "$WORLD_CLIENT4") true"
gate_workers_end
kill -CONT "$(child)"
alice_is 2 false
await traffic_idle
case_clean

begins 'stopped, and a reap was there'
traffic_reap
second 'stopped, a reap, then bob'
kill -CONT "$(child)"
alice_is 2 true
await traffic_idle
case_clean

begins 'stopped for good'
traffic_reap
tap_is "$CASE_NAME: its close may still come" "$(records_count stop)" 0
records_age 120
traffic_reap
alice_is 1 true
tap_is "$CASE_NAME: cause" "$(records_get stop terminate_cause)" Lost-Carrier
asked
kill -CONT "$(child)"
await sshd_is_alone
await traffic_idle
tap_is "$CASE_NAME: no second stop" "$(records_count stop)" 1
case_clean

# no source has what she moved, but her socket has
begins 'stopped, and all counters flushed'
flush
traffic_reap
records_age 120
traffic_reap
tap_is "$CASE_NAME: it says that it may be wrong" "$(records_get stop complete)" false
tap_ok "$CASE_NAME: nothing of what she got is missing" [ "$(records_get stop out_bytes)" -ge $SIZE ]
asked
kill -CONT "$(child)"
await sshd_is_alone
await traffic_idle
case_clean

begins 'stopped, then killed with its monitor'
kill -KILL "$(ps -o ppid= -p "$(child)")" "$(child)"
await sshd_is_alone
traffic_reap
records_age 120
traffic_reap
alice_is 1 true
unread
await traffic_idle
case_clean

case_begin 'destroyed while it is stopped'
client_hold "${FROM[@]}" "alice@$WORLD_SERVER4" "head -c $SIZE /dev/zero; echo \$PPID >~/sshd"
await records_has start 1
kill -STOP "$(child)"
world_in server ss -K dport = 40022 >/dev/null
reset_connection
MOVED=$(yardstick_read "$WORLD_CLIENT4")
traffic_reap
records_age 120
traffic_reap
alice_is 1 true
kill -CONT "$(child)"
await sshd_is_alone
await traffic_idle
case_clean

# a client that is faster than the close: the next connection is there before sshd has noticed
case_begin 'four logins in a row, no shell'
world_spawn world_in client perl "$HARNESS_LIB/relay.pl" "$WORLD_SERVER4" 22 40022 9022
await relays
for i in 1 2 3 4; do
    client_hold -o 'ProxyCommand=socat - TCP:127.0.0.1:9022' "alice@$WORLD_SERVER4" "head -c $SIZE /dev/zero"
    client_kill KILL
    await records_has stop "$i"
done
pkill -f "$HARNESS_LIB/relay.pl"
await traffic_idle
case_settle
tap_is "$CASE_NAME: no record has less than its login moved" \
    "$(records_jq --argjson size $SIZE '[.[] | select(.event == "stop" and .out_bytes >= $size)] | length')" 4
WANTED=$(yardstick_read "$WORLD_CLIENT4" | cut -d ' ' -f 3)
GOT=$(records_jq '[.[] | select(.event == "stop") | .out_bytes] | add')
# where a record says "foreign", its total is what TCP tells, with a header for each segment: that can be more
MOST=$(records_jq --argjson wanted "$WANTED" '$wanted * (if any(.[]; .incomplete_cause == "foreign") then 1.01 else 1 end) | floor')
tap_ok "$CASE_NAME: $GOT of $WANTED bytes" [ $((GOT <= MOST && GOT > WANTED * 99 / 100)) = 1 ]
case_clean

# conntrack passes over some RSTs that TCP takes: then its entry goes on, with what alice moved
case_begin 'an entry that is left'
world_in server iptables-legacy -t raw -A PREROUTING -p tcp --tcp-flags RST RST -j CT --notrack
world_in server iptables-legacy -t raw -A OUTPUT -p tcp --tcp-flags RST RST -j CT --notrack
rules_snapshot
client_hold "${FROM[@]}" "alice@$WORLD_SERVER4" "head -c $SIZE /dev/zero"
reset_connection
records_wait stop 1
await traffic_idle
case_begin 'an entry that is left, then bob'
client_ssh "${FROM[@]}" "bob@$WORLD_SERVER4" 'head -c 100000 /dev/zero' >/dev/null
records_wait stop 1
WANTED=$(yardstick_read "$WORLD_CLIENT4" | cut -d ' ' -f 3)
GOT=$(records_get stop out_bytes)
# an estimate, which may have what was sent twice; alice's are many more
tap_ok "$CASE_NAME: bob's bytes, about: $GOT of $WANTED" [ $((GOT > WANTED - 1000 && GOT < WANTED + SIZE / 4)) = 1 ]
tap_is "$CASE_NAME: it says that it may be wrong, and why" \
    "$(records_get stop complete) $(records_get stop incomplete_cause) $(records_get stop preauth_out_bytes)" 'false foreign null'
await traffic_idle
case_clean
tap_done
