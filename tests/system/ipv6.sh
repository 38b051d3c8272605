#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same over IPv6.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

world_enter "$@"
traffic_install
sshd_start
host=alice@$WORLD_SERVER6
head -c 20000000 /dev/urandom >"$WORLD/files/big"

case_begin 'true' "$WORLD_CLIENT6"
tap_ok "$CASE_NAME: login" client_ssh "$host" true
case_end user=alice family=ipv6 "local_addr=$WORLD_SERVER6" local_port=22 "rhost=$WORLD_CLIENT6"

case_begin 'data out' "$WORLD_CLIENT6"
tap_is "$CASE_NAME: the data came" "$(client_ssh "$host" 'head -c 5000000 /dev/zero' | wc -c)" 5000000
case_end family=ipv6

case_begin 'sftp put and get' "$WORLD_CLIENT6"
client_sftp "alice@[$WORLD_SERVER6]" >/dev/null <<END
put $WORLD/files/big copy
get copy $WORLD/files/back
END
tap_ok "$CASE_NAME: the file came back" cmp "$WORLD/files/big" "$WORLD/files/back"
case_end family=ipv6

tap_done
