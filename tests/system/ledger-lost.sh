#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The users' ledger where the kernel has no room for one more row: what finds none is counted as unknown, exactly. A row
# that is there counts on. Nobody knows whose those packets were, so nobody's totals are said to be complete.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/doctor.sh
. "$HARNESS_LIB/doctor.sh"

PAM_TRAFFIC_LEDGER=${PAM_TRAFFIC_LEDGER_SMALL:-}

# move USER    one datagram
move() {
    ledger_as "$1" perl "$LEDGER_PEERS" send "$WORLD_CLIENT4" 9 1 72
}

# said USER    what the last record since the mark says
said() {
    ledger_last ".uid == $1" complete incomplete_cause
}

world_enter "$@"
traffic_install
ledger_install
DOCTOR_OPTIONS=(--config "$TRAFFIC_CONFIG")

# root is who asks
for user in 0 20001 20004; do
    move "$user"
done
ledger_begin 4 tcp
tcp=$LEDGER_PORT
ledger_begin 4 udp
# those of logins that are over, as a reap finds them
tap_ok 'many logins: it flowed' world_in server "$PAM_TRAFFIC_LEDGER_TOOL" sessions 20002 13
tap_is 'no row is free any more' "$(ledger_rows | wc -l)" 16
well users-ledger

ledger_serving 20005 echo "$WORLD_SERVER4" "$LEDGER_PORT" 100
tap_ok 'who finds no row: it flowed' ledger_asks ask "$WORLD_SERVER4" "$LEDGER_PORT" 100 1000
wait "$LEDGER_SERVING"
ledger_serving alice serve "$WORLD_SERVER4" "$tcp" 5 200000
tap_ok 'who has a row: it flowed' ledger_asks connect "$WORLD_SERVER4" "$tcp" 5 300000
wait "$LEDGER_SERVING"
tap_is 'who finds no row has none' "$(ledger_rows '$2 == 20005')" ''
sick users-ledger warn '^packets that found no memory, and are counted as unknown: 200$' 1
tap_is 'the report: of alice, bytes may be missing' "$(world_in server "$PAM_TRAFFIC_CLI" report --ledger users --by user --json --config "$TRAFFIC_CONFIG" |
    jq -r '.rows[] | select(.user == "alice") | .incomplete')" 1

tap_is 'what found no row is unknown, and all of it is there' "$(ledger_read_once 'select(.socket_owner == "unknown")')" \
    "$(yardstick_port_read "p$LEDGER_PORT")"
tap_is 'alice may miss it' "$(said 20001)" 'false lost'
ledger_exact 'a row that is there counts on' alice "p$tcp"
tap_is 'what the others had is there' "$(ledger_read 'select(.user == "bob")' | cut -d ' ' -f 4)" 13
move 20001
tap_is 'alice: said once' "$(said 20001)" 'true null'
move 20004
tap_is 'who moves only later says it, too' "$(said 20004)" 'false lost'
# the rows of logins that are over have ended meanwhile
move 20005
tap_is 'and the first record of who gets a row then' "$(ledger_last '.uid == 20005' seq complete incomplete_cause)" '0 false lost'
tap_is 'nothing more is lost' "$(ledger_read 'select(.socket_owner == "unknown")')" "$(yardstick_port_read "p$LEDGER_PORT")"

tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
