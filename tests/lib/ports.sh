# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What sshd's port moves, logins or not; ports.sh and ports-crash.sh source this after the harness.
#
#   ports_begin                after traffic_install: the port is counted from here on, exactly; each reap writes
#                              what moved; the yardstick of the port is named "port"
#   ports_scan ADDR            a connection that sends rubbish, and reads what comes
#   ports_jq FILTER            runs jq on the array of the port's records since ports_mark
#   ports_mark                 from here on
#   ports_total                in_bytes in_packets out_bytes out_packets: the sum of the last totals of all accounts
#   ports_settled              reaps; true once the total is the yardstick's
#   ports_exact NAME           cases: the totals are the client's; each (session, seq) is there once, without a gap;
#                              deltas add up to the totals, as does the last record of each account

PORTS_FROM=1

ports_begin() {
    traffic_configure ports=22 interim_interval=1us
    traffic_setup || tap_bail 'pam_traffic_helper setup failed'
    yardstick_port port 4 tcp local 22
    yardstick_port port 6 tcp local 22
    ports_mark
}

ports_mark() {
    PORTS_FROM=$(($(records_ports | wc -l) + 1))
}

ports_jq() {
    records_ports | tail -n "+$PORTS_FROM" | jq -s -r "$@"
}

ports_scan() {
    printf 'GET / HTTP/1.0\r\n\r\n\0\377\376%0200d\r\n' 7 |
        world_in client socat -t "$AWAIT_SECONDS" - "TCP:$WORLD_SERVER4:22,bind=$1" >/dev/null 2>>"$WORLD/spawned"
}

ports_total() {
    ports_jq '[group_by(.session)[] | max_by(.seq)] |
        "\(map(.in_bytes) | add // 0) \(map(.in_packets) | add // 0) \(map(.out_bytes) | add // 0) \(map(.out_packets) | add // 0)"'
}

ports_settled() {
    traffic_reap
    [ "$(ports_total)" = "$(yardstick_port_read port)" ]
}

ports_exact() {
    await ports_settled
    tap_is "$1: bytes and packets are the client's" "$(ports_total)" "$(yardstick_port_read port)"
    tap_is "$1: each record once, none is missing" \
        "$(ports_jq '[group_by(.session)[] | map(.seq) | select(. != [range(length)])] | length')" 0
    tap_is "$1: the deltas add up" \
        "$(ports_jq '[group_by(.session)[] | [(map(.delta_in_bytes) | add) - .[-1].in_bytes,
            (map(.delta_out_bytes) | add) - .[-1].out_bytes]] | flatten | unique | join(" ")')" 0
}
