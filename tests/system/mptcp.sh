#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sshd behind a listener of MPTCP. A client of TCP is counted as everywhere; so is a client of MPTCP with one subflow,
# exactly. One with others is counted as far as the first subflow goes, exactly, and its record says that it is
# incomplete; so it is for one during whose session another's subflow joined: nobody can tell whose it was.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# a million bytes that are text
DATA='head -c 1000000 /dev/zero | tr "\\0" x'

# multipath ARG...    ssh by MPTCP
multipath() {
    client_configure
    LD_PRELOAD=$PAM_TRAFFIC_MPTCP_LIBRARY world_in client ssh -F "$WORLD/ssh_config" "${CLIENT_IDENTITY[@]}" \
        "$@" </dev/null
}

# fetch ARG...    the data by MPTCP
fetch() {
    tap_is "$CASE_NAME: the data came" "$(multipath "$@" "$DATA" | wc -c)" 1000000
}

# established N    server's connections of MPTCP
established() {
    [ "$(world_in server ss -HMtn state established 'sport = :22' | grep -c '^mptcp')" = "$1" ]
}

# subflows N    the TCP connections of the server's port
subflows() {
    [ "$(world_in server ss -Htn state established 'sport = :22' | wc -l)" = "$1" ]
}

# known    the state has the cookie of the first subflow, by which no later one with its ports is taken for it
known() {
    local cookie

    cookie=$(world_in server ss -Htne state established 'sport = :22' | sed -n 's/.* sk:\([0-9a-f]*\).*/\1/p')
    [ "$(jq .cookie "$RECORDS_STATE"/sessions/*.json)" = "$((16#$cookie))" ]
}

# hold NAME ARG...    a session by MPTCP in the background, until the gate NAME opens; HELD is its pid
hold() {
    gate_shut "$1"
    : >"$WORLD/held.$1"
    multipath "${@:2}" "echo held; $(gate_wait "$1"); $DATA" \
        >"$WORLD/held.$1" 2>>"$WORLD/spawned" &
    HELD=$!
    await grep -a -q '^held$' "$WORLD/held.$1"
}

# the first subflow of a session that is incomplete
incomplete() {
    case_settle
    tap_ok "$CASE_NAME: a stop record" records_wait stop 1
    await traffic_idle
    tap_is "$CASE_NAME: records" "$(records_complaints false "remote_port=$(syslog_accepted port)" "$@")" ''
    tap_is "$CASE_NAME: complete" "$(records_get stop complete)" false
    case_exact
    case_clean
}

world_enter "$@"
[ "$(world_in server sysctl -n net.mptcp.enabled 2>/dev/null)" = 1 ] || tap_skip_all 'this kernel has no MPTCP'
traffic_install
SSHD_PRELOAD=$PAM_TRAFFIC_MPTCP_LIBRARY
sshd_start
for side in server client; do
    world_in "$side" ip mptcp limits set subflows 2
done

case_begin 'a client of TCP'
tap_is "$CASE_NAME: the data came" "$(client_ssh "alice@$WORLD_SERVER4" 'head -c 1000000 /dev/zero' | wc -c)" 1000000
case_end user=alice

for user in alice root; do
    case_begin "one subflow, $user"
    hold release "$user@$WORLD_SERVER4"
    tap_ok "$CASE_NAME: it is MPTCP" established 1
    tap_ok "$CASE_NAME: its socket is known" await known
    gate_open release
    wait "$HELD"
    case_end "user=$user" family=ipv4 "local_addr=$WORLD_SERVER4"
    tap_is "$CASE_NAME: nothing to say" "$(syslog_count MPTCP)" 0
done

case_begin 'one subflow, IPv6' "$WORLD_CLIENT6"
fetch "alice@$WORLD_SERVER6"
case_end user=alice family=ipv6

case_begin 'one subflow, sshd told to stop'
hold release "alice@$WORLD_SERVER4"
kill "$(syslog_accepted pid)"
wait "$HELD"
case_end user=alice stop.terminate_cause=null

# no message of SSH comes before the end of the connection
case_begin 'one subflow, the client is killed'
hold release "alice@$WORLD_SERVER4"
client_kill KILL
wait "$HELD"
case_end user=alice stop.terminate_cause=User-Request

# what the addresses of others move is not in the yardstick
other=$(client_address 7)
second=$(client_address 8)
case_begin 'a second subflow'
hold release "alice@$WORLD_SERVER4"
world_in client ip mptcp endpoint add "$second" dev "$WORLD_LINK" subflow
tap_ok "$CASE_NAME: it joins" await subflows 2
tap_ok "$CASE_NAME: a reap" traffic_reap
tap_ok "$CASE_NAME: which says so" syslog_wait 'session .*: the client came by MPTCP'
gate_open release
wait "$HELD"
tap_is "$CASE_NAME: the data came" "$(wc -c <"$WORLD/held.release")" 1000005
incomplete user=alice
tap_is "$CASE_NAME: said once, at notice" "$(syslog_count '<85>.*the client came by MPTCP')" 1

case_begin 'a second subflow from before the login'
fetch "alice@$WORLD_SERVER4"
incomplete user=alice
world_in client ip mptcp endpoint flush

# the connection goes on without its first subflow, and so does the session
world_in client ip mptcp endpoint add "$second" dev "$WORLD_LINK" subflow
case_begin 'the first subflow is gone'
hold release "alice@$WORLD_SERVER4"
tap_ok "$CASE_NAME: a second one joins" await subflows 2
world_in server ss -K state established "dst $CASE_ADDR" >/dev/null 2>&1
tap_ok "$CASE_NAME: the first is gone" await subflows 1
tap_ok "$CASE_NAME: a reap" traffic_reap
records_age 11
tap_ok "$CASE_NAME: and one more" traffic_reap
tap_is "$CASE_NAME: the session lives" "$(records_count stop)" 0
gate_open release
wait "$HELD"
tap_is "$CASE_NAME: the data came" "$(wc -c <"$WORLD/held.release")" 1000005
incomplete user=alice
world_in client ip mptcp endpoint flush

case_begin "another one's second subflow"
hold release "alice@$WORLD_SERVER4"
FIRST=$HELD
# a limit keeps it away from the session that is there
world_in client ip mptcp limits set subflows 0
world_in client ip mptcp endpoint add "$second" dev "$WORLD_LINK" subflow
world_in client ip mptcp limits set subflows 2
hold another -b "$other" "bob@$WORLD_SERVER4"
tap_ok "$CASE_NAME: it joins" await subflows 3
gate_open another
wait "$HELD"
tap_ok "$CASE_NAME: that session is over" records_wait stop 1
records_mark
gate_open release
wait "$FIRST"
case_settle
tap_ok "$CASE_NAME: a stop record" records_wait stop 1
tap_is "$CASE_NAME: complete" "$(records_get stop complete)" false
tap_ok "$CASE_NAME: and why" syslog_wait 'subflows joined on this host that may be its own'
case_exact
case_clean
world_in client ip mptcp endpoint flush

case_begin 'one subflow, where others had joined before'
fetch "alice@$WORLD_SERVER4"
case_end user=alice

# its sshd is stopped, and no subflow is left: a reap ends it
case_begin 'sshd is stopped'
hold release "alice@$WORLD_SERVER4"
records_wait start 1
await eval '! traffic_works'
child=$(pgrep -f '^sshd: alice@notty')
kill -STOP "$child"
world_in server ss -K state established 'sport = :22' >/dev/null 2>&1
client_kill KILL
await client_over "$CASE_ADDR"
for i in 1 2; do
    traffic_reap
    records_age 120
done
tap_is "$CASE_NAME: its stop" "$(records_count stop) $(records_get stop terminate_cause)" '1 Lost-Carrier'
# going on, it would wait for another subflow for a minute (net.mptcp.close_timeout)
kill -KILL "$child"
wait "$HELD"
await sshd_is_alone
await traffic_idle
tap_is "$CASE_NAME: no second one" "$(records_count stop)" 1
case_exact
case_clean

# one without a state is found, once, whichever subflows it has
if { echo 20002 >/proc/self/loginuid; } 2>/dev/null; then
    sshd_stop
    sshd_start
    echo 1000000 >"$RECORDS_STATE/enabled"
    world_in client ip mptcp endpoint add "$second" dev "$WORLD_LINK" subflow
    case_begin 'its state is deleted'
    hold release "alice@$WORLD_SERVER4"
    await subflows 2
    records_wait start 1
    await eval '! traffic_works'
    rm "$RECORDS_STATE"/sessions/*
    : >"$RECORDS_LOG"
    records_mark
    traffic_reap
    records_age 121
    traffic_reap
    tap_is "$CASE_NAME: it is found, once" "$(records_count start)" 1
    gate_open release
    wait "$HELD"
    await sshd_is_alone
    await eval '! traffic_works'
    records_age 121
    traffic_reap
    records_age 121
    traffic_reap
    tap_is "$CASE_NAME: one session" \
        "$(records_jq '[.[] | .event] | join(" ")') $(records_jq 'map(.session) | unique | length')" 'start stop 1'
    tap_is "$CASE_NAME: not complete" "$(records_get stop complete)" false
else
    tap_skip 'its state is deleted' 'this kernel has no audit sessions'
fi
tap_done
