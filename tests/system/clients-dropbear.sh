#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Dropbear's client: commands, data both ways, a forward, and killed with data in flight.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/clients.sh
. "$(dirname "$0")/../lib/clients.sh"

clients_need dbclient dropbearconvert socat
world_enter "$@"
traffic_install
keys_user rsa rsa 2048
sshd_start
host=$WORLD_SERVER4
head -c 2000000 /dev/urandom >"$WORLD/files/big"
mkdir -m 700 "$WORLD/home/root/.ssh"
# without a comment: dbclient takes that for a part of the key
read -r type blob _ <"$WORLD/keys/host.pub"
printf '%s %s %s\n' "$host" "$type" "$blob" >"$WORLD/home/root/.ssh/known_hosts"
for key in id rsa; do
    dropbearconvert openssh dropbear "$WORLD/keys/$key" "$WORLD/keys/$key.dropbear" 2>>"$WORLD/spawned"
done

# dropbear [ARG...] [COMMAND]: its banner and its warnings are not ours
dropbear() {
    clients_run dbclient -i "$WORLD/keys/${KEY:-id}.dropbear" -l alice "$@" 2>>"$WORLD/spawned"
}

for key in id rsa; do
    case_begin "dbclient, key $key"
    tap_is "$CASE_NAME: it ran" "$(KEY=$key dropbear "$host" 'id -un' </dev/null)" alice
    case_end user=alice auth_method=publickey "auth_key=$(keys_fingerprint "$key")"
done

case_begin 'dbclient, data both ways'
dropbear "$host" cat <"$WORLD/files/big" >"$WORLD/files/back"
tap_ok "$CASE_NAME: the data came back" cmp "$WORLD/files/big" "$WORLD/files/back"
case_end user=alice

case_begin 'dbclient, a forward'
world_spawn world_in server socat TCP-LISTEN:7000,bind=127.0.0.1,reuseaddr,fork EXEC:cat
await clients_listen server 7000
clients_background dbclient -N -i "$WORLD/keys/id.dropbear" -L 127.0.0.1:9000:127.0.0.1:7000 "alice@$host"
await clients_listen client 9000
world_in client socat -t 30 - TCP:127.0.0.1:9000 <"$WORLD/files/big" >"$WORLD/files/back"
tap_ok "$CASE_NAME: the data came back" cmp "$WORLD/files/big" "$WORLD/files/back"
kill "$WORLD_PID"
case_end user=alice

# the server still sends when the client is gone: its kernel answers with resets
case_begin 'dbclient, killed'
clients_background dbclient -i "$WORLD/keys/id.dropbear" "alice@$host" 'cat /dev/zero'
syslog_wait 'Starting session'
kill -KILL "$WORLD_PID"
case_end user=alice

tap_done
