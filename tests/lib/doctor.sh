# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic doctor, asked and believed.
#
#   doctor [OPTION...]                what it says, in the server's namespace: get, and WORLD/out; STATUS
#   DOCTOR_OPTIONS                    options that it is always given
#   get CHECK KEY                     of that
#   sick CHECK STATUS [FINDING [EXIT]]  a case: what it says now
#   well CHECK                        a case: the check passes
#   mend CHECK                        a case: the command that it names is run, and then the check passes

# shellcheck disable=SC2119,SC2120  # options of doctor are seldom given
DOCTOR_OPTIONS=()
DOCTOR_PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin

doctor() {
    world_in server env -i LC_ALL=C "$PAM_TRAFFIC_CLI" doctor --json "${DOCTOR_OPTIONS[@]}" "$@" >"$WORLD/out" 2>"$WORLD/err" </dev/null
    STATUS=$?
    answers
}

# a line for each key of each check: jq is slow to start
answers() {
    jq -r '.check as $check | to_entries[] | "\($check) \(.key) \(.value)"' "$WORLD/out" >"$WORLD/answers"
}

get() {
    sed -n "s/^$1 $2 //p" "$WORLD/answers"
}

sick() {
    local exit=${4:-0}

    [ "$2" != fail ] || exit=1
    doctor
    tap_is "$1: $2${3:+: $3}" "$(get "$1" status) $STATUS" "$2 $exit"
    [ -z "${3:-}" ] || tap_ok "$1: says so" grep -q -e "$3" <<<"$(get "$1" finding)"
}

well() {
    doctor
    tap_is "$1: pass" "$(get "$1" status)" pass
    [ "$(get "$1" status)" = pass ] || tap_diag "$(cat "$WORLD/out")"
}

mend() {
    local command

    command=$(get "$1" mend)
    world_in server env -i PATH="$WORLD/bin:$DOCTOR_PATH" bash -c "$command" >>"$WORLD/spawned" 2>&1 </dev/null ||
        tap_diag "$1: failed: $command"
    well "$1"
}
