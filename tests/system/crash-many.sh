#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A reap that ends several sessions at once (lib/session/ending.c), killed at every step: after the next
# reap each of them has one start and one stop record, the client's numbers, and nothing left behind.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/kill.sh
. "$HARNESS_LIB/kill.sh"

STEPS=105
GRACE=11 # seconds; lib/session/reap.c, REAP_GRACE, and one

# the sessions of one reap: two that end, and one whose state names a backend of another release
together() {
    printf '10.77.%d.%d\n' 1 "$1" 2 "$1"
    [ "$1" != "$STEPS" ] || printf '10.77.3.%d\n' "$1"
}

# the last one is let live
reap_killed() {
    kill_reap "10.77.1.$1" "$(($1 % STEPS))"
}

reap() {
    kill_reap "10.77.1.$1"
}

left() {
    find "$KILL_FOLDER" -path '*.state/sessions/*' -type f | wc -l
}

world_enter "$@"
traffic_install open_timeout=15s
# A commit of iptables that is killed leaves zero counters, and conntrack has the bytes until its entry goes.
# A reap is there within a minute; here, on a machine that is slow, perhaps not within the usual two.
world_in server sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_time_wait=1200
kill_place
sshd_start
syslog_mark
yardstick_zero
records_mark

all=()
for n in $(seq "$STEPS"); do
    for addr in $(together "$n"); do
        kill_session "$addr" || tap_bail "no address $addr"
        kill_plan "$addr" close 1
        sed -i "s|^state_dir = .*|state_dir = $KILL_FOLDER/10.77.1.$n.state|" "$KILL_FOLDER/$addr.conf"
        all+=("$addr")
    done
done
kill_each kill_login "${all[@]}"
tap_is 'every login works' "$(kill_failed)" ''
tap_ok 'all connections end, and all helpers' await kill_over
tap_is 'sessions that nobody closed' "$(left)" "${#all[@]}"
sed -i 's/"backend": "[a-z]*"/"backend": "pf"/' \
    "$(grep -l '"10.77.3.' "$KILL_FOLDER/10.77.1.$STEPS.state"/sessions/*.json)"

# what was not closed is waited for
mapfile -t steps < <(seq "$STEPS")
kill_each reap "${steps[@]}"
tap_is 'a reap at once ends none of them' "$(records_count stop)" 0
sleep "$GRACE"
kill_each reap_killed "${steps[@]}"
tap_diag "killed at: $(cat "$KILL_FOLDER"/10.77.1.*.reap.report | awk '/^killed/ { print $4 }' | sort | uniq -c | tr -s '\n ' ' ')"
tap_is 'every step was reached' \
    "$(cut -d' ' -f1 "$KILL_FOLDER/10.77.1.$((STEPS - 1)).reap.report")" unharmed
kill_each reap "${steps[@]}"

tap_is 'one start, one stop, the client'"'"'s numbers' "$(kill_results "${all[@]}" 2>/dev/null)" "$(kill_wanted "${all[@]}")"
tap_is 'no state is left' "$(left)" 0
tap_ok 'a backend that this release does not know is told of' syslog_wait 'cannot be removed \(backend pf\): no backend of that name'
tap_is 'every record is as the contract says' "$(kill_complaints | tr -s ' ')" ' 1 backend is pf in stop'
tap_is 'its two rules are all that is left' "$(rules_print | grep -o -E '10\.77\.[123]\.[0-9]+' | uniq -c | tr -s ' ')" " 2 10.77.3.$STEPS"
tap_is 'no helper is left' "$(traffic_helpers)" ''
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
