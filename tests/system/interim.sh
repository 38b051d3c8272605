#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Interim records: a reap writes one where interim_interval has passed, each in order; the sum of the
# deltas is the total, and the total is the client's. An interval is an hour: it is made to pass.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

HOUR=3600

# session CONFIGURED-INTERVAL SSH-ARG...: one that sends N bytes whenever `pump N` says so
session() {
    traffic_configure "interim_interval=$1" 'exclude=10.77.1.0/24'
    shift
    # the port has its record now: when the next one comes, it is time for one of the session, too
    traffic_reap
    pump_begin "$@"
    await eval '! traffic_works'
}

# reaped_later SECONDS: a reap when so much time has passed
reaped_later() {
    records_age "$1"
    traffic_reap
}

# those keys grow, or stay, from record to record
grows() {
    records_jq --arg key "$1" 'map(.[$key] // 0) | . == sort' | grep -q true
}

world_enter "$@"
traffic_install
sshd_start

client_ssh "alice@$WORLD_SERVER4" true
records_wait stop 1
await eval '! traffic_works'
case_begin 'four intervals'
session 1h "alice@$WORLD_SERVER4"
for n in 1 2 3 4; do
    pump $((n * 300000))
    reaped_later $((HOUR / 2))
    tap_is "$CASE_NAME: half an interval later there is none" "$(records_count interim)" $((n - 1))
    reaped_later $((HOUR / 2))
    tap_is "$CASE_NAME: an interval later there is one" "$(records_count interim)" "$n"
    tap_is "$CASE_NAME: the record has the totals of now" \
        "$(records_jq '.[-1] | .in_bytes >= .preauth_in_bytes + '"$PUMPED")" true
done
pump 1000
pump_end
case_end user=alice
tap_is "$CASE_NAME: the records" "$(records_jq '[.[].event] | join(" ")')" 'start interim interim interim interim stop'
for key in seq time duration in_bytes in_packets out_bytes out_packets tcp_in_bytes tcp_out_bytes; do
    tap_ok "$CASE_NAME: $key grows" grows "$key"
done
tap_is "$CASE_NAME: each has its own time" "$(records_jq 'map(.time) | unique | length')" 6
tap_is "$CASE_NAME: each an interval after the other" \
    "$(records_jq '[.[] | select(.event == "interim").duration] | [., [0] + .[:-1]] | transpose | all(.[0] - .[1] >= '"$HOUR"')')" true

case_begin 'no interim records'
session 0 "alice@$WORLD_SERVER4"
pump 100000
reaped_later $HOUR
pump 100000
reaped_later $((100 * HOUR))
pump_end
case_end user=alice
tap_is "$CASE_NAME: none" "$(records_count interim)" 0

case_begin 'idle'
session 1h "alice@$WORLD_SERVER4"
traffic_reap
traffic_reap
tap_is "$CASE_NAME: none before its interval" "$(records_count interim)" 0
reaped_later $HOUR
tap_is "$CASE_NAME: one after it" "$(records_count interim)" 1
tap_is "$CASE_NAME: nothing new in it" \
    "$(records_jq '.[1] | "\(.event) \(.delta_in_bytes < 2000) \(.complete)"')" 'interim true true'
pump_end
case_end user=alice

here=$(client_address 7)
yardstick_watch "$here"
case_begin 'excluded' "$here"
session 1h -b "$here" "alice@$WORLD_SERVER4"
pump 1000
reaped_later $HOUR
pump_end
case_settle
records_wait stop 1
tap_is "$CASE_NAME: records" "$(records_complaints false)" ''
tap_is "$CASE_NAME: no counters" \
    "$(records_jq 'map("\(.event) \(.excluded) \(.in_bytes) \(.delta_out_bytes)") | unique | join(", ")')" \
    'interim true null null, start true null null, stop true null null'
case_clean

tap_done
