# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Clients that nobody here wrote; the tests clients-*.sh source this after the harness.
#
#   clients_need TOOL...         skips the whole test if one is not installed
#   clients_run COMMAND...       runs it in the client's namespace, with a home folder of the world
#   clients_background COMMAND...   the same in the background, its pid is in WORLD_PID
#   clients_ssh                  prints the ssh command line for programs that start ssh themselves
#   clients_listen SIDE PORT     true once somebody listens on that port
#   clients_end [KEY=VALUE...]   case_end for a case of several connections: as many starts, stops and
#                                sessions as sshd accepted, each as the contract says and with KEYs in
#                                all of its records; the sum of the counters equals the yardstick

clients_need() {
    local tool

    for tool in "$@"; do
        [ -n "$(type -P "$tool")" ] || tap_skip_all "$tool is not here (packaging/install-packages clients)"
    done
}

clients_run() {
    world_in client env "HOME=$WORLD/home/root" "$@"
}

clients_background() {
    world_spawn world_exec client env "HOME=$WORLD/home/root" "$@"
}

clients_ssh() {
    client_configure
    printf 'ssh -F %s/ssh_config %s\n' "$WORLD" "${CLIENT_IDENTITY[*]}"
}

clients_listen() {
    world_in "$1" ss -Hltn "sport = :$2" | grep -q .
}

clients_complaints() {
    local session

    for session in $(records_jq '[.[].session] | unique | .[]'); do
        records_since | jq -c --arg session "$session" 'select(.session == $session)' |
            jq -s -r --argjson counted true --arg host "$(uname -n)" \
                --arg backend "$PAM_TRAFFIC_BACKEND" --arg boot_id "$(cat /proc/sys/kernel/random/boot_id)" -f "$HARNESS_LIB/records.jq" 2>&1
    done
}

clients_end() {
    local accepted name=$CASE_NAME expected

    case_settle
    accepted=$(syslog_accepted port | wc -l)
    records_wait stop "$accepted" || tap_diag "$name: no stop record for each"
    await traffic_idle
    tap_ok "$name: there were several connections" test "$accepted" -gt 1
    tap_is "$name: starts, stops, sessions" \
        "$(records_count start) $(records_count stop) $(records_jq 'map(.session) | unique | length')" \
        "$accepted $accepted $accepted"
    tap_is "$name: remote ports are those that sshd logged" \
        "$(records_jq 'map(select(.event == "stop").remote_port) | sort | .[]')" "$(syslog_accepted port | sort -n)"
    tap_is "$name: each as the contract says" "$(clients_complaints)" ''
    for expected in "$@"; do
        tap_is "$name: ${expected%%=*}" "$(records_jq --arg key "${expected%%=*}" 'map(.[$key]) | unique | .[]')" \
            "${expected#*=}"
    done
    tap_is "$name: the sum of bytes and packets is the client's" \
        "$(records_jq 'map(select(.event == "stop")) |
            [(map(.in_bytes), map(.in_packets), map(.out_bytes), map(.out_packets)) | add | tostring] | join(" ")')" \
        "$(yardstick_read "$CASE_ADDR")"
    case_clean
}
