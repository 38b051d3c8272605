#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sshd's processes are killed, by whoever: one stop record, never before the connection is over, exact.
# Without its monitor nobody closes a session: a reap does, when the socket has been gone for 10 s.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# a reap every now and then, as the timer does it
reaped() {
    traffic_reap && records_age 11 && traffic_reap && records_has stop 1
}

monitor() {
    syslog_accepted pid
}

# the unprivileged sshd of the user
child() {
    pgrep -P "$(monitor)" -x 'sshd.*'
}

gone() {
    [ ! -d "/proc/$1" ]
}

# a transfer both ways, half done: what goes in comes back
half() {
    rm -f "$WORLD/files/pipe"
    mkfifo "$WORLD/files/pipe"
    client_pipe "$1@$WORLD_SERVER4" cat <"$WORLD/files/pipe" >"$WORLD/files/back" 2>>"$WORLD/spawned" &
    CLIENT_PID=$!
    exec 7>"$WORLD/files/pipe"
    cat "$WORLD/files/big" >&7
    await has_come_back 3000000
    records_wait start 1
}

has_come_back() {
    [ "$(stat -c %s "$WORLD/files/back")" -ge "$1" ]
}

rest() {
    cat "$WORLD/files/big" >&7
    exec 7>&-
    wait "$CLIENT_PID"
    tap_ok "$CASE_NAME: all of the data came back" has_come_back 6000000
}

world_enter "$@"
traffic_install
sshd_start
head -c 3000000 /dev/urandom >"$WORLD/files/big"

# the socket is the user's sshd's now: traffic goes on
for reaps in 0 2; do
    case_begin "monitor killed, the transfer goes on, $reaps reaps before its end"
    half alice
    kill -KILL "$(monitor)"
    await gone "$(monitor)"
    for ((i = 0; i < reaps; i++)); do
        traffic_reap
        records_age 11 # as if the grace after an end that a reap has seen, if it has seen one, were over
    done
    rest
    tap_is "$CASE_NAME: no stop record" "$(records_count stop)" 0
    case_settle
    traffic_reap
    tap_is "$CASE_NAME: nor at once after its end" "$(records_count stop)" 0
    await reaped
    case_end user=alice stop.terminate_cause=NAS-Error
done

# one process for all in OpenSSH 9.2
case_begin "root's sshd killed in a transfer"
half root
kill -KILL "$(monitor)"
exec 7>&-
await reaped
case_end user=root stop.terminate_cause=NAS-Error

case_begin "the user's sshd killed in a transfer"
half alice
kill -KILL "$(child)"
exec 7>&-
case_end user=alice stop.terminate_cause=Admin-Reset

case_begin 'the user kills his own sshd'
# shellcheck disable=SC2016  # the server's shell
client_ssh "alice@$WORLD_SERVER4" 'head -c 500000 /dev/zero; kill $PPID; exec sleep 600' >/dev/null
case_end user=alice stop.terminate_cause=Admin-Reset

for user in alice root; do
    case_begin "$user: sshd told to stop in a transfer"
    half "$user"
    pid=$(monitor)
    kill -TERM "$pid"
    # the client must not end it first
    await gone "$pid"
    exec 7>&-
    case_end "user=$user" stop.terminate_cause=Admin-Reset
done

case_begin 'listener restarted'
half alice
kill "$SSHD_LISTENER"
wait "$SSHD_LISTENER"
traffic_reap
sshd_start
rest
case_end user=alice 'stop.terminate_cause=User-Request|Admin-Reset'

tap_done
