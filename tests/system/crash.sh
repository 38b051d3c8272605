#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Usage: crash.sh [ssh]    (ssh: the sessions are those of the real sshd; kill.sh)
#
# kill -9 at every step. The helper is killed at its first system call that changes something, at its
# second, and so on until it finishes: at open, at close, at both, in the reap that writes an interim
# record, in the one that ends a session, twice in that. However it went, each login works, and after the
# next reap each session has one start and one stop record, the client's numbers, and nothing left behind.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/kill.sh
. "$HARNESS_LIB/kill.sh"

declare -A sessions=()
all=()

# group NAME NETWORK VERB...: sessions for the steps 1, 2, 3 ... of step_NAME, which kills in VERBs
group() {
    local verb

    tap_ok "$1: every step was reached" kill_steps "$2" "step_$1"
    sessions[$1]=${KILL_STEPS[*]}
    all+=("${KILL_STEPS[@]}")
    for verb in "${@:3}"; do
        tap_diag "$1, ${#KILL_STEPS[@]} steps, killed in $verb at: $(kill_calls "$verb" "${KILL_STEPS[@]}")"
    done
}

step_open() {
    kill_plan "$1" open "$2"
    kill_login "$1"
    kill_finish "$1"
    ! kill_unharmed "$1" open
}

step_close() {
    kill_plan "$1" close "$2"
    kill_login "$1"
    kill_finish "$1"
    ! kill_unharmed "$1" close
}

step_both() {
    kill_plan "$1" open "$2"
    kill_plan "$1" close "$2"
    kill_login "$1"
    kill_finish "$1"
    ! { kill_unharmed "$1" open && kill_unharmed "$1" close; }
}

# a close that was killed before it could say so is waited for: by a reap that is killed, and the next one
unclosed() {
    kill_plan "$1" close 1
    kill_login "$1"
    kill_reap "$1" "$2"
    kill_reap "$1"
    kill_age "$1"
    kill_reap "$1" "$2"
}

step_reap() {
    local more=0

    unclosed "$1" "$2"
    kill_unharmed "$1" reap && more=1
    kill_reap "$1"
    return $more
}

step_twice() {
    local more=1

    unclosed "$1" "$2"
    kill_unharmed "$1" reap || more=0
    kill_reap "$1" "$2"
    kill_unharmed "$1" reap || more=0
    kill_reap "$1"
    return $more
}

step_interim() {
    local more=0

    printf 'interim_interval = 1us\n' >>"$KILL_FOLDER/$1.conf"
    kill_hold "$1"
    kill_reap "$1" "$2"
    kill_unharmed "$1" reap && more=1
    kill_release
    kill_reap "$1"
    return $more
}

# the first step at which the state was to become a file, when both were killed
unknown_until() {
    local addr

    for addr in ${sessions[both]}; do
        kill_report "$addr" "$1"
    done | awk '$4 == "renameat" { print $3; exit }'
}

world_enter "$@"
traffic_install
kill_place "${1:-load}"
yardstick_zero
records_mark

group interim 106 reap
group both 103 open close
group twice 105 reap
# sanitizers look at what is done, and that is the same when one is killed or both
if [ -z "$PAM_TRAFFIC_PRELOAD" ]; then
    group open 101 open
    group close 102 close
    group reap 104 reap
fi
tap_diag "${#all[@]} sessions"
tap_is 'every login works' "$(kill_failed)" ''

# Killed at open before there was a file: its close makes it up, or a reap of what the module left, and does not know
# what flowed before authentication.
unopened=$(unknown_until open)
tap_diag "killed at open: pre-auth traffic is not known up to step $unopened"
tap_is 'sessions' "$(records_jq 'map(.session) | unique | length')" ${#all[@]}
tap_is 'sessions whose pre-auth traffic is not known' \
    "$(records_jq 'map(select(.event == "stop" and .preauth_source == null)) | length')" \
    $((unopened + (${sessions[open]:+1} + 0) * unopened))

for name in "${!sessions[@]}"; do
    # shellcheck disable=SC2086  # lists
    tap_is "$name: one start, one stop, the client's numbers, no state" \
        "$(kill_results ${sessions[$name]})" "$(kill_wanted ${sessions[$name]})"
done
tap_is 'every record is as the contract says' "$(kill_complaints | grep -v ' preauth_[a-z_]* is null in ')" ''
tap_ok 'no rule is left' rules_same || tap_diag "$(rules_difference)"
tap_is 'no helper is left' "$(traffic_helpers)" ''
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
