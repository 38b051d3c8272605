#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# users = no: the next reap, setup or teardown takes away what counted, whatever came before it, and records it once. What
# another configuration keeps stays. Where the pins cannot be removed, nothing is read or recorded, and nothing is lost.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

PINS=/sys/fs/bpf/pam_traffic
OTHER=$WORLD/other.conf
SEND='socket S, PF_INET, SOCK_DGRAM, 0; send S, "x" x 72, 0, sockaddr_in(7001, inet_aton($ARGV[0])) or die'

# one datagram of alice's
move() {
    ledger_as alice perl -MSocket -e "$SEND" "$WORLD_CLIENT4"
}

moved() {
    ledger_since | jq -s 'map(select(.uid == 20001) | .delta_out_bytes) | add // 0'
}

keeps() {
    traffic_configure users="$1" interim_interval=1us
}

# begin NAME    the ledger, which no reap has seen yet
begin() {
    keeps yes
    traffic_teardown 2>>"$WORLD/spawned"
    rm -rf "$RECORDS_STATE/users" "$RECORDS_STATE/users.db"
    LEDGER_FROM=$(($(ledger_all | wc -l) + 1))
    tap_ok "$1: setup" ledger_setup
    move
}

# of another configuration: VERB [users]
other() {
    printf 'log_file = %s\nstate_dir = %s\nusers = %s\n' "$WORLD/other/log" "$WORLD/other/state" "${2:-no}" >"$OTHER"
    ledger_at_root "$PAM_TRAFFIC_HELPER_PATH" "$1" --config "$OTHER" 2>>"$WORLD/spawned"
}

# as in a unit with ProtectKernelTunables=
read_only() {
    # shellcheck disable=SC2016  # the inner shell's
    unshare --mount -- "$BASH" -c 'mount -o bind,ro /sys/fs/bpf /sys/fs/bpf && exec "$@"' - "$@"
}

pins() {
    find "$PINS" -printf '%p %i\n' 2>&1 | sort
}

world_enter "$@"
traffic_install
ledger_install
mkdir -p "$WORLD/other"

for verb in reap setup teardown; do
    for before in 'no reap' 'a reap' 'damaged accounts'; do
        name="$verb after $before"
        begin "$name"
        [ "$before" = 'no reap' ] || traffic_reap
        [ "$before" != 'damaged accounts' ] || printf nonsense >"$RECORDS_STATE/users/accounts.json"
        move
        keeps no
        tap_ok "$name: it can" ledger_at_root "$PAM_TRAFFIC_HELPER_PATH" "$verb" --config "$TRAFFIC_CONFIG" 2>>"$WORLD/spawned"
        tap_not "$name: nothing is pinned" test -e "$PINS"
        case $before in
        # what the log has of the rows must not come again, so what came after that is lost with the accounts
        damaged*) tap_is "$name: nothing is recorded twice" "$(moved)" 100 ;;
        *)
            tap_is "$name: all is recorded" "$(moved)" 200
            tap_is "$name: and complete" "$(ledger_since | jq -s 'all(.[]; .complete)')" true
            ;;
        esac
        tap_is "$name: the log says that users are not counted any more" \
            "$(grep -aoE '"event":"users-[a-z]*"' "$RECORDS_LOG" | tail -n 1)" '"event":"users-off"'
        lines=$(ledger_all | wc -l)
        move
        traffic_reap
        tap_is "$name: another reap has nothing to record" "$(ledger_all | wc -l)" "$lines"
    done
done

# what a loader that was killed has left counts for nobody, and nothing else tells of it
for verb in reap setup teardown; do
    begin "$verb after a killed loader"
    mv "$PINS" "${PINS}_new"
    rm -rf "$RECORDS_STATE/users"
    keeps no
    tap_ok "$verb after a killed loader: it can" ledger_at_root "$PAM_TRAFFIC_HELPER_PATH" "$verb" --config "$TRAFFIC_CONFIG" \
        2>>"$WORLD/spawned"
    tap_not "$verb after a killed loader: nothing is pinned" test -e "${PINS}_new"
done

# of another one, which keeps it
begin 'another configuration'
before=$(pins)
for when in 'before the first reap' 'after it'; do
    for verb in setup reap teardown; do
        other "$verb"
        tap_is "another configuration's $verb, $when: the pins stay" "$(pins)" "$before"
    done
    traffic_reap
    move
done
traffic_reap
tap_is 'another configuration: what moved is recorded' "$(moved)" 300
# it was this one's before
other setup yes
keeps no
traffic_reap
tap_is 'another configuration has taken it over: the pins stay' "$(pins)" "$before"
other setup no
tap_not '... until that one does not keep it' test -e "$PINS"

# the BPF file system is read-only
begin 'read-only'
traffic_reap
keeps no
before=$(ledger_all | wc -l)
rows=$(ledger_rows | wc -l)
: >"$WORLD/reap"
for _ in 1 2 3; do
    move
    tap_ok 'read-only: a reap does not fail' read_only "$PAM_TRAFFIC_HELPER_PATH" reap --config "$TRAFFIC_CONFIG" 2>>"$WORLD/reap"
done
tap_is 'read-only: a line says what to do' "$(grep -c 'Read-only file system; run pam_traffic_helper setup' "$WORLD/reap")" 3
tap_is 'read-only: and there is no other' "$(grep -c . "$WORLD/reap")" 3
tap_is 'read-only: nothing is recorded' "$(ledger_all | wc -l)" "$before"
tap_is 'read-only: no row is removed' "$(ledger_rows | wc -l)" "$rows"
tap_not 'read-only: teardown says that it could not' \
    read_only "$PAM_TRAFFIC_HELPER_PATH" teardown --config "$TRAFFIC_CONFIG" 2>>"$WORLD/spawned"
tap_is 'read-only: ... and nothing is recorded either' "$(ledger_all | wc -l)" "$before"
keeps yes
traffic_reap
tap_is 'kept again: all is there' "$(moved)" 400
tap_is 'kept again: and complete' "$(ledger_since | jq -s 'all(.[]; .complete)')" true
keeps no
traffic_reap
tap_not 'and the next reap that can takes it away' test -e "$PINS"

tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
