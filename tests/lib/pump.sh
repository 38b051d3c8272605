# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A session through which bytes flow when a test says so: it sends back what it gets.
#
#   pump_begin SSH-ARG...      opens it; comes back when its start record is there
#   pump N                     N bytes go in; comes back when they have come back
#   pump_has_come_back         true once everything has
#   pump_end                   the client has nothing more to say: the session ends
#   pump_has_rules             true if its two counting rules are there
#   pump_survives NAME COMMAND [OTHER]   an exact case: COMMAND takes counters away before a reap, OTHER
#                              (COMMAND) after it, and COMMAND once more at the end
#
#   PUMPED                     bytes that have gone in; descriptor 7 is the way in

PUMPED=0

pump_begin() {
    rm -f "$WORLD/files/pipe"
    mkfifo "$WORLD/files/pipe"
    : >"$WORLD/files/back"
    client_pipe "$@" cat <"$WORLD/files/pipe" >"$WORLD/files/back" 2>>"$WORLD/spawned" &
    CLIENT_PID=$!
    exec 7>"$WORLD/files/pipe"
    PUMPED=0
    records_wait start 1
}

pump() {
    PUMPED=$((PUMPED + $1))
    head -c "$1" /dev/zero >&7
    await pump_has_come_back
}

pump_has_come_back() {
    [ "$(stat -c %s "$WORLD/files/back")" -ge "$PUMPED" ]
}

pump_end() {
    exec 7>&-
    wait "$CLIENT_PID"
}

pump_has_rules() {
    [ "$(rules_count "$(syslog_accepted port)")" = 2 ]
}

# an entry of conntrack that was zeroed just before the end may be that of the next connection: then the rules are
# believed if they have what TCP moved and hardly more, which a few segments that came twice can prevent
pump_at_last() {
    [ "$1" = conntrack_zero ] || "$1"
}

pump_survives() {
    case_begin "$1"
    pump_begin "alice@$WORLD_SERVER4"
    pump 300000
    "$2"
    pump 100000
    traffic_reap
    tap_ok "$CASE_NAME: the rules are there after a reap" pump_has_rules
    "${3:-$2}"
    pump 2000000
    traffic_reap
    pump 1000
    pump_at_last "$2"
    pump_end
    case_settle
    records_wait stop 1
    traffic_setup # the last one took away what setup makes
    case_end user=alice
}
