#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A reap is killed at each of its steps while users have moved something, with a login and without. Each record of the
# users' ledger is in the log once, none is missing, and their sum is what the peer counted. So it is where the log is away
# meanwhile, and where the accounts are.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/kill.sh
. "$HARNESS_LIB/kill.sh"

SEND='socket S, PF_INET, SOCK_DGRAM, 0; send S, "x" x 72, 0, sockaddr_in(7001, inet_aton($ARGV[0])) or die'

# one datagram of alice's that is of no login, and one of a login that is over at once
move() {
    ledger_as alice perl -MSocket -e "$SEND" "$WORLD_CLIENT4"
    world_in server "$PAM_TRAFFIC_LEDGER_TOOL" session setpriv --reuid=alice --regid=alice --clear-groups -- \
        perl -MSocket -e "$SEND" "$WORLD_CLIENT4"
}

# interrupt    as if something had been detached, and attached again, since the last reap
INTERRUPTED=0
interrupt() {
    sed -i 's/"since":[0-9]*/"since":1/' "$RECORDS_STATE/users/accounts.json"
    INTERRUPTED=$((INTERRUPTED + 1))
}

# interrupted NAME    the log has two marks for each such time, once
interrupted() {
    tap_is "$1: the log has when users were not counted, once" \
        "$(grep -aoE '"event":"users-(on|off)"' "$RECORDS_LOG" | uniq -c | awk '{ print $1 }' | sort | uniq -c | tr -s ' ')" \
        " $((2 * INTERRUPTED + 1)) 1"
}

# By the uid: the child that a reap asks for names cannot write where its parent is traced (kill_at.c).
# all NAME: all that was moved so far is recorded, once
all() {
    local wanted

    read -r _ _ _ wanted < <(yardstick_port_read moved)
    tap_is "$1: all of it is there, once" "$(ledger_read 'select(.uid == 20001)')" "0 0 $((wanted * 100)) $wanted"
    tap_is "$1: no record is there twice" "$(ledger_all | jq -s 'length - (unique_by([.session, .seq]) | length)')" 0
    tap_is "$1: no account has a gap" "$(ledger_all | jq -s '[ group_by(.session)[] | select(map(.seq) != [range(length)]) ] | length')" 0
}

world_enter "$@"
traffic_install
ledger_install
yardstick_port moved 4 udp remote 7001

kill_each_reap move
all 'reaps that were killed'
# the row of a login that is over is removed before that is saved: who is killed in between cannot know what it had last
tap_ok 'reaps that were killed: few records say that something may be missing' \
    [ "$(ledger_all | jq -s 'map(select(.complete | not)) | length')" -le 3 ]

kill_each_reap interrupt
interrupted 'reaps that were killed'

# the log cannot be written for a while
mv "$RECORDS_LOG" "$RECORDS_LOG.kept"
mkdir "$RECORDS_LOG"
for _ in 1 2 3; do
    move
    interrupt
    traffic_reap
done
rmdir "$RECORDS_LOG"
mv "$RECORDS_LOG.kept" "$RECORDS_LOG"
all 'the log was away'
interrupted 'the log was away'

# missing WHEN    what the log has of alice since line FROM says at once that bytes may be missing, though she moved nothing
missing() {
    tap_is "$1: her records say at once that bytes may be missing" \
        "$(ledger_all | tail -n "+$FROM" | jq -s -c 'map(select(.uid == 20001)) | [length > 0, all(.[]; .complete == false and .in_bytes == 0
            and .out_bytes == 0 and .seq == 0)]')" '[true,true]'
    tap_is "$1: one line says it" "$(grep -c "^pam_traffic_helper: users' ledger: .*/users/accounts.json $2: what was not recorded by then is lost; " "$WORLD/reap") $(wc -l <"$WORLD/reap")" '1 1'
    : >"$WORLD/reap"
    FROM=$(($(ledger_all | wc -l) + 1))
    traffic_reap
    tap_is "$1: and that once" "$(ledger_all | tail -n "+$FROM") $(cat "$WORLD/reap")" ' '
}

# the accounts are damaged, or gone: what is in the log does not come again
read -r _ _ before _ < <(ledger_read 'select(.uid == 20001)')
FROM=$(($(ledger_all | wc -l) + 1))
: >"$WORLD/reap"
printf nonsense >"$RECORDS_STATE/users/accounts.json"
traffic_reap
tap_is 'damaged accounts are set aside' "$(cat "$RECORDS_STATE/users/accounts.json.damaged")" nonsense
missing 'damaged accounts' 'was damaged, and is accounts.json.damaged now'
tap_is 'damaged accounts: nothing counts twice' "$(ledger_read 'select(.uid == 20001)' | cut -d ' ' -f 3)" "$before"
move
traffic_reap
tap_is 'damaged accounts: what comes then is counted' "$(ledger_read 'select(.uid == 20001)' | cut -d ' ' -f 3)" $((before + 200))
rm -r "$RECORDS_STATE/users"
FROM=$(($(ledger_all | wc -l) + 1))
: >"$WORLD/reap"
traffic_reap
missing 'no accounts' 'is gone'
tap_is 'no accounts: nothing counts twice' "$(ledger_read 'select(.uid == 20001)' | cut -d ' ' -f 3)" $((before + 200))

# of another map, as after a reboot: nothing of its rows is in the log, but of the accounts before something may be missing
traffic_teardown 2>>"$WORLD/spawned"
ledger_setup
printf nonsense >"$RECORDS_STATE/users/accounts.json"
LEDGER_FROM=$(($(ledger_all | wc -l) + 1))
move
tap_is 'damaged accounts of another map: what came since is recorded, and that bytes may be missing' \
    "$(ledger_read 'select(.uid == 20001)' | cut -d ' ' -f 3) $(ledger_since | jq -s 'map(select(.uid == 20001) | .complete) | any')" \
    '200 false'

tap_is 'no helper is left' "$(traffic_helpers)" ''
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
