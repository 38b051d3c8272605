#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# After a reboot, as far as one can be simulated: state files of another boot, nothing in the kernel.
# A real one is in tests/machine.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

OTHER_BOOT=01234567-89ab-4cde-8f01-23456789abcd

# the power goes: nothing of sshd, client, rules and conntrack is left; then the machine is another one
power_cycle() {
    rm -rf "$WORLD/kept"
    mkdir "$WORLD/kept"
    cp -a "$RECORDS_STATE/sessions/." "$WORLD/kept/"
    client_kill KILL
    # a helper is an sshd, too, until it is one: it would be stopped with them, and a reap does not come here
    await sshd_is_alone
    sshd_stop
    case_settle
    await traffic_idle
    world_in server conntrack -F 2>/dev/null
    traffic_teardown
    # what the close has written was not written
    records_all | head -n "$1" >"$WORLD/files/log"
    cat "$WORLD/files/log" >"$RECORDS_LOG"
    cp -a "$WORLD/kept/." "$RECORDS_STATE/sessions/"
    sed -i "s/$(cat /proc/sys/kernel/random/boot_id)/$OTHER_BOOT/" "$RECORDS_STATE"/sessions/*.json
    traffic_setup
    sshd_start
}

world_enter "$@"
traffic_install
sshd_start

case_begin 'reboot'
pump_begin "alice@$WORLD_SERVER4"
pump 300000
await eval '! traffic_works'
records_age 100
pump 2000000
await client_quiet
traffic_reap
last=$(yardstick_read "$CASE_ADDR")
power_cycle "$(records_all | wc -l)"
exec 7>&-
lasted=$(jq '(.seen_boottime - .opened_boottime) / 1000000' "$WORLD"/kept/*.json)
tap_ok "$CASE_NAME: reap" traffic_reap
tap_is "$CASE_NAME: one start, one stop" "$(records_count start) $(records_count stop)" '1 1'
tap_is "$CASE_NAME: the stop record says so" \
    "$(records_jq '.[-1] | "\(.event) \(.terminate_cause) \(.complete) \(.boot_id)"')" "stop NAS-Reboot false $OTHER_BOOT"
tap_is "$CASE_NAME: records are numbered in order" "$(records_jq 'map(.seq) == [range(length)]')" true
tap_is "$CASE_NAME: the totals of the last reap" \
    "$(records_jq '.[-1] | "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets)"')" "$last"
tap_is "$CASE_NAME: the sum of the deltas is the total" \
    "$(records_jq '(map(.delta_out_bytes) | add) == .[-1].out_bytes')" true
tap_is "$CASE_NAME: it lasted until it was last seen" \
    "$(records_jq '.[-1].duration | "\(.) \(. >= 100)"')" "$lasted true"
case_clean
traffic_reap
tap_is "$CASE_NAME: once" "$(records_count stop)" 1

# the helper had come no further than phase 1
case_begin 'reboot before the start record'
client_hold "alice@$WORLD_SERVER4" true
records_wait start 1
began=$(records_get start time)
from=$(records_all | wc -l)
power_cycle "$((from - 1))"
perl -pi -e 's/"seq":\s*1/"seq": 0/' "$RECORDS_STATE"/sessions/*.json
traffic_reap
tap_is "$CASE_NAME: a start and a stop record" \
    "$(records_jq 'map("\(.event) \(.seq) \(.terminate_cause) \(.complete)") | join(", ")')" \
    'start 0 null false, stop 1 NAS-Reboot false'
tap_is "$CASE_NAME: it began when it did" "$(records_get start time)" "$began"
case_clean

case_begin 'then'
client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice

tap_done
