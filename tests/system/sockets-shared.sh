#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets where several share a port: processes that listen on it together (SO_REUSEPORT), and
# receivers of multicast, whose group is the flow's local end.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

both_accepted() {
    [ -e "$SOCKETS_SIGNALS/one-accepted" ] && [ -e "$SOCKETS_SIGNALS/two-accepted" ]
}

# group NAME FAMILY GROUP PORT BIND: alice receives what bob sends to a group
group() {
    yardstick_port "$4" "$2" udp local "$4"
    sockets_agent alice server listen udp "$5" "$4" join "$3" "$WORLD_LINK" touch "$4-listens" collect 7 touch "$4-done" await end
    sockets_await "$4-listens"
    sockets_agent bob client connect udp "$3" "$4" datagrams 7 300 await end
    sockets_await "$4-done"
    sockets_exact_in "$1" ".local_port == $4" "$4"
    tap_is "$1: one row" "$(sockets_rows ".local_port == $4" '"\(.user) \(.proto) \(.state) \(.local) \(.remote)"')" \
        "alice udp unconnected $5 null"
    tap_is "$1: --by remote tells who sent it" \
        "$(sockets_jq '[.sums[] | .remote] | sort | join(" ")' --by remote --port "$4")" "$6"
}

# sockets_exact, for what only comes in
sockets_exact_in() {
    await sockets_agree "$2" "$3"
    tap_is "$1: bytes and packets are the peer's" "$(sockets_sum "$2")" "$(yardstick_port_read "$3")"
    tap_is "$1: seven packets" "$(sockets_sum "$2" | awk '{ print $2, $4 }')" '7 0'
}

sockets_enter "$@"
traffic_install

# who of the two gets a connection is the kernel's choice, by a hash: so many until both have one
yardstick_port 7001 4 tcp local 7001
for name in one two; do
    sockets_agent alice server reuse listen tcp 0.0.0.0 7001 touch "$name-listens" accept recv 1000 send 500 touch "$name-accepted" await end
    eval "$name=$WORLD_PID"
    sockets_await "$name-listens"
done
for ((i = 0; i < 40; i++)); do
    both_accepted && break
    sockets_agent bob client connect tcp "$WORLD_SERVER4" 7001 send 1000 touch "sent-$i" await end
    sockets_await "sent-$i"
done
await both_accepted
sockets_exact 'SO_REUSEPORT' '.local_port == 7001' 7001
# shellcheck disable=SC2154 # assigned by eval
tap_is 'SO_REUSEPORT: each connection is its own process'\''s' \
    "$(sockets_rows '.local_port == 7001 and .pid != null' '"\(.user) \(.pid) \(.state)"' | sort)" \
    "$(printf '%s\n' "alice $one established" "alice $two established" | sort)"
tap_is 'SO_REUSEPORT: both listen' \
    "$(sockets_rows '.local_port == 7001 and .state == "listen"' '"\(.user) \(.pid)"' --listen | sort)" \
    "$(printf '%s\n' "alice $one" "alice $two" | sort)"

world_in client ip route add 239.77.0.0/16 dev "$WORLD_LINK" src "$WORLD_CLIENT4"
group 'multicast, a wildcard socket' 4 239.77.0.5 7002 0.0.0.0 "$WORLD_CLIENT4"
group 'multicast, a socket of the group' 4 239.77.0.6 7003 239.77.0.6 "$WORLD_CLIENT4"
world_in client ip -6 route add ff05::77:0/112 dev "$WORLD_LINK" src "$WORLD_CLIENT6" table local
group 'multicast, IPv6' 6 ff05::77:5 7004 :: "$WORLD_CLIENT6"
sockets_adds_up 'the sum'
sockets_signal end
sockets_over
