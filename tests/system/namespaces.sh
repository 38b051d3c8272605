#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sshd in two network namespaces with the same addresses, and one state folder: a session of the one is not
# touched by a login from the same port in the other, nor by a reap there.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

FROM=(-o "ProxyCommand=socat - TCP:%h:%p,sourceport=40022,reuseaddr")

# a client of the other namespace
other() {
    world_in client2 ssh -F "$WORLD/ssh_config" "${CLIENT_IDENTITY[@]}" "${FROM[@]}" "$@" </dev/null
}

# alice's session
over() {
    records_since | grep '"event":"stop"' | grep -q '"user":"alice"'
}

listens() {
    world_in server2 ss -Hltn 'sport = :22' | grep -q .
}

world_enter "$@"
mkfifo "$WORLD/files/stay"
traffic_install
sshd_start
ip netns add "server2-$WORLD_ID"
ip netns add "client2-$WORLD_ID"
ip link add v2 netns "server2-$WORLD_ID" type veth peer name v2 netns "client2-$WORLD_ID"
world_in server2 ip addr add "$WORLD_SERVER4/16" dev v2
world_in client2 ip addr add "$WORLD_CLIENT4/16" dev v2
world_in server2 ip link set v2 up
world_in client2 ip link set v2 up
world_in server2 env -i "$PAM_TRAFFIC_HELPER_PATH" setup --config "$TRAFFIC_CONFIG"
world_exec server2 env -i "${SSHD_ENV[@]}" "$SSHD_BINARY" -D -f "$WORLD/sshd_config" -o PidFile=none \
    >>"$WORLD/sshd.err" 2>&1 </dev/null &
OTHER=$!
await listens

# bob's rules stay there: he stops his sshd, and his client resets
client_configure
records_mark
world_in client2 ssh -F "$WORLD/ssh_config" "${CLIENT_IDENTITY[@]}" "${FROM[0]}" "${FROM[1]},linger=0" \
    "bob@$WORLD_SERVER4" 'echo $PPID >~/sshd; cat' <"$WORLD/files/stay" >"$WORLD/held" 2>>"$WORLD/spawned" &
exec 8>"$WORLD/files/stay"
records_wait start 1
await test -s "$WORLD/home/bob/sshd"
kill -STOP "$(<"$WORLD/home/bob/sshd")"
pkill -KILL -x socat
exec 8>&-
client_kill KILL

case_begin 'in one namespace'
pump_begin "${FROM[@]}" "alice@$WORLD_SERVER4"
pump 300000
other "bob@$WORLD_SERVER4" 'head -c 100000 /dev/zero' >/dev/null
records_wait stop 1
tap_is "$CASE_NAME: bob's in the other is complete" \
    "$(records_jq '.[] | select(.event == "stop") | "\(.user) \(.complete)"')" 'bob true'
world_in server2 env -i "$PAM_TRAFFIC_HELPER_PATH" reap --config "$TRAFFIC_CONFIG"
records_age 120
world_in server2 env -i "$PAM_TRAFFIC_HELPER_PATH" reap --config "$TRAFFIC_CONFIG"
tap_not "$CASE_NAME: alice's goes on" over
tap_is "$CASE_NAME: no rule of hers is made in the other" \
    "$(world_in server2 iptables-legacy-save | grep -c 40022)" 0
pump 300000
pump_end
await over
kill -CONT "$(<"$WORLD/home/bob/sshd")"
tap_is "$CASE_NAME: alice's bytes and packets are her client's" \
    "$(records_jq '.[] | select(.event == "stop" and .user == "alice") |
        "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets) \(.complete)"')" \
    "$(yardstick_read "$WORLD_CLIENT4") true"
kill "$OTHER"
await traffic_idle
case_clean
tap_done
