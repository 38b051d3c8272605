#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kill -9 with the real sshd and ssh, six times: before and after the login was acknowledged, at the records, and
# in a reap. crash.sh does it at every step, with sessions that are cheaper.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/kill.sh
. "$HARNESS_LIB/kill.sh"

all=()

# session ADDR NAME VERB CALL: one whose helper dies at the first CALL of VERB
session() {
    kill_session "$1"
    kill_plan "$1" "$3" "$4"
    kill_login "$1"
    tap_ok "$2: killed" grep -q "^killed at .* $4\$" "$KILL_FOLDER/$1.$3.report"
    kill_finish "$1"
    all+=("$1")
}

# session_reaped ADDR NAME CALL: one that nobody closed, and the reap that ends it dies at the first CALL
session_reaped() {
    kill_session "$1"
    kill_plan "$1" close 1
    kill_login "$1"
    kill_reap "$1"
    kill_age "$1"
    kill_reap "$1" "$3"
    tap_ok "$2: killed" grep -q "^killed at .* $3\$" "$KILL_FOLDER/$1.reap.report"
    kill_reap "$1"
    all+=("$1")
}

world_enter "$@"
traffic_install
kill_place ssh
yardstick_zero
records_mark

session 10.77.101.1 'open, its state' open renameat
# for the rules, iptables alone takes a lock; with nftables they are there when the record comes
rules=flock
[ "$PAM_TRAFFIC_BACKEND" != nftables ] || rules=writev
session 10.77.101.2 'start, its rules' open "$rules"
session 10.77.101.3 'start, its record' open fdatasync
session 10.77.101.4 'close, its record' close writev
session 10.77.101.5 'close, its state' close unlinkat
session_reaped 10.77.101.6 'reap, its record' fdatasync

tap_is 'every login works' "$(kill_failed)" ''
tap_is 'one start, one stop, the client'"'"'s numbers, no state' "$(kill_results "${all[@]}")" "$(kill_wanted "${all[@]}")"
tap_is 'every record is as the contract says' "$(kill_complaints | grep -v ' preauth_[a-z_]* is null in ')" ''
tap_is 'sessions whose pre-auth traffic is not known' \
    "$(records_jq 'map(select(.event == "stop" and .preauth_source == null) | .remote_addr) | join(" ")')" 10.77.101.1
tap_ok 'no rule is left' rules_same || tap_diag "$(rules_difference)"
tap_is 'no helper is left' "$(traffic_helpers)" ''
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
