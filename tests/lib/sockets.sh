# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# `pam_traffic sockets` in the server's namespace, and processes with sockets for it to see; the tests
# sockets*.sh source this after the harness.
#
#   sockets_enter "$@"           world_enter, with what these tests need; no sshd
#   sockets_agent USER SIDE STEP...   a process of USER (agent.py has the steps); its pid is in WORLD_PID
#   sockets_await NAME           waits for an agent's signal;  sockets_signal NAME gives one
#   sockets ARG...               the program as root; what it says on standard error is in WORLD/sockets.err
#   sockets_json ARG...          the same with --json
#   sockets_jq FILTER ARG...     ... and jq on it
#   sockets_sum SELECT ARG...    in_bytes in_packets out_bytes out_packets of the rows that SELECT (jq) selects
#   sockets_quiet                waits until no TCP connection of either side has more to send or to acknowledge
#   sockets_exact NAME SELECT YARDSTICK   a case: they become, and are, what the yardstick counted
#   sockets_rows SELECT CELLS ARG...   a line for each such row: CELLS (jq) of it
#   sockets_adds_up NAME         a case: all rows together are what conntrack has
#   sockets_over                 ends the agents that are left, and the test

SOCKETS_SIGNALS=$WORLD/signals

sockets_enter() {
    [ -n "$PAM_TRAFFIC_CLI" ] || tap_bail 'PAM_TRAFFIC_CLI is not set: run this by meson test --suite system'
    WORLD_TOOLS+=' python3 setpriv'
    world_enter "$@"
    sockets_last
    install -d -m 1777 "$SOCKETS_SIGNALS"
    # where every user may read them
    install -m 644 "$HARNESS_LIB/agent.py" "$WORLD/agent.py"
    install -m 755 "$PAM_TRAFFIC_CLI" "$WORLD/pam_traffic"
}

# What was counted stays: an entry of conntrack that goes between two looks has been seen by one of them alone.
sockets_last() {
    local timeout

    for timeout in /proc/sys/net/netfilter/nf_conntrack_*timeout*; do
        world_in server sysctl -qw "${timeout#/proc/sys/}=7200"
    done 2>/dev/null
}

sockets_exec() {
    local user=$1 side=$2

    shift 2
    world_exec "$side" setpriv "--reuid=$user" "--regid=$user" --clear-groups \
        python3 -B "$WORLD/agent.py" "$SOCKETS_SIGNALS" "$@"
}

sockets_agent() {
    world_spawn sockets_exec "$@"
}

sockets_signal() {
    : >"$SOCKETS_SIGNALS/$1"
}

sockets_await() {
    await test -e "$SOCKETS_SIGNALS/$1" || tap_diag "no signal $1"
}

sockets() {
    world_in server env -i LC_ALL=C "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli" "$WORLD/pam_traffic" sockets \
        --config "$TRAFFIC_CONFIG" "$@" 2>"$WORLD/sockets.err"
}

sockets_json() {
    sockets --json "$@"
}

sockets_jq() {
    sockets_json "${@:2}" | jq -r "$1"
}

SOCKETS_ADD='[(map(.in_bytes), map(.in_packets), map(.out_bytes), map(.out_packets)) | add | tostring] | join(" ")'

sockets_sum() {
    sockets_jq "[.sockets[] | select($1)] | $SOCKETS_ADD" "${@:2}"
}

sockets_rows() {
    sockets_jq "[.sockets[] | select($1) | $2] | sort | .[]" "${@:3}"
}

sockets_quiet() {
    await client_quiet || tap_diag 'something goes on: nothing is exact yet'
}

sockets_agree() {
    [ "$(sockets_sum "$1")" = "$(yardstick_port_read "$2")" ]
}

sockets_exact() {
    sockets_quiet
    await sockets_agree "$2" "$3"
    tap_is "$1: bytes and packets are the peer's" "$(sockets_sum "$2")" "$(yardstick_port_read "$3")"
    tap_ok "$1: and there were some" [ "$(yardstick_port_read "$3" | awk '{ print ($1 > 0 && $3 > 0) }')" = 1 ]
}

# packets and bytes of both directions of all entries
sockets_conntrack() {
    {
        world_in server conntrack -L -o extended -f ipv4
        world_in server conntrack -L -o extended -f ipv6
    } 2>/dev/null | awk '{ entries++
        for (i = 1; i <= NF; i++) {
            if (sub(/^packets=/, "", $i)) packets += $i
            if (sub(/^bytes=/, "", $i)) bytes += $i } }
        END { printf "%d %d\n", packets, bytes }'
}

sockets_total() {
    sockets_jq '[.sockets[] | select(.in_bytes != null)]
        | "\(map(.in_packets + .out_packets) | add) \(map(.in_bytes + .out_bytes) | add)"'
}

sockets_totals_agree() {
    [ "$(sockets_total)" = "$(sockets_conntrack)" ]
}

sockets_adds_up() {
    sockets_quiet
    await sockets_totals_agree
    tap_is "$1: all rows together are what conntrack has (packets, bytes)" "$(sockets_total)" "$(sockets_conntrack)"
}

sockets_over() {
    [ $$ -eq 1 ] || return # only ever inside a world: there, every agent is ours
    pkill -f "$WORLD/agent.py"
    tap_is 'no sanitizer report' "$(traffic_faults)" ''
    tap_is 'no agent failed' "$(grep -A 20 '^Traceback' "$WORLD/spawned")" ''
    tap_done
}
