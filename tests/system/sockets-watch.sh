#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets --watch: what moved in each interval, and nothing of it lost or twice: connections
# that came and went between two looks, counters set to zero, a tuple used again, a socket gone.
#
# The watcher is stopped (SIGSTOP) while something happens: so that is between two looks, however slow
# this machine is.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

CONNECTIONS=1000
LINES_FILE=$WORLD/lines
WATCHER=

watcher_exec() {
    world_exec server env -i LC_ALL=C "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli" \
        "$WORLD/pam_traffic" sockets --config "$TRAFFIC_CONFIG" --watch 1 "$@"
}

# watch ARG...: begins to watch, with a look at what there is
watch() {
    : >"$LINES_FILE"
    watcher_exec "$@" >"$LINES_FILE" 2>"$WORLD/sockets.err" </dev/null &
    WATCHER=$!
    look
}

# look: what was before is now in the lines
look() {
    local seen

    kill -CONT "$WATCHER"
    seen=$(wc -l <"$LINES_FILE")
    # the second is of an interval that began after this
    await has_lines $((seen + 2)) || tap_diag 'the watcher prints nothing'
    kill -STOP "$WATCHER"
    await is_stopped
}

has_lines() {
    [ "$(wc -l <"$LINES_FILE")" -ge "$1" ]
}

is_stopped() {
    [[ $(ps -o stat= -p "$WATCHER") = T* ]]
}

long_is_there() {
    [ -n "$(world_in server ss -Htn state established 'sport = :7002')" ]
}

watch_end() {
    kill -TERM "$WATCHER"
    kill -CONT "$WATCHER"
    wait "$WATCHER"
}

# deltas SELECT [FILTER]: of all rows of all lines; the sum of their counters
deltas() {
    jq -s -r "[.[].sockets[] | select($1)] | ${2:-$SOCKETS_ADD}" "$LINES_FILE"
}

# minus A B: the four numbers of A less those of B
minus() {
    paste -d ' ' <(printf '%s\n' "$1") <(printf '%s\n' "$2") | awk '{ print $1 - $5, $2 - $6, $3 - $7, $4 - $8 }'
}

sockets_enter "$@"
traffic_install

yardstick_port many 4 tcp local 7001
yardstick_port long 4 tcp local 7002
sockets_agent alice server listen tcp 0.0.0.0 7001 touch 7001-listens serve $CONNECTIONS 400
sockets_await 7001-listens
sockets_agent alice server listen tcp 0.0.0.0 7002 touch 7002-listens accept recv 1000 await more send 70000 recv 10 close touch closed await end
long=$WORLD_PID
sockets_await 7002-listens
sockets_agent bob client connect tcp "$WORLD_SERVER4" 7002 send 1000 recv 70000 send 10 close touch 7002-closed await end
await long_is_there
sockets_quiet
before=$(yardstick_port_read long)

watch --json
sockets_agent bob client burst $CONNECTIONS "$WORLD_SERVER4" 7001 400 touch many-done
sockets_await many-done
sockets_signal more
sockets_await closed
sockets_await 7002-closed
sockets_quiet
tap_ok 'the sockets are gone' [ -z "$(world_in server ss -Htn state established 'sport = :7001 or sport = :7002')" ]
look
tap_is "$CONNECTIONS connections between two looks: each has its row" \
    "$(deltas '.local_port == 7001' 'map("\(.remote) \(.remote_port)") | unique | length')" $CONNECTIONS
tap_is "$CONNECTIONS connections: no row twice" "$(deltas '.local_port == 7001' length)" $CONNECTIONS
tap_is "$CONNECTIONS connections: bytes and packets are the peer's" "$(deltas '.local_port == 7001')" "$(yardstick_port_read many)"
tap_is "$CONNECTIONS connections: alice's or nobody's" \
    "$(deltas '.local_port == 7001 and .user != null and .user != "alice"' length)" 0
tap_is 'a connection that ended: what it moved since the look before' "$(deltas '.local_port == 7002')" \
    "$(minus "$(yardstick_port_read long)" "$before")"
tap_is 'a connection that ended: it is still that of its user' \
    "$(deltas '.local_port == 7002' 'map("\(.user) \(.uid) \(.pid)") | unique | join(", ")')" "alice 20001 $long"
seen=$(deltas '.local_port == 7001 or .local_port == 7002' length)
look
tap_is 'nothing moved: no row' "$(deltas '.local_port == 7001 or .local_port == 7002' length)" "$seen"
tap_is 'each line: time, interval, rates' "$(jq -s -r '[.[] | (.time | test("^[0-9-]{10}T[0-9:.]+Z$")) and .interval > 0 and
    (.sockets | all(has("in_rate") and has("out_rate")))] | unique | tostring' "$LINES_FILE")" '[true]'
tap_is 'a rate is what moved by the time it took' "$(jq -s -r '[.[] | .interval as $s | .sockets[]
    | (.in_rate * $s - .in_bytes | fabs) <= 1 + .in_bytes / 50 + $s] | unique | tostring' "$LINES_FILE")" '[true]'
watch_end

# Counters that fell: somebody set them to zero; what there is since then has moved.
yardstick_port zeroed 4 tcp local 7003
sockets_agent alice server listen tcp 0.0.0.0 7003 touch 7003-listens accept recv 90000 touch 7003-first recv 3000 touch 7003-second await end
sockets_await 7003-listens
sockets_agent bob client connect tcp "$WORLD_SERVER4" 7003 send 90000 await zeroed send 3000 await end
sockets_await 7003-first
sockets_quiet
watch --json
world_in server conntrack -L -z >/dev/null 2>&1
yardstick_zero
sockets_signal zeroed
sockets_await 7003-second
sockets_quiet
look
watch_end
tap_is 'counters set to zero: what moved since' "$(deltas '.local_port == 7003')" "$(yardstick_port_read zeroed)"
tap_is 'counters set to zero: nothing below zero, nothing huge' \
    "$(jq -s -r '[.[].sockets[] | .in_bytes, .out_bytes, .in_packets, .out_packets | . >= 0 and . < 1000000] | unique | tostring' "$LINES_FILE")" '[true]'

# again NAME PORT FROM STEP...: the same tuple for another connection, of bob, which goes on by STEPs; alice's ended by
# RST, so that no TIME_WAIT is in the way
again() {
    yardstick_port "again-$2" 4 tcp remote "$2"
    sockets_agent root client listen tcp 0.0.0.0 "$2" touch "$2-listens" accept recv 50000 touch "$2-1" accept recv 800 send 600 \
        touch "$2-2" await end
    sockets_await "$2-listens"
    sockets_agent alice server from "$WORLD_SERVER4" "$3" connect tcp "$WORLD_CLIENT4" "$2" send 50000 await "$2-first" abort touch "$2-aborted"
    sockets_await "$2-1"
    sockets_quiet
    watch --json
    sockets_signal "$2-first"
    sockets_await "$2-aborted"
    sockets_quiet
    yardstick_zero
    sockets_agent bob server from "$WORLD_SERVER4" "$3" connect tcp "$WORLD_CLIENT4" "$2" send 800 recv 600 "${@:4}" touch "$2-done" await end
    sockets_await "$2-done"
    sockets_await "$2-2"
    sockets_quiet
    look
    watch_end
    tap_is "$1: the new connection alone" "$(deltas ".remote_port == $2 and .in_bytes > 0")" "$(yardstick_port_read "again-$2")"
}

again 'a tuple used again' 7004 5555
tap_is 'a tuple used again: whose it is' \
    "$(deltas '.remote_port == 7004 and .in_bytes > 0' 'map("\(.user) \(.pid)") | unique | join(", ")')" "bob $WORLD_PID"
again 'a tuple used again, and gone' 7006 5556 abort
tap_is 'a tuple used again, and gone: it is not that of the old user' \
    "$(deltas '.remote_port == 7006 and .in_bytes > 0' 'map(.user) | unique | tostring')" '[null]'

# --by: the same as sums
yardstick_port sums 4 tcp local 7005
watch --json --by user
sockets_agent alice server listen tcp 0.0.0.0 7005 touch 7005-listens accept recv 5000 touch 7005-done await end
sockets_await 7005-listens
sockets_agent bob client connect tcp "$WORLD_SERVER4" 7005 send 5000 await end
sockets_await 7005-done
sockets_quiet
look
watch_end
tap_is '--by user' "$(jq -s -r "[.[].sums[] | select(.user == \"alice\")] | $SOCKETS_ADD" "$LINES_FILE")" "$(yardstick_port_read sums)"

sockets --watch 1 --count 2 --json >"$LINES_FILE"
tap_is '--count: so many lines, then it ends' "$? $(wc -l <"$LINES_FILE")" '0 2'
sockets --watch 1 --count 2 >"$LINES_FILE"
tap_is 'not on a terminal: nothing that moves a cursor' "$? $(grep -c $'\033' "$LINES_FILE")" '0 0'
if [ -n "$(type -P unbuffer)" ]; then
    world_in server env TERM=xterm unbuffer "$WORLD/pam_traffic" sockets --config "$TRAFFIC_CONFIG" --watch 1 --count 2 >"$LINES_FILE"
    tap_ok 'on a terminal: it draws in place' grep -q $'\033\[' "$LINES_FILE"
    tap_ok 'on a terminal: the cursor is not left hidden' \
        [ "$(grep -o $'\033\[?25l' "$LINES_FILE" | wc -l)" -le "$(grep -o $'\033\[?25h' "$LINES_FILE" | wc -l)" ]
else
    tap_skip 'on a terminal' 'expect is not here'
fi
sockets_signal end
sockets_over
