#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The benchmark still works: with the smallest sizes it has every row, each with a number that can be.
# How large a number is, is not looked at: this may be a slow machine, and a busy one.
#
# PAM_TRAFFIC_BUILD is the build to look at.
set -u
HERE=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=../lib/tap.sh
. "$HERE/../lib/tap.sh"

[ "$(id -u)" = 0 ] || tap_skip_all 'needs root'
for tool in iperf3 jq python3 sqlite3; do
    [ -n "$(type -P "$tool")" ] || tap_skip_all "needs $tool"
done

FOLDER=$(mktemp -d) || tap_bail 'no temporary folder'
trap 'rm -rf "$FOLDER"' EXIT
rules_of_host() {
    iptables-legacy-save | grep -v '^[#:]'
    ip netns list
}
rules_of_host >"$FOLDER/before" 2>&1
"$HERE/run" --json --sizes 0,2 --others 20 --records 300 --samples 4 --seconds 0 --rounds 1 \
    >"$FOLDER/json" 2>"$FOLDER/progress"
status=$?
rules_of_host >"$FOLDER/after" 2>&1

tap_is 'it runs' "$status" 0
[ "$status" = 0 ] || tap_diag "$(tail -n 20 "$FOLDER/progress")"
tap_ok 'the host is as it was' cmp "$FOLDER/before" "$FOLDER/after"

# ask FILTER: jq on what it printed
ask() {
    jq -r "$1" "$FOLDER/json" 2>&1
}

tap_is 'a backend is built, the others are named' "$(ask '
    ([.rows[].beside | values] | unique) + (.missing | del(.users) | keys) | unique | join(" ")')" 'iptables nftables'
tap_is 'every row has a median' "$(ask '
    [.rows[] | select(.what != "processes left" and (.what | endswith("per connection") | not) and ((.median | type) != "number" or .median <= 0)) | .what] | join(", ")')" ''
tap_is 'a 99th percentile is not below its median' "$(ask '
    [.rows[] | select(.p99 != null and .p99 < .median) | .what] | join(", ")')" ''
tap_is 'a ratio says what it is to' "$(ask '
    [.rows[] | select((.ratio == null) != (.compared_with == null) or (.ratio != null and .ratio <= 0)) | .what] | join(", ")')" ''
tap_is 'no helper failed' "$(ask '[.rows[] | select((.failed // 0) > 0 or (.statuses // [] | any(. != 0))) | .what] | join(", ")')" ''
tap_is 'no process of ours is left' "$(ask '[.rows[] | select(.what == "processes left") | .median] | unique | join(" ")')" 0
tap_is 'a reap ended what was gone, one stop record each' "$(ask '
    [.rows[] | select(.stop_records) | "\(.finished) \(.ended) \(.stop_records)"] | unique | join(", ")')" 'true 2 2'

for what in 'report, first' 'report, next' 'report, next, by user,day' jq 'sqlite3, query'; do
    tap_is "$what" "$(ask '[.rows[] | select(.what | startswith("'"$what"': ")) | "\(.what | sub(".*: "; "")) \(.others)"] | join(", ")')" \
        'time 300, on a processor 300, memory 300'
done
for what in 'sockets, JSON' 'sockets, table' 'ss -tunp' 'audit script'; do
    tap_is "$what" "$(ask '[.rows[] | select(.what | startswith("'"$what"': ")) | "\(.what | sub(".*: "; "")) \(.others)"] | join(", ")')" \
        'time 10, on a processor 10, memory 10, time 20, on a processor 20, memory 20, memory per connection 20'
done
# what this host cannot do is named, and the rest is there
if [ "$(ask '.missing.users // "no"')" = no ]; then
    for kind in bulk 'udp 64' connections; do
        tap_is "users, $kind" "$(ask '[.rows[] | select(.what | startswith("users, '"$kind"': ")) | .what | sub(".*: "; "")] | join(", ")')" \
            'none, empty, ours'
    done
    for what in 'makes accounts and records' 'nothing moved' 'all moved' 'all get a record'; do
        tap_is "users, reap, $what" "$(ask '[.rows[] | select(.what | startswith("users, reap, '"$what"': ")) | "\(.what | sub(".*: "; "")) \(.others)"] | join(", ")')" \
            'time 300, on a processor 300, memory 300'
    done
else
    tap_skip users "$(ask .missing.users)"
fi
for backend in $(ask '[.rows[].beside | values] | unique | join(" ")'); do
    for half in open close; do
        for what in pam_traffic 'pam_exec script' 'pam_exec empty' 'empty stack' 'helper done' \
            'helper memory'; do
            tap_is "$backend: $half: $what" "$(ask '[.rows[] | select(.beside == "'"$backend"'" and
                .what == "'"$half: $what"'") | "\(.live)+\(.others)"] | join(" ")')" '0+0 0+20 2+0 2+20'
        done
        tap_is "$backend: $half, processor" "$(ask '[.rows[] | select(.beside == "'"$backend"'" and .live == 2 and
            .others == 20 and (.what | startswith("'"$half, processor: "'"))) | .what | sub(".*: "; "")] | join(", ")')" \
            'pam_traffic, pam_exec script, pam_exec empty, empty stack'
    done
    for what in 'bulk, session port' 'small, session port' 'small, other port'; do
        tap_is "$backend: $what" "$(ask '[.rows[] | select(.beside == "'"$backend"'" and
            (.what | startswith("'"$what"'"))) | "\(.what | sub(".*: "; "")) \(.live)"] | join(", ")')" \
            'no module 0, flat rules 0, pam_traffic 0, no module 2, flat rules 2, pam_traffic 2'
    done
    for what in 'reap, no record due' 'reap, interim records' 'reap, finds 2 gone' 'reap, ends 2'; do
        tap_is "$backend: $what" "$(ask '[.rows[] | select(.beside == "'"$backend"'" and
            (.what | startswith("'"$what"'"))) | .what | sub(".*: "; "")] | join(", ")')" \
            "time, on a processor, memory$([ "$what" != 'reap, ends 2' ] || echo ', per session')"
    done
done
tap_done
