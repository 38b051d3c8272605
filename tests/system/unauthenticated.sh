#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# (unauthenticated) in a report is what failed logins moved, to the byte: never what a session moves, however busy it is
# at that moment, nor what sessions from excluded networks move, which have a line of their own. Root sees open sessions
# as they are now; others are told to which moment they are counted.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/ports.sh
. "$HARNESS_LIB/ports.sh"

# sums COMMAND ARG...: as root, in the server's namespace
sums() {
    world_in server env -i TZ=UTC LC_ALL=C "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli" "$WORLD/pam_traffic" \
        "$1" --config "$TRAFFIC_CONFIG" "${@:2}" 2>"$WORLD/sums.err"
}

# those of the log alone: as somebody who may read it sees them
log_sums() {
    world_in server env -i TZ=UTC LC_ALL=C "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli" "$WORLD/pam_traffic" \
        report --config "$TRAFFIC_CONFIG" "$@" "$RECORDS_LOG" 2>"$WORLD/sums.err"
}

# what of the ports is nobody's, of a report: "in out"
nobodys() {
    jq -r '.unauthenticated | if . then "\(.in) \(.out)" else "null" end'
}

# bytes in and out, as the client counted them
moved() {
    yardstick_read "$1" | awk '{ print $1, $3 }'
}

intrude() {
    client_password -b "$1" -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 \
        "nobody@$WORLD_SERVER4" true 2>/dev/null
    ports_scan "$1"
}

# at_most WANTED GOT: none of both is larger
at_most() {
    awk -v wanted="$1" -v got="$2" 'BEGIN { split(wanted, w); split(got, g); exit !(g[1] <= w[1] && g[2] <= w[2] && got != "null") }'
}

quiet() {
    ! world_in server ss -Htan exclude listening exclude time-wait | grep -q .
}

world_enter "$@"
[ -n "$PAM_TRAFFIC_CLI" ] || tap_bail 'PAM_TRAFFIC_CLI is not set: run this by meson test --suite system'
install -m 755 "$PAM_TRAFFIC_CLI" "$WORLD/pam_traffic"
traffic_install
ports_begin
traffic_configure ports=22 interim_interval=1us 'exclude=10.77.1.64/26'
sshd_start
intruder=$(client_address 9)
backup=$(client_address 70)
yardstick_watch "$intruder"
yardstick_watch "$backup"

intrude "$intruder"
await quiet
traffic_reap
tap_is 'failed logins alone' "$(sums report --json | nobodys)" "$(moved "$intruder")"

# one who is busy all the time, and one who is not to be counted
: >"$WORLD/files/busy"
# shellcheck disable=SC2329  # by world_spawn
busy() {
    client_ssh "alice@$WORLD_SERVER4" "while [ -e $WORLD/files/busy ]; do head -c 100000 /dev/zero; done" >/dev/null
}
world_spawn busy
records_wait start 1
client_hold -b "$backup" "bob@$WORLD_SERVER4" 'head -c 3000000 /dev/zero'
records_wait start 2
await eval '! traffic_works'
for round in 1 2 3; do
    intrude "$intruder"
    traffic_reap
    tap_ok "while a session moves, $round: none of its bytes, in the log" \
        at_most "$(moved "$intruder")" "$(log_sums --json | nobodys)"
    tap_ok "... nor for root" at_most "$(moved "$intruder")" "$(sums report --json | nobodys)"
done
# a session that is busy has a record with each of its port
tap_is 'each record of the port has one of the busy session before it' \
    "$(jq -s -r '[.[] | select(.event == "port" or (.user == "alice" and .event == "interim")) | .event]
        | .[-6:] | join(" ")' "$RECORDS_LOG")" 'interim port interim port interim port'

# root sees more than the log has
before=$(log_sums --json | jq '.rows[] | select(.user == "alice").out')
more() {
    [ "$(sums report --json | jq '.rows[] | select(.user == "alice").out')" -gt "$before" ]
}
tap_ok 'root: what is open is of this moment' await more
tap_is 'root: to which moment' "$(sums report --json | jq -r '"\(.open) \(.open_until[:13] == (now | todate)[:13] or .open_until[:10] == (now | todate)[:10])"')" '2 true'
tap_ok 'root: it is said' grep -qE '^2 sessions open, counted to 20..-..-.. ..:..:..$' <(sums report)
last=$(records_all | jq -s -r 'map(select(.user == "bob"))[-1].time')
tap_is 'others: to which moment' "$(log_sums --json | jq -r .open_until)" \
    "$(printf '%s\n' "$last" "$(records_all | jq -s -r 'map(select(.user == "alice"))[-1].time')" | sort | head -n 1)"
total=$(sums report --json | jq '.rows[] | select(.user == "alice").total')
over() {
    sums alert --user alice --over "$total" --per day >"$WORLD/alert"
    [ $? = 1 ]
}
tap_ok 'alert: what is open counts at once' await over
tap_is '... its line says so' "$(grep -c '1 user is over' "$WORLD/alert")" 1
tap_ok 'usage, too' test "$(sums usage --user alice --json | jq -r 'select(.period == "today").out_bytes')" -gt "$before"

# it is over, and all is exact
rm "$WORLD/files/busy"
client_release
records_wait stop 2
await quiet
traffic_reap
tap_is 'in the end: what the intruders moved, to the byte' "$(log_sums --json | nobodys)" "$(moved "$intruder")"
tap_is '... and for root' "$(sums report --json | nobodys)" "$(moved "$intruder")"
tap_is 'excluded: a line of its own' "$(sums report --json | jq -r '"\(.excluded.in) \(.excluded.out)"')" "$(moved "$backup")"
tap_is 'excluded: in no sum' "$(sums report --json | jq -r '[.rows[].user] | join(" ")') $(sums report --json --user bob | jq .total.out)" 'alice bob null'
tap_is 'excluded: its record has it under a key of its own' \
    "$(records_all | jq -s -r 'map(select(.user == "bob" and .event == "stop"))[0] | "\(.in_bytes) \(.excluded_in_bytes) \(.excluded_out_bytes) \(.complete)"')" \
    "null $(moved "$backup") true"
tap_is 'metrics: the same' "$(sums metrics | sed -n 's/^pam_traffic_\(excluded\|unauthenticated\)_bytes{port="22",direction="\(.*\)"} /\1 \2 /p' | paste -sd ' ')" \
    "$(printf '%s %s\n' excluded "$(moved "$backup")" unauthenticated "$(moved "$intruder")" |
        awk '{ print $1, "in", $2, $1, "out", $3 }' | paste -sd ' ')"
tap_is 'the table has both' "$(sums report --bytes | awk '/^\(/ { print $1, $2, $3 }')" \
    "(excluded) $(moved "$backup")
(unauthenticated) $(moved "$intruder")"

# somebody works on the only session: the record of its port waits for that, and not for ever
traffic_configure ports=22 interim_interval=1h
client_hold "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero'
records_wait start 3
await eval '! traffic_works'
n=$(records_ports | wc -l)
records_age 3700
gate_shut unlock
# the bytes of all sessions (lib/store/statelock.c)
world_spawn perl -MFcntl -e 'open my $file, "+<", shift or die; my $all = pack "s s x4 q q l x4", F_WRLCK, 0, 0, 1 << 48, 0;
    fcntl $file, F_SETLK, $all or die; print STDERR "locked\n"; system @ARGV' "$RECORDS_STATE/lock" sh -c "$(gate_wait unlock)"
holder=$WORLD_PID
await grep -q '^locked' "$WORLD/spawned"
traffic_reap
tap_is 'somebody works on a session: its port has no record' "$(records_ports | wc -l)" "$n"
records_age 7200
traffic_reap
tap_is '... after three intervals it has' "$(records_ports | wc -l)" $((n + 1))
gate_open unlock
wait "$holder"

# without interim records the port waits for its sessions
traffic_configure ports=22 interim_interval=0
n=$(records_ports | wc -l)
# an hour ago
sed -i "s/\"reported_boottime\": [0-9]*/\"reported_boottime\": $((($(cut -d . -f 1 /proc/uptime) - 3700) * 1000000))/" \
    "$RECORDS_STATE/ports/22.json"
traffic_reap
tap_is 'no interim records: the port has none while a session is open' "$(records_ports | wc -l)" "$n"
client_release
records_wait stop 3
await quiet
traffic_reap
tap_is '... and one when it is over' "$(records_ports | wc -l)" $((n + 1))
tap_is '... which is exact' "$(log_sums --json | nobodys)" "$(moved "$intruder")"
tap_is 'nothing was said' "$(cat "$WORLD/sums.err")" ''
tap_is 'the sanitizers have nothing to say' "$(traffic_faults; cat "$WORLD"/sanitizer.cli* 2>/dev/null)" ''
tap_done
