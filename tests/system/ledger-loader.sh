#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What loads the programs of the users' ledger is killed at each of its steps: what it leaves is taken away by teardown, or
# mended by the next setup. Several setups at once, and one beside a teardown, leave what counts or nothing.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

REPORT=$WORLD/kill.report
WHOLE='excluded link_create link_in link_out lost owners rows sockets state subordinates'

# pins    what is there, or nothing
pins() {
    find /sys/fs/bpf -mindepth 1 ! -name '*.debug' -printf '%f\n' | sort | xargs
}

# counts    how many packets of one that alice sends are in the rows
counts() {
    local before

    before=$(sent)
    ledger_as alice perl -MSocket -e 'socket S, PF_INET, SOCK_DGRAM, 0; send S, "x", 0, sockaddr_in(7001, inet_aton($ARGV[0])) or die' \
        "$WORLD_CLIENT4"
    echo $(($(sent) - before))
}

sent() {
    ledger_rows '$2 == 20001 { sum += $9 } END { print sum + 0 }'
}

# killed    each step of the loader, from nothing, and then COMMAND...
killed() {
    local n

    for ((n = 1; n < 300; n++)); do
        ledger_at_root ASAN_OPTIONS=detect_leaks=0 "$PAM_TRAFFIC_KILL_AT" "$n" "$REPORT" "$PAM_TRAFFIC_LEDGER_PATH" >>"$WORLD/spawned" 2>&1
        if grep -q '^unharmed' "$REPORT"; then
            tap_diag "$((n - 1)) steps"
            return
        fi
        "$@" "$n"
    done
    return 1
}

world_enter "$@"
traffic_install
ledger_install

left=
gone() {
    traffic_teardown 2>>"$WORLD/spawned"
    [ -z "$(pins)" ] || left+=" $1"
}
traffic_teardown 2>>"$WORLD/spawned"
tap_is 'teardown takes all of it away' "$(pins)" ''
tap_ok 'a loader that is killed: each step was reached' killed gone
tap_is 'a loader that is killed: teardown takes away what it left, at each step' "$left" ''

deaf=
mended() {
    [ "$(counts)" = 1 ] || deaf+=" $1"
}
tap_ok 'killed while it replaces its programs: each step was reached' killed mended
tap_is 'killed while it replaces its programs: they count, at each step' "$deaf" ''

bad=
for n in 1 2 3 4; do
    traffic_teardown 2>>"$WORLD/spawned"
    setups=()
    for _ in 1 2 3; do
        ledger_setup 2>>"$WORLD/spawned" &
        setups+=("$!")
    done
    wait "${setups[@]}"
    [ "$(pins) $(counts)" = "$(echo "pam_traffic $WHOLE" | xargs -n 1 | sort | xargs) 1" ] || bad+=" $n: $(pins)"
done
tap_is 'three setups at once: they count' "$bad" ''

for n in 1 2 3 4; do
    ledger_setup 2>>"$WORLD/spawned" &
    setups=("$!")
    traffic_teardown 2>>"$WORLD/spawned" &
    setups+=("$!")
    wait "${setups[@]}"
    [ -z "$(pins)" ] || [ "$(counts)" = 1 ] || bad+=" $n: $(pins)"
done
tap_is 'a setup beside a teardown: they count, or are gone' "$bad" ''

tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
