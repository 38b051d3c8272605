# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The record log: JSON lines, read with jq. All but the first two look at records since the mark.
#
#   records_mark               from here on ...
#   records_all                prints every record of a session in the log
#   records_ports              prints every record of a local port
#   records_since              ... the records since the mark
#   records_jq FILTER [ARG...] runs jq on the array of them
#   records_count EVENT        how many of that event
#   records_wait EVENT N       waits until there are N
#   records_get EVENT KEY      the value of KEY in the only record of that event; `missing` if there is none
#   records_complaints true|false    what is wrong with the records of one session (records.jq);
#                              true: it must have been counted in full
#
#   RECORDS_LOG, RECORDS_STATE   log_file and state_dir of the world's configuration

RECORDS_LOG=$WORLD/records
RECORDS_STATE=$WORLD/state
RECORDS_FROM=1

records_all() {
    grep -a -v -F '"event":"port"' "$RECORDS_LOG" 2>/dev/null
}

records_ports() {
    grep -a -F '"event":"port"' "$RECORDS_LOG" 2>/dev/null
}

records_mark() {
    RECORDS_FROM=$(($(records_all | wc -l) + 1))
}

records_since() {
    records_all | tail -n "+$RECORDS_FROM"
}

records_jq() {
    records_since | jq -s -r "$@"
}

records_count() {
    records_jq --arg event "$1" '[.[] | select(.event == $event)] | length'
}

records_has() {
    local count

    count=$(records_count "$1" 2>/dev/null) && [ -n "$count" ] && [ "$count" -ge "$2" ]
}

records_wait() {
    await records_has "$1" "$2"
}

records_get() {
    records_jq --arg event "$1" --arg key "$2" \
        '[.[] | select(.event == $event)] | if length == 1 then .[0][$key] else "missing" end'
}

records_complaints() {
    records_jq --argjson counted "$1" --arg backend "$PAM_TRAFFIC_BACKEND" --arg host "$(uname -n)" --arg boot_id "$(cat /proc/sys/kernel/random/boot_id)" \
        -f "$HARNESS_LIB/records.jq" 2>&1
}
