#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the admin's commands add up of real logins is what the clients counted, difference 0: report, metrics,
# alert and usage, with one session that is still open.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# sums COMMAND ARG...: as root, in the server's namespace
sums() {
    world_in server env -i TZ=UTC LC_ALL=C "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli" "$WORLD/pam_traffic" \
        "$1" --config "$TRAFFIC_CONFIG" "${@:2}" 2>"$WORLD/sums.err"
}

# moved ADDR...: bytes in and out, as the clients counted them
moved() {
    local addr

    for addr; do
        yardstick_read "$addr"
    done | awk '{ in_ += $1; out += $3 } END { print in_ + 0, out + 0 }'
}

world_enter "$@"
[ -n "$PAM_TRAFFIC_CLI" ] || tap_bail 'PAM_TRAFFIC_CLI is not set: run this by meson test --suite system'
install -m 755 "$PAM_TRAFFIC_CLI" "$WORLD/pam_traffic"
traffic_install
# where alert looks for it
world_shadow "${PAM_TRAFFIC_MODULE_PATH%/*}"
install -m 644 "$PAM_TRAFFIC_MODULE" "$PAM_TRAFFIC_MODULE_PATH"
sshd_start

first=$(client_address 7)
second=$(client_address 8)
third=$(client_address 9)
for addr in "$first" "$second" "$third"; do
    yardstick_watch "$addr"
done
records_mark
head -c 300000 /dev/zero | client_pipe -b "$first" "alice@$WORLD_SERVER4" 'wc -c; head -c 500000 /dev/zero' >/dev/null
head -c 70000 /dev/zero | client_pipe -b "$second" "alice@$WORLD_SERVER4" 'wc -c' >/dev/null
client_ssh -b "$third" "bob@$WORLD_SERVER4" 'head -c 2000000 /dev/zero' >/dev/null
records_wait stop 3
await traffic_idle

wanted_alice=$(moved "$first" "$second")
wanted_bob=$(moved "$third")
tap_is 'report: alice and bob, what the clients counted' \
    "$(sums report --json | jq -r '.rows | sort_by(.user)[] | "\(.user) \(.in) \(.out) \(.sessions)"')" \
    "alice $wanted_alice 2
bob $wanted_bob 1"
tap_is 'metrics: the same' "$(sums metrics | sed -n 's/^pam_traffic_user_bytes_total{user="\(.*\)",direction="\(.*\)"} /\1 \2 /p' | sort)" \
    "alice in ${wanted_alice% *}
alice out ${wanted_alice#* }
bob in ${wanted_bob% *}
bob out ${wanted_bob#* }"
# sshd may close first (docs/records.md)
tap_is 'metrics: sessions' "$(sums metrics | awk '/^pam_traffic_sessions_(open|incomplete)/
    /^pam_traffic_sessions_ended_total.*(User-Request|Admin-Reset)/ { n += $2 } END { print "ended", n }')" \
    'pam_traffic_sessions_open 0
pam_traffic_sessions_incomplete 0
ended 3'
tap_is 'usage: alice' "$(sums usage --user alice --json | jq -r 'select(.period == "this month") | "\(.user) \(.in_bytes) \(.out_bytes) \(.sessions) \(.open) \(.complete)"')" \
    "alice $wanted_alice 2 0 false" # the log begins later than the month
total=$((${wanted_bob% *} + ${wanted_bob#* }))
sums alert --any --over $((total - 1)) --per month >"$WORLD/alert"
tap_is 'alert: one byte less is a limit that bob is over' "$? $(grep -c '1 user is over.*: bob ' "$WORLD/alert")" '1 1'
sums alert --any --over "$total" --per month >"$WORLD/alert"
tap_is 'alert: what he moved is none' "$?" 0
tap_is 'the page has the same' "$(sums report --html - | grep -o '<td data-value="[0-9]*">' | tr -dc '0-9\n' | head -n 2 | paste -sd ' ')" \
    "$wanted_bob"

# a session that is open counts as far as it was recorded
client_hold "bob@$WORLD_SERVER4" 'head -c 100000 /dev/zero'
records_wait start 4
tap_is 'open: metrics' "$(sums metrics | grep '^pam_traffic_sessions_open')" 'pam_traffic_sessions_open 1'
tap_is 'open: usage' "$(sums usage --user bob --json | jq -r 'select(.period == "this month") | "\(.sessions) \(.open)"')" '2 1'
client_release
records_wait stop 4
await traffic_idle
tap_is 'over again' "$(sums metrics | grep '^pam_traffic_sessions_open')" 'pam_traffic_sessions_open 0'
tap_is 'nothing was said' "$(cat "$WORLD/sums.err")" ''
tap_is 'the sanitizers have nothing to say' "$(traffic_faults; cat "$WORLD"/sanitizer.cli* 2>/dev/null)" ''

tap_done
