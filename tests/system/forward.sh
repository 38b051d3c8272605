#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Forwarded ports: what flows through -L and -R belongs to the SSH connection.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

listens() {
    world_in "$1" ss -Hltn "sport = :$2" | grep -q .
}

# serve SIDE PORT: an echo service on that side's loopback
serve() {
    world_spawn world_in "$1" socat "TCP-LISTEN:$2,bind=127.0.0.1,reuseaddr,fork" EXEC:cat
    await listens "$1" "$2"
}

# echoed SIDE PORT: the file goes there and comes back
echoed() {
    world_in "$1" socat -t 30 - "TCP:127.0.0.1:$2" <"$WORLD/files/big" >"$WORLD/files/back" &&
        cmp "$WORLD/files/big" "$WORLD/files/back"
}

world_enter "$@"
traffic_install
sshd_start
head -c 3000000 /dev/urandom >"$WORLD/files/big"
serve server 7000
serve client 7001

case_begin 'a local forward'
world_spawn client_ssh -N -L 127.0.0.1:9000:127.0.0.1:7000 "alice@$WORLD_SERVER4"
await listens client 9000
tap_ok "$CASE_NAME: the data came back" echoed client 9000
client_kill
case_end user=alice

case_begin 'a remote forward'
world_spawn client_ssh -N -R 127.0.0.1:9001:127.0.0.1:7001 "alice@$WORLD_SERVER4"
await listens server 9001
tap_ok "$CASE_NAME: the data came back" echoed server 9001
client_kill
case_end user=alice

tap_done
