#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `sshd -i` behind a dual-stack super-server, as socket activation does it: an IPv4 client's socket
# is an IPv6 socket with a v4-mapped address, and netfilter files it under IPv4.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

world_enter "$@"
traffic_install
sshd_super 22

for user in alice root; do
    case_begin "IPv4 client, $user"
    tap_is "$CASE_NAME: the data came" \
        "$(client_ssh "$user@$WORLD_SERVER4" 'head -c 1000000 /dev/zero' | wc -c)" 1000000
    case_end "user=$user" family=ipv4 "local_addr=$WORLD_SERVER4" local_port=22
done

case_begin 'IPv4 client, looked at'
client_hold "alice@$WORLD_SERVER4" ''
world_in server ss -Htn6 state established 'sport = :22' >"$WORLD/files/sockets"
tap_ok "$CASE_NAME: the socket is v4-mapped" grep -q -F "::ffff:$WORLD_SERVER4" "$WORLD/files/sockets"
client_release
case_end family=ipv4

case_begin 'IPv6 client' "$WORLD_CLIENT6"
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER6" true
case_end user=alice family=ipv6 "local_addr=$WORLD_SERVER6"

tap_done
