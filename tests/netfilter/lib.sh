# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests of this folder share, to be sourced: a bare world (../lib/world.sh), where the script is the
# server; connections to it; and what nf_tool answers.
#
# $1 is the nf_tool to use, $2 the backend (default: iptables).

# shellcheck source=tests/lib/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/harness.sh"
# shellcheck disable=SC2034  # of world.sh
WORLD_BARE=yes WORLD_TOOLS='conntrack flock ip ip6tables-legacy iptables-legacy nft nsenter pgrep socat ss strace unshare'
world_enter "$@"

backend=${2-iptables}
server4=$WORLD_SERVER4 client4=$WORLD_CLIENT4
server6=$WORLD_SERVER6 client6=$WORLD_CLIENT6
printf '#!/bin/sh\nexec %q -b %q "$@"\n' "$1" "$backend" >/run/nf_tool
chmod 755 /run/nf_tool
tool=/run/nf_tool

client() {
    world_in client "$@"
}

# A table as text, without the lines that have the time of day in them.
saved() {
    iptables-legacy-save "$@" | grep -v '^#'
    echo ---
    ip6tables-legacy-save "$@" | grep -v '^#'
}

listening() { # PORT [COMMAND-BEFORE]
    ${2-} ss -Hltn "sport = :$1" | grep -q .
}

# A server that takes $taken bytes from the client, gives $given back, then waits for the end, or
# does something else.
taken=700000 given=300000
serve() { # PORT [LAST-COMMAND]
    local last=${2-cat >/dev/null}

    socat "TCP6-LISTEN:$1,ipv6only=0,reuseaddr,fork" \
        SYSTEM:"head -c $taken >/dev/null && head -c $given /dev/zero && $last" &
    await listening "$1"
}

# Connect, from a port that is known beforehand, and come back in the quiet moment after $given
# bytes have arrived.
dial() { # client|server SOCAT-ADDRESS
    coproc DIAL { exec nsenter --net="/run/netns/$1-$WORLD_ID" socat - "$2"; }
    # bash forgets DIAL when the process ends, and closes its descriptors in subshells
    # shellcheck disable=SC2153
    dial_pid=$DIAL_PID
    exec {dial_read}<&"${DIAL[0]}"
    exec {dial_write}>&"${DIAL[1]}"
    eval "exec ${DIAL[0]}<&- ${DIAL[1]}>&-"
    head -c "$taken" /dev/zero >&"$dial_write"
    [ "$(head -c "$given" <&"$dial_read" | wc -c)" -eq "$given" ]
}

hang_up() { # comes back when the last packet has passed
    exec {dial_read}<&- {dial_write}>&-
    wait "$dial_pid" || true
    await over
}

over() {
    ! { ss -Htn state connected; client ss -Htn state connected; } | grep -qv '^TIME-WAIT'
}

# Nothing is under way: all that was sent is acknowledged.
settled() {
    ! { ss -Htni state established; client ss -Htni state established; } | grep -q unacked:
}

# The same answer of two commands, once traffic has come to rest.
agree() { # "COMMAND" "COMMAND"
    local a b

    a=$($1) b=$($2)
    [ "${a%% *}" = OK ] && [ "$a" = "$b" ]
}

closer_is() { # CLOSER STATE CONNECTION ...
    [ "$("$tool" closer "${@:3}")" = "OK $1 $2" ]
}

state_is() { # STATE CONNECTION ...
    local wanted=$1

    shift
    [[ $("$tool" state "$@") == "OK $wanted "* ]]
}

# An answer that has counted packets of both ways.
counted() { # ANSWER
    [[ $1 == OK\ [1-9]*\ [1-9]*\ [1-9]*\ [1-9]* ]]
}

# A snapshot says the same as reading one session after the other: none, both families, real traffic.
snapshot_reads() { # NF_TOOL ...
    local a=("$server4" 2222 "$client4" 50001) b=("$server6" 2222 "$client6" 50002) connection counters

    tap_is 'nothing of ours: no sessions' "$("$@" snapshot "${a[@]}" 1 2>/dev/null)" OK
    "$@" setup >/dev/null
    tap_is 'after setup: no sessions' "$("$@" snapshot "${a[@]}" 9 2>/dev/null)" OK
    "$@" add "${a[@]}" >/dev/null
    "$@" add "${b[@]}" >/dev/null
    serve 2222
    dial client "TCP:$server4:2222,bind=$client4:50001"
    hang_up
    dial client "TCP6:[$server6]:2222,bind=[$client6]:50002"
    hang_up
    for connection in "${a[*]}" "${b[*]}"; do
        # shellcheck disable=SC2086
        read -r _ counters <<<"$("$@" read $connection)"
        tap_ok "$connection has counted" counted "OK $counters"
        # shellcheck disable=SC2086
        tap_is 'the snapshot has the same' "$("$@" snapshot $connection 1 2>/dev/null)" "OK
${connection##* } $counters"
    done
    tap_is 'ends that are exchanged are another connection' \
        "$("$@" snapshot "$client4" 50001 "$server4" 2222 1 2>/dev/null)" \
        OK
    "$@" teardown >/dev/null
}
