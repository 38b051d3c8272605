#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A socket that is bound to an interface (BindToDevice= of ssh.socket, a VRF, link-local addresses): it is
# looked for there. One with the same addresses and port on another interface is somebody else's.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# reaps that come late find the session alive
lives() {
    traffic_reap
    records_age 120
    traffic_reap
    tap_is "$CASE_NAME: it lives" "$(records_count start) $(records_count stop)" '1 0'
}

# stays on the other link, and logs nobody in
stranger() {
    world_in client socat - "TCP6:[fe80::1%$WORLD_LINK]:22,bind=[fe80::2%$WORLD_LINK]:40022" <"$WORLD/files/never" \
        >"$WORLD/stranger" 2>&1
}

world_enter "$@"
traffic_install
sshd_configure
socat_listener="TCP4-LISTEN:22,so-bindtodevice=$WORLD_LINK,reuseaddr,fork"
sshd_exec socat "$socat_listener" "EXEC:$SSHD_BINARY -i -f $WORLD/sshd_config,nofork" &
SSHD_LISTENER=$!
await sshd_has_port 22

case_begin 'sshd behind a listener that is bound to an interface'
pump_begin "alice@$WORLD_SERVER4"
pump 300000
lives
pump 1000000
pump_end
case_end user=alice
sshd_stop

sshd_start
ip netns add "client2-$WORLD_ID"
# higher in number than the other link, which would be looked at first
ip link add aother netns "server-$WORLD_ID" type veth peer name aother netns "client2-$WORLD_ID"
world_in server ip link set aother up
world_in client2 ip link set aother up
for link in aother "$WORLD_LINK"; do
    world_in server ip -6 addr add fe80::1/64 dev "$link" nodad
done
world_in client ip -6 addr add fe80::2/64 dev "$WORLD_LINK" nodad
world_in client2 ip -6 addr add fe80::2/64 dev aother nodad
case_begin 'the same addresses and port on two links'
pump_begin -o "ProxyCommand=nsenter --net=/run/netns/client2-$WORLD_ID socat - \
    TCP6:[fe80::1%%aother]:22,bind=[fe80::2%%aother]:40022" alice@server
pump 300000
mkfifo "$WORLD/files/never"
world_spawn stranger
exec 8>"$WORLD/files/never"
await grep -q SSH "$WORLD/stranger"
lives
exec 8>&- 7>&-
client_kill
records_wait stop 1
await traffic_idle
tap_is "$CASE_NAME: one start, one stop" "$(records_count start) $(records_count stop)" '1 1'
# rules and conntrack know no interface: they have what the stranger moved, too
tap_ok "$CASE_NAME: nothing is lost" [ "$(records_jq '.[] | select(.event == "stop") | .in_bytes')" -ge 300000 ]
tap_done
