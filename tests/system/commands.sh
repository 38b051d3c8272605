#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Single commands: no data, data out, data in, both at once, a terminal; with every field of the
# record that is known from outside.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

world_enter "$@"
traffic_install
sshd_start
host=alice@$WORLD_SERVER4
head -c 5000000 /dev/urandom >"$WORLD/files/big"

# the session tells what the kernel calls it
case_begin 'true'
audit_session=$(client_ssh "$host" 'cat /proc/self/sessionid')
case_end service=sshd user=alice uid=20001 "rhost=$WORLD_CLIENT4" family=ipv4 \
    "local_addr=$WORLD_SERVER4" local_port=22 auth_method=publickey "auth_key=$(keys_fingerprint id)" \
    "audit_session=$audit_session" login_session=c42 excluded=false 'stop.terminate_cause=User-Request|Admin-Reset'

case_begin 'data out'
tap_is "$CASE_NAME: the data came" "$(client_ssh "$host" 'head -c 5000000 /dev/zero' | wc -c)" 5000000
case_end user=alice

case_begin 'data in'
tap_is "$CASE_NAME: the data came" \
    "$(client_pipe "$host" sha256sum <"$WORLD/files/big")" "$(sha256sum <"$WORLD/files/big")"
case_end user=alice

case_begin 'data both ways'
client_pipe "$host" cat <"$WORLD/files/big" >"$WORLD/files/back"
tap_ok "$CASE_NAME: the data came back" cmp "$WORLD/files/big" "$WORLD/files/back"
case_end user=alice

case_begin 'a terminal'
client_ssh -tt "$host" 'tty; seq 10000' >/dev/null
case_end user=alice

case_begin 'a command that fails'
client_ssh "bob@$WORLD_SERVER4" 'exit 7'
tap_is "$CASE_NAME: its status comes through" $? 7
case_end user=bob uid=20002

tap_done
