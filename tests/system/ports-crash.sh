#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A reap is killed at each of its steps while something has moved on sshd's port. Each record is in the log
# once, none is missing, and their sum is the client's.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/ports.sh
. "$HARNESS_LIB/ports.sh"

STEPS_MOST=200
: "${PAM_TRAFFIC_KILL_AT:=}"

# killed N: a reap that dies at step N
killed() {
    world_in server env -i ASAN_OPTIONS=detect_leaks=0 "$PAM_TRAFFIC_KILL_AT" "$1" "$WORLD/report" \
        "$PAM_TRAFFIC_HELPER" reap --config "$TRAFFIC_CONFIG" >>"$WORLD/spawned" 2>&1
}

# something moves, then a reap dies, at its first step, at its second ...; another follows
every_step() {
    local n

    for n in $(seq $STEPS_MOST); do
        ports_scan "$WORLD_CLIENT4"
        killed "$n"
        if grep -q '^unharmed' "$WORLD/report"; then
            tap_pass 'every step was reached'
            tap_diag "$((n - 1)) steps"
            return
        fi
        traffic_reap
    done
    tap_fail 'every step was reached' "$(cat "$WORLD/report")"
}

world_enter "$@"
[ -n "$PAM_TRAFFIC_KILL_AT" ] || tap_bail 'PAM_TRAFFIC_KILL_AT is not set: run this by meson test --suite system'
traffic_install
ports_begin
sshd_start
yardstick_zero

every_step
ports_exact 'reaps that were killed'
tap_is 'reaps that were killed: all of it is there' "$(ports_jq 'map(.complete) | unique | join(" ")')" true
tap_is 'reaps that were killed: one account' "$(ports_jq 'map(.session) | unique | length')" 1

tap_is 'no helper is left' "$(traffic_helpers)" ''
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
