#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic report of a large log: the memory does not grow with it as the log does; a disk that is full, and a
# first time that is killed, are no loss.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

: "${PAM_TRAFFIC_PEAK:=}"
[ -n "$PAM_TRAFFIC_PEAK" ] || tap_bail 'PAM_TRAFFIC_PEAK is not set: run this by meson test --suite cli'

# records N: a start and a stop record of N / 2 sessions, of 100 users, over a month
records() {
    awk -v n="$1" -v start="$(cli_record 1 0 start)" -v stop="$(cli_record 1 1 stop)" -v id="$(cli_session 1)" '
        # a record as a format: the time comes first, then the session, then the user
        function format(record) {
            sub("2026-11-22T17:00", "2026-11-%02dT%02d:%02d", record)
            sub(id, substr(id, 1, 24) "%012x", record)
            sub("alice", "user%d", record)
            return record "\n"
        }
        BEGIN {
            both = format(start) format(stop)
            for (i = 1; i <= n / 2; i++)
                printf both, 1 + i % 28, i % 24, i % 60, i, i % 100, 1 + i % 28, i % 24, i % 60, i, i % 100
        }'
}

# peak ARG...: the most memory, in KiB; freed memory is not kept by a sanitizer
peak() {
    env -i TZ=UTC LC_ALL=C.UTF-8 ASAN_OPTIONS=quarantine_size_mb=1:detect_leaks=0 \
        "$PAM_TRAFFIC_PEAK" "$PAM_TRAFFIC_CLI" "$@" 2>&1 >"$CLI/out" | tail -n 1
}

records 1000 >"$CLI/small"
records 20000 >"$CLI/large"
small=$(peak report "$CLI/small")
large=$(peak report "$CLI/large")
tap_diag "$small KiB for 1,000 records, $large KiB for 20,000"
tap_ok 'twenty times the records, at most twice the memory' test "${small:-0}" -gt 0 -a "$large" -le $((2 * small))
is=$(tail -n +2 "$CLI/out" | head -n 101)
tap_is 'every session is in it' "$(tr -s ' ' <<<"$is" | tail -n 1 | cut -d ' ' -f 5)" 10000

mkdir "$CLI/state"
printf 'log_file = %s\nstate_dir = %s\n' "$CLI/large" "$CLI/state" >"$CLI/conf"
report() {
    cli report --config "$CLI/conf"
    tail -n +2 "$CLI/out" | head -n 101
}

# no file may become larger than 400 KiB: so it is on a disk that is full
full=$(
    trap '' XFSZ
    ulimit -f 400
    report
    tap_diag "$(cat "$CLI/err")" >&2
)
tap_is 'a full disk: the same report' "$full" "$is"
tap_ok '... and a line that says so' grep -q 'index.db cannot be used' "$CLI/err"

# killed in the midst of the first time, when it has read some of the log, and more, and nearly all; the leak detector
# does not work in a process that is traced
rm -f "$CLI"/state/*
for nth in 20 40 60; do
    env -i TZ=UTC ASAN_OPTIONS=detect_leaks=0 strace -f -o "$CLI/calls" -e trace=read -e "inject=read:signal=KILL:when=$nth" \
        "$PAM_TRAFFIC_CLI" report --config "$CLI/conf" >/dev/null 2>&1
    tap_ok "killed when it reads for the ${nth}th time" grep -q 'killed by SIGKILL' "$CLI/calls"
done
tap_is 'killed three times: the same report' "$(report)" "$is"
tap_is '... and each record counts once' "$(cli report --json --config "$CLI/conf"; jq .records "$CLI/out")" 20000
cli_over
