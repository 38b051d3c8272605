# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The world of a test of this folder, to be sourced: a server (where the script runs) and a client,
# each in a network namespace of its own, joined by a veth pair; /run, with the xtables lock, is the
# script's own. Everything is gone with the last process: the host sees none of it.
#
# $1 is the nf_tool to use, $2 the backend (default: iptables). TAP goes to standard output.

set -u

if [ -z "${WORLD_INSIDE-}" ]; then
        if [ "$(id -u)" -ne 0 ]; then
                echo '1..0 # SKIP needs root'
                exit 0
        fi
        for tool in ip iptables-legacy ip6tables-legacy socat conntrack flock; do
                if ! command -v "$tool" >/dev/null; then
                        echo "1..0 # SKIP needs $tool"
                        exit 0
                fi
        done
        if ! unshare --mount --net --pid --fork true; then
                echo '1..0 # SKIP cannot make namespaces'
                exit 0
        fi
        WORLD_INSIDE=1 exec unshare --mount --net --pid --fork --kill-child --mount-proc "$0" "$@"
fi
unset WORLD_INSIDE

tool=$1 backend=${2-iptables}
server4=10.9.0.1 client4=10.9.0.2
server6=fd09::1 client6=fd09::2
tests=0

# shellcheck disable=SC2319 # the status may be a condition's
ok() { # WHAT, with the exit status of the command before
        local status=$?

        tests=$((tests + 1))
        if [ "$status" -eq 0 ]; then
                echo "ok $tests - $1"
        else
                echo "not ok $tests - $1"
        fi
}

is() { # GOT WANTED WHAT
        [ "$1" = "$2" ]
        ok "$3"
        if [ "$1" != "$2" ]; then
                printf 'got\n%s\nwanted\n%s\n' "$1" "$2" | sed 's/^/# /'
        fi
}

need() { # TOOL: the test is skipped without
        if ! command -v "$1" >/dev/null; then
                echo "1..0 # SKIP needs $1"
                exit 0
        fi
}

finish() {
        echo "1..$tests"
        exit 0
}

until_true() { # COMMAND ...: wait for it, at most 10 seconds
        local end=$((SECONDS + 10))

        until "$@"; do
                if [ "$SECONDS" -ge "$end" ]; then
                        echo "# never true: $*"
                        return 1
                fi
                sleep 0.02
        done
}

client() {
        nsenter --net=/run/netns/client "$@"
}

# A table as text, without the lines that have the time of day in them.
saved() {
        iptables-legacy-save "$@" | grep -v '^#'
        echo ---
        ip6tables-legacy-save "$@" | grep -v '^#'
}

linked() {
        [[ $(ip -brief link show veth0) == veth0*' UP '* ]]
}

world_new() {
        mount -t tmpfs -o mode=755 tmpfs /run
        printf '#!/bin/sh\nexec %q -b %q "$@"\n' "$tool" "$backend" >/run/nf_tool
        chmod 755 /run/nf_tool
        tool=/run/nf_tool
        ip netns add client
        ip link set lo up
        ip link add veth0 type veth peer name veth1 netns client
        ip address add "$server4/24" dev veth0
        ip address add "$server6/64" dev veth0 nodad
        ip link set veth0 up
        client ip link set lo up
        client ip address add "$client4/24" dev veth1
        client ip address add "$client6/64" dev veth1 nodad
        client ip link set veth1 up
        client ip route add 192.0.2.0/24 via "$server4"
        until_true linked
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
        until_true listening "$1"
}

# Connect, from a port that is known beforehand, and come back in the quiet moment after $given
# bytes have arrived.
dial() { # client|server SOCAT-ADDRESS
        if [ "$1" = client ]; then
                coproc DIAL { exec nsenter --net=/run/netns/client socat - "$2"; }
        else
                coproc DIAL { exec socat - "$2"; }
        fi
        # bash forgets DIAL when the process ends, and closes its descriptors in subshells
        # shellcheck disable=SC2153
        dial_pid=$DIAL_PID
        exec {dial_read}<&"${DIAL[0]}"
        exec {dial_write}>&"${DIAL[1]}"
        eval "exec ${DIAL[0]}<&- ${DIAL[1]}>&-"
        head -c "$taken" /dev/zero >&"$dial_write"
        [ "$(head -c "$given" <&"$dial_read" | wc -c)" -eq "$given" ]
}

hang_up() {
        exec {dial_read}<&- {dial_write}>&-
        wait "$dial_pid" || true
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

# A snapshot says the same as reading one session after the other: none, both families, real traffic.
snapshot_reads() { # NF_TOOL ...
        local a=("$server4" 2222 "$client4" 50001) b=("$server6" 2222 "$client6" 50002) connection counters

        is "$("$@" snapshot "${a[@]}" 1 2>/dev/null)" OK 'nothing of ours: no sessions'
        "$@" setup >/dev/null
        is "$("$@" snapshot "${a[@]}" 9 2>/dev/null)" OK 'after setup: no sessions'
        "$@" add "${a[@]}" >/dev/null
        "$@" add "${b[@]}" >/dev/null
        serve 2222
        dial client "TCP:$server4:2222,bind=$client4:50001"
        hang_up
        dial client "TCP6:[$server6]:2222,bind=[$client6]:50002"
        hang_up
        until_true sh -c "! ss -Htn state connected '( sport = :2222 )' | grep -qv TIME-WAIT"
        for connection in "${a[*]}" "${b[*]}"; do
                # shellcheck disable=SC2086
                read -r _ counters <<<"$("$@" read $connection)"
                [[ $counters == [1-9]*\ [1-9]*\ [1-9]*\ [1-9]* ]]
                ok "$connection has counted"
                # shellcheck disable=SC2086
                is "$("$@" snapshot $connection 1 2>/dev/null)" "OK
${connection##* } $counters" 'the snapshot has the same'
        done
        is "$("$@" snapshot "$client4" 50001 "$server4" 2222 1 2>/dev/null)" OK \
                'ends that are exchanged are another connection'
        "$@" teardown >/dev/null
}
