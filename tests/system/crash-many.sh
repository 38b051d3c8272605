#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Usage: crash-many.sh [ssh]    (ssh: the sessions are those of the real sshd; kill.sh)
#
# A reap that ends several sessions at once (lib/session/ending.c), killed at every step: after the next
# reap each of them has one start and one stop record, the client's numbers, and nothing left behind. So it is
# when one of them names a backend that this release does not know; of that one the rules stay.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/kill.sh
. "$HARNESS_LIB/kill.sh"

STRANGER=10.77.103.1
all=()
early=''

# unclosed OWNER ADDR: a session that nobody closed, in the state folder of OWNER
unclosed() {
    [ "$1" = "$2" ] || kill_session "$2" "$1"
    kill_plan "$2" close 1
    kill_login "$2"
    all+=("$2")
}

# ended OWNER N: all sessions of the folder end by one reap, which is killed at step N
ended() {
    local stops

    stops=$(records_count stop)
    kill_reap "$1"
    [ "$(records_count stop)" = "$stops" ] || early+=" $1"
    kill_age "$1"
    kill_reap "$1" "$2"
}

step_many() {
    local more=0

    unclosed "$1" "$1"
    unclosed "$1" "10.77.102.$2"
    ended "$1" "$2"
    kill_unharmed "$1" reap && more=1
    kill_reap "$1"
    return $more
}

world_enter "$@"
traffic_install
kill_place "${1:-load}"
syslog_mark
yardstick_zero
records_mark

tap_ok 'every step was reached' kill_steps 101 step_many
tap_diag "${#KILL_STEPS[@]} steps, killed at: $(kill_calls reap "${KILL_STEPS[@]}")"

# three more, the last one of another release
kill_session 10.77.104.1
unclosed 10.77.104.1 10.77.104.1
unclosed 10.77.104.1 10.77.104.2
unclosed 10.77.104.1 "$STRANGER"
sed -i 's/"backend": "[a-z]*"/"backend": "pf"/' \
    "$(grep -l "\"$STRANGER\"" "$KILL_FOLDER/10.77.104.1.state"/sessions/*.json)"
ended 10.77.104.1 0

tap_is 'every login works' "$(kill_failed)" ''
tap_is 'a reap at once ends none of them' "$early" ''
# the rules of the stranger cannot be read, and nobody asked TCP at its end
tap_is 'one start, one stop, the client'"'"'s numbers' "$(kill_results "${all[@]}")" \
    "$(kill_wanted "${all[@]}" | sed "s/^$STRANGER 1 1 true/$STRANGER 1 1 false/")"
tap_is 'no state is left' "$(kill_state "${all[@]}")" ''
tap_ok 'a backend that this release does not know is told of' syslog_wait 'cannot be removed \(backend pf\): no backend of that name'
tap_is 'every record is as the contract says' "$(kill_complaints | tr -s ' ')" " 1 backend is pf in stop
 1 complete is false"
tap_is 'its two rules are all that is left' "$(rules_print | grep -o -E '10\.77\.10[1-4]\.[0-9]+' | uniq -c | tr -s ' ')" " 2 $STRANGER"
tap_is 'no helper is left' "$(traffic_helpers)" ''
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
