#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Connections that netfilter sends elsewhere: REDIRECT to another port, DNAT to another address. The
# record has the addresses of the socket.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

world_enter "$@"
outside=10.77.0.9
world_in server ip addr add "$outside/16" dev "$WORLD_LINK"
world_in server iptables-legacy -t nat -A PREROUTING -d "$outside" -p tcp --dport 22 \
    -j DNAT --to-destination "$WORLD_SERVER4:2222"
world_in server iptables-legacy -t nat -A PREROUTING -p tcp --dport 22 -j REDIRECT --to-ports 2222
world_in server ip6tables-legacy -t nat -A PREROUTING -p tcp --dport 22 -j REDIRECT --to-ports 2222
traffic_install
sshd_start Port=2222

case_begin 'REDIRECT, IPv4'
tap_is "$CASE_NAME: the data came" \
    "$(client_ssh "alice@$WORLD_SERVER4" 'head -c 1000000 /dev/zero' | wc -c)" 1000000
case_end user=alice family=ipv4 "local_addr=$WORLD_SERVER4" local_port=2222

case_begin 'REDIRECT, IPv6' "$WORLD_CLIENT6"
tap_is "$CASE_NAME: the data came" \
    "$(client_ssh "alice@$WORLD_SERVER6" 'head -c 1000000 /dev/zero' | wc -c)" 1000000
case_end user=alice family=ipv6 "local_addr=$WORLD_SERVER6" local_port=2222

case_begin 'DNAT'
tap_is "$CASE_NAME: the data came" \
    "$(client_ssh "alice@$outside" 'head -c 1000000 /dev/zero' | wc -c)" 1000000
case_end user=alice family=ipv4 "local_addr=$WORLD_SERVER4" local_port=2222

tap_done
