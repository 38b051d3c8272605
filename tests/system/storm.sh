#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Twenty logins at once, each from an address of its own, so that each has a yardstick of its own.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

LOGINS=20

over() {
    client_over '10.77.1.'
}

# one line a session: address and counters, from the records and from the client
recorded() {
    records_jq '.[] | select(.event == "stop")
        | "\(.remote_addr) \(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets) \(.complete)"' | sort
}

counted() {
    local address

    for address in "${addresses[@]}"; do
        printf '%s %s true\n' "$address" "$(yardstick_read "$address")"
    done | sort
}

world_enter "$@"
traffic_install
sshd_start
addresses=()
for i in $(seq "$LOGINS"); do
    addresses+=("$(client_address "$i")")
    yardstick_watch "${addresses[-1]}"
done

clients=()
for address in "${addresses[@]}"; do
    client_ssh -b "$address" "alice@$WORLD_SERVER4" 'head -c 200000 /dev/zero' >"$WORLD/files/$address" &
    clients+=($!)
done
client_await "${clients[@]}"
tap_is 'every login works' "$CLIENT_FAILED" 0
await over
records_wait stop "$LOGINS"
await traffic_idle

tap_is 'starts' "$(records_count start)" "$LOGINS"
tap_is 'stops' "$(records_count stop)" "$LOGINS"
tap_is 'sessions' "$(records_jq 'map(.session) | unique | length')" "$LOGINS"
tap_is 'each one: bytes and packets are the client'"'"'s' "$(recorded)" "$(counted)"
tap_ok 'no rule is left' rules_same || tap_diag "$(rules_difference)"
tap_ok 'no helper and no state is left' traffic_idle
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
