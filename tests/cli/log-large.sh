#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic log of a large log: all of it, aligned, and the memory does not grow with it as the log does.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

: "${PAM_TRAFFIC_PEAK:=}"
[ -n "$PAM_TRAFFIC_PEAK" ] || tap_bail 'PAM_TRAFFIC_PEAK is not set: run this by meson test --suite cli'

# records N: a start and a stop record of N / 2 sessions, one of which has a long name and a late place
records() {
    awk -v n="$1" -v start="$(cli_record 1 0 start)" -v stop="$(cli_record 1 1 stop)" -v id="$(cli_session 1)" '
        BEGIN {
            for (i = 1; i <= n / 2; i++) {
                own = substr(id, 1, 24) sprintf("%012x", i)
                a = start; b = stop
                sub(id, own, a); sub(id, own, b)
                if (i == int(n / 2) - 3) sub("alice", "somebody-with-a-name", b)
                print a; print b
            }
        }'
}

# peak ARG...: the most memory, in KiB; freed memory is not kept by a sanitizer
peak() {
    env -i TZ=UTC LC_ALL=C.UTF-8 ASAN_OPTIONS=quarantine_size_mb=1:detect_leaks=0 \
        "$PAM_TRAFFIC_PEAK" "$PAM_TRAFFIC_CLI" "$@" 2>&1 >"$CLI/out" | tail -n 1
}

records 1000 >"$CLI/small"
records 20000 >"$CLI/large"
for how in '' --json; do
    small=$(peak log ${how:+"$how"} "$CLI/small")
    large=$(peak log ${how:+"$how"} "$CLI/large")
    tap_diag "log $how: $small KiB for 1,000 records, $large KiB for 20,000"
    tap_ok "log $how: twenty times the records, at most twice the memory" \
        test "${small:-0}" -gt 0 -a "$large" -le $((2 * small))
    tap_is "log $how: every session" \
        "$(grep -oE "$([ -n "$how" ] && echo '01a20450-[0-9a-f-]*' || echo '[0-9a-f]{8}$')" "$CLI/out" | sort -u | wc -l) $(wc -l <"$CLI/out")" \
        "10000 $([ -n "$how" ] && echo 10000 || echo 10001)"
    [ -n "$how" ] || tap_is 'all rows are aligned, one line has the names' \
        "$(awk '{ head = /^START/
                  print head ? index($0, "SESSION") : length - 7, index($0, head ? "FROM" : "10.77.0.2") }' \
            "$CLI/out" | sort -u | wc -l) $(grep -c '^START' "$CLI/out")" '1 1'
done

# one line of 50 MB costs no more
{
    cat "$CLI/small"
    head -c 50000000 /dev/zero | tr '\0' '{'
} >"$CLI/line"
small=$(peak log "$CLI/small")
large=$(peak log "$CLI/line")
tap_diag "$small KiB without a line of 50 MB, $large KiB with it"
tap_ok 'a line of 50 MB: at most twice the memory' test "${small:-0}" -gt 0 -a "$large" -le $((2 * small))
tap_is 'a line of 50 MB: the others are listed' "$(wc -l <"$CLI/out")" 501
cli_over
