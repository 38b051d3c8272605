#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
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

GRACE=11 # seconds; lib/session/reap.c, REAP_GRACE, and one
declare -A sessions=()

# group NAME NETWORK LAST VERB...: a session each for the steps 1 to LAST, killed there in VERBs
group() {
    local n verb

    for n in $(seq "$3"); do
        kill_session "10.77.$2.$n" || tap_bail "no address $2.$n"
        for verb in "${@:4}"; do
            kill_plan "10.77.$2.$n" "$verb" "$n"
        done
        sessions[$1]+=" 10.77.$2.$n"
    done
}

steps() {
    kill_report "$1" "$2" | sed -n 's/^unharmed after \([0-9]*\) .*/\1/p'
}

# the first step at which the state was to become a file, when both were killed; before, nothing is known
unknown_until() {
    local addr

    for addr in $both; do
        kill_report "$addr" "$1"
    done | awk '$4 == "renameat" { print $3; exit }'
}

reap_killed() {
    kill_reap "$1" "${1##*.}"
}

# what was shown: the calls at which it died, and that the last one did not
shown() {
    local name=$1 verb=$2 last

    # shellcheck disable=SC2086  # a list
    set -- ${sessions[$name]}
    tap_diag "$name, killed in $verb at: $(cat "${@/%/.$verb.report}" | awk '/^killed/ { print $4 }' | sort | uniq -c | tr -s '\n ' ' ')"
    for last; do :; done
    tap_ok "$name: every step of $verb was reached" grep -q '^unharmed' "$last.$verb.report"
}

world_enter "$@"
traffic_install open_timeout=15s
# A commit of iptables that is killed leaves zero counters, and conntrack has the bytes until its entry goes.
# A reap is there within a minute; here, on a machine that is slow, perhaps not within the usual two.
world_in server sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_time_wait=1200
kill_place
sshd_start
syslog_mark

# how many steps there are; waiting for others takes more of them
for verb in open close; do
    kill_session "10.77.9.${#verb}" && kill_login "10.77.9.${#verb}"
    await kill_over
done
opens=$(steps 10.77.9.4 open) closes=$(steps 10.77.9.5 close)
tap_diag "steps: open $opens, close $closes"
yardstick_zero
records_mark

group open 1 $((opens + 16)) open
group close 2 $((closes + 12)) close
group both 3 $((opens + 16)) open close
group reap 4 $((closes + 45))
group twice 5 $((closes + 45))
group interim 6 $((closes + 37))
# shellcheck disable=SC2206  # lists
all=(${sessions[*]}) ends=(${sessions[reap]} ${sessions[twice]}) again=(${sessions[twice]}) lives=(${sessions[interim]})
cd "$KILL_FOLDER" || exit
for addr in "${ends[@]}"; do
    kill_plan "$addr" close 1
done
sed -i '$ a interim_interval = 1us' "${lives[@]/%/.conf}"
tap_diag "${#all[@]} sessions"

# those in which a reap writes interim records stay
KILL_JOBS=${#lives[@]} kill_each kill_hold "${lives[@]}" &
holding=$!
tap_ok 'sessions that stay' records_wait start "${#lives[@]}"
kill_each reap_killed "${lives[@]}"
shown interim reap
: >"$KILL_RELEASE"
wait "$holding"

mapfile -t others < <(printf '%s\n' "${all[@]}" | grep -v -F '10.77.6.')
kill_each kill_login "${others[@]}"
tap_is 'every login works' "$(kill_failed)" ''
tap_ok 'all connections end, and all helpers' await kill_over

# a close that was killed before it could say so is waited for
kill_each reap_killed "${ends[@]}"
kill_each kill_reap "${all[@]}"
sleep "$GRACE"
kill_each reap_killed "${ends[@]}"
kill_each reap_killed "${again[@]}"
shown open open
shown close close
shown both open
shown both close
shown reap reap
kill_each kill_reap "${all[@]}"

# Killed at both before there was a file: nobody knows of that session. Killed at open before there was:
# its close makes it up, and does not know what flowed before authentication.
both=${sessions[both]} unopened=$(unknown_until open) unclosed=$(unknown_until close)
unknown=$((unopened < unclosed ? unopened : unclosed))
tap_diag "killed at both: no record up to step $unknown"
sessions[both]=$(tr ' ' '\n' <<<"$both" | tail -n "+$((unknown + 2))" | tr '\n' ' ')
tap_is 'sessions' "$(records_jq 'map(.session) | unique | length')" $((${#all[@]} - unknown))
tap_is 'sessions whose pre-auth traffic is not known' \
    "$(records_jq 'map(select(.event == "stop" and .preauth_source == null)) | length')" $((2 * unopened - unknown))

for name in open close both interim reap twice; do
    # shellcheck disable=SC2086  # lists
    tap_is "$name: one start, one stop, the client's numbers, no state" \
        "$(kill_results ${sessions[$name]})" "$(kill_wanted ${sessions[$name]})"
done
tap_is 'every record is as the contract says' "$(kill_complaints | grep -v ' preauth_[a-z_]* is null in ')" ''
tap_ok 'no rule is left' rules_same || tap_diag "$(rules_difference)"
tap_is 'no helper is left' "$(traffic_helpers)" ''
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
