#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Logins under stress: many at once, and with everything short that a helper needs. Each login comes through and does
# not wait until open_timeout, nothing hangs afterwards, and all that could be counted is.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

LOGINS=200
# sshd with sanitizers takes ten times as long; and more logins than sshd's queue has room for are the same with both
# backends
[ -z "$PAM_TRAFFIC_PRELOAD" ] && [ "$PAM_TRAFFIC_BACKEND" != nftables ] || LOGINS=60

# as many at once as are more than sshd's queue has room for (128): a SYN that finds it full is repeated, and
# conntrack does not count that
begin() {
    case_begin "$1"
    yardstick_handshakes
}

# sum_is N: so many sessions, each with one start and one stop; their sum is the client's
sum_is() {
    local got

    case_settle
    records_wait stop "$1"
    await traffic_idle
    tap_is "$CASE_NAME: starts, stops, sessions" \
        "$(records_count start) $(records_count stop) $(records_jq 'map(.session) | unique | length')" "$1 $1 $1"
    got=$(records_jq 'map(select(.event == "stop")) |
        [(map(.in_bytes), map(.in_packets), map(.out_bytes), map(.out_packets)) | add | tostring] | join(" ")')
    tap_is "$CASE_NAME: the sum of bytes and packets is the client's" "$got" "$(yardstick_read_once "$1" "${got##* }")"
    tap_is "$CASE_NAME: complete" "$(records_jq 'map(select(.event == "stop").complete) | unique | tostring')" '[true]'
    case_clean
}

login() {
    client_ssh "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero' >"$CLIENT_OUTPUT"
    tap_is "$CASE_NAME: login" "$? $(stat -c %s "$CLIENT_OUTPUT")" '0 100000'
}

# waited_is N: that many logins of the case have waited until open_timeout
waited_is() {
    tap_is "$CASE_NAME: logins that waited until open_timeout" "$(syslog_count 'did not answer within open_timeout')" "$1"
}

stopped() {
    traffic_helpers | awk '$3 ~ /^T/ { print $1 }'
}

some_stopped() {
    [ -n "$(stopped)" ]
}

# short NAME LINE: the helper that opens the session has a line before it
short() {
    begin "$1"
    traffic_place_script "[ \"\$1\" != open ] || $2" "exec $PAM_TRAFFIC_HELPER \"\$@\""
    login
    waited_is 0
    sum_is 1
    traffic_place
}

lock_is_held() {
    ! flock -n /run/xtables.lock true
}

world_enter "$@"
traffic_install
sshd_start

# The hosts get to know each other: while a link address is being resolved, no more than some 160
# packets wait for it, and what is dropped there only the client has counted (net.ipv4.neigh.*).
client_ssh "alice@$WORLD_SERVER4" true
records_wait stop 1

begin "$LOGINS logins at once"
clients=()
for i in $(seq "$LOGINS"); do
    client_ssh "alice@$WORLD_SERVER4" "head -c ${i}000 /dev/zero" >/dev/null &
    clients+=($!)
done
client_await "${clients[@]}"
tap_is "$CASE_NAME: every login works" "$CLIENT_FAILED" 0
waited_is 0
sum_is "$LOGINS"

begin 'the lock of the tables is held'
gate_shut unlock
world_spawn flock /run/xtables.lock sh -c "$(gate_wait unlock)"
await lock_is_held
for i in 1 2 3 4; do
    login
done
tap_ok "$CASE_NAME: it still is" lock_is_held
waited_is 0
gate_open unlock
sum_is 4

short 'no file descriptor left' 'ulimit -n 4'
short 'few file descriptors left' 'ulimit -n 6'
short 'no memory' 'ulimit -v 4000'
short 'little memory' 'ulimit -v 9000'

# It is told to go on when the login has been through, and the session is over or not. A close waits for an open that
# did not answer for as long as one may come (OPEN_LATEST of lib/base/patience.h, 20 s): by the clock of both they are
# over.
pam_write sshd "$(pam_traffic_line open_timeout=500ms)"
for when in during after; do
    [ "$when" = during ] || later="$(type -P unshare) --fork --time --boottime $((WORLD_UPTIME + 100))"
    begin "a helper is stopped, and goes on $when the session"
    traffic_place_script "[ \"\$1\" != open ] || kill -STOP \$\$" \
        "exec ${later:-} $PAM_TRAFFIC_HELPER \"\$@\""
    tap_ok "$CASE_NAME: login" client_hold "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero'
    waited_is 1
    tap_ok "$CASE_NAME: a helper is stopped" await some_stopped
    helper=$(stopped)
    if [ "$when" = during ]; then
        kill -CONT "$helper"
        # what it found was moved already: a quiet moment proves that it is the session's own
        await eval '! traffic_works'
        await client_quiet
        traffic_reap
    fi
    client_release
    case_settle
    [ "$when" = during ] || records_wait stop 1
    [ "$when" = during ] || kill -CONT "$helper"
    sum_is 1
    traffic_place
done
pam_write sshd "$(pam_traffic_line)"

begin '10,000 files in the state folder'
perl -e 'for (1 .. 5000) {
    for my $name (sprintf("01a20482-%04x-7afe-a8dd-4132d9940ff2.json", $_), "junk-$_") {
        open(my $file, ">", "$ARGV[0]/$name") or die; print $file "{\n \"session\": \"01a2"; } }' "$RECORDS_STATE/sessions"
login
tap_ok "$CASE_NAME: stop record" records_wait stop 1
await eval '! traffic_works'
find "$RECORDS_STATE/sessions" -type f -delete
sum_is 1

# under strace there is no leak check, and the sanitizers say so
if [ -n "$PAM_TRAFFIC_PRELOAD" ]; then
    tap_skip 'sshd cannot fork at open' 'strace and sanitizers do not go together'
else
    # sshd's monitor forks for authentication, for the helper of open, and for the user
    begin 'sshd cannot fork at open'
    sshd_stop
    printf '#!/bin/sh\nexec strace -D -f -o %s -e trace=clone -e inject=clone:error=EAGAIN:when=2 %s "$@"\n' \
        "$WORLD/files/strace" "$SSHD_BINARY" >"$WORLD/files/sshd"
    chmod 755 "$WORLD/files/sshd"
    SSHD_BINARY=$WORLD/files/sshd
    sshd_start
    login
    tap_ok "$CASE_NAME: it could not" grep -q 'clone(.*flags=0).*EAGAIN.*INJECTED' "$WORLD/files/strace"
    tap_is "$CASE_NAME: one line says so" "$(syslog_count 'open: .*the helper cannot be started: Resource')" 1
    # its close counts what conntrack has, and what was left for a reap is done
    records_wait stop 1
    await eval '! traffic_works'
    traffic_reap
    tap_is "$CASE_NAME: nothing is left to a reap" "$(traffic_left)" ''
    sum_is 1
fi

tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
