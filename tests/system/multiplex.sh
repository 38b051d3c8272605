#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One connection for many commands (ControlMaster): one start, one stop, all of the traffic.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

world_enter "$@"
traffic_install
sshd_start
host=alice@$WORLD_SERVER4
mux=(-S "$WORLD/mux" "$host")

master_is_up() {
    client_ssh -O check "${mux[@]}" 2>/dev/null
}

case_begin 'three commands'
world_spawn client_ssh -o ControlMaster=yes -N "${mux[@]}"
await master_is_up
tap_ok "$CASE_NAME: first" client_ssh "${mux[@]}" true
tap_is "$CASE_NAME: second" "$(client_ssh "${mux[@]}" 'head -c 3000000 /dev/zero' | wc -c)" 3000000
tap_is "$CASE_NAME: third" "$(head -c 3000000 /dev/zero | client_pipe "${mux[@]}" 'wc -c')" 3000000
tap_is "$CASE_NAME: no stop while the connection is up" "$(records_count stop)" 0
tap_is "$CASE_NAME: sshd saw one login" "$(syslog_accepted user)" alice
client_ssh -q -O exit "${mux[@]}" 2>/dev/null
case_end user=alice

tap_done
