#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The file system of the log is full, and logins end: what they moved is in each answer for root all the same, as theirs,
# and alert tells of it. When there is room again, the log has the same.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/ports.sh
. "$HARNESS_LIB/ports.sh"

SMALL=$WORLD/small

ask() {
    world_in server env -i TZ=UTC LC_ALL=C "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli" "$WORLD/pam_traffic" \
        "$1" --config "$TRAFFIC_CONFIG" "${@:2}" 2>"$WORLD/ask.err"
}

bobs() {
    ask report --json | jq -r '(.rows[] | select(.user == "bob") | "\(.in) \(.out) \(.sessions)"), .unauthenticated.out, .open' | xargs
}

# stopped LIST: of the states that there are, which have a stop record that was made
stopped() {
    [ "$(jq -s 'map(.stopped) | tostring' -r "$RECORDS_STATE"/sessions/*.json)" = "$1" ]
}

world_enter "$@"
[ -n "$PAM_TRAFFIC_CLI" ] || tap_bail 'PAM_TRAFFIC_CLI is not set: run this by meson test --suite system'
install -m 755 "$PAM_TRAFFIC_CLI" "$WORLD/pam_traffic"
mkdir "$SMALL"
mount -t tmpfs -o size=1M tmpfs "$SMALL"
traffic_install
ports_begin
RECORDS_LOG=$SMALL/log
traffic_configure ports=22 interim_interval=1us log_file="$RECORDS_LOG"
sshd_start
client=$(client_address 9)
yardstick_watch "$client"
client_ssh -b "$client" "bob@$WORLD_SERVER4" true
await traffic_idle
traffic_reap
cat /dev/zero >"$SMALL/others" 2>/dev/null
for size in 300000 400000; do
    client_ssh -b "$client" "bob@$WORLD_SERVER4" "head -c $size /dev/zero" >/dev/null
done
# the close of a session may come, and be at work, after its client is gone
await stopped '[true,true]'
await eval '! traffic_works'
tap_not 'full: a reap says so' traffic_reap
tap_ok 'full: the records wait' stopped '[true,true]'
wanted="$(yardstick_read "$client" | awk '{ print $1, $3 }') 3 0 0"
tap_is 'full: the report has what he moved, as his, and nothing is open' "$(bobs)" "$wanted"
ask usage --user bob --json >"$WORLD/usage"
tap_is 'full: usage, too' "$(jq -r 'select(.period == "today").out_bytes' "$WORLD/usage")" "$(cut -d ' ' -f 2 <<<"$wanted")"
tap_ok 'full: alert tells of him' grep -q 'bob' <(ask alert --any --over 600K --per day)
rm "$SMALL/others"
traffic_reap
await traffic_idle
tap_is 'room again: the same' "$(bobs)" "$wanted"
tap_is 'room again: nothing is wrong' "$(traffic_faults)" ''
tap_done
