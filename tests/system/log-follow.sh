#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic log --follow while logins come and go and logrotate rotates the log, by rename and by
# copytruncate: every record once, in the order of the log.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

OUT=$WORLD/followed
ALL=$WORLD/all

# rotate WORD...: logrotate, with these words in its configuration
rotate() {
    printf '%s {\n rotate 20\n %s\n}\n' "$RECORDS_LOG" "$*" >"$WORLD/logrotate"
    logrotate -f -s "$WORLD/logrotate.state" "$WORLD/logrotate"
}

logins() {
    local pids=() i

    for i in $(seq "$1"); do
        client_ssh "alice@$WORLD_SERVER4" true &
        pids+=("$!")
    done
    client_await "${pids[@]}"
}

followed() {
    [ "$(wc -l <"$OUT")" -ge "$1" ]
}

listens() {
    grep -q inotify "/proc/$FOLLOWER/fdinfo"/* 2>/dev/null
}

WORLD_TOOLS+=' logrotate'
world_enter "$@"
[ -n "$PAM_TRAFFIC_CLI" ] || tap_bail 'PAM_TRAFFIC_CLI is not set: run this by meson test --suite system'
traffic_install
sshd_start
: >"$RECORDS_LOG"
env -i "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli" "$PAM_TRAFFIC_CLI" log --follow --json --config "$TRAFFIC_CONFIG" \
    >"$OUT" 2>"$WORLD/follow.err" </dev/null &
FOLLOWER=$!
await listens

# by rename: what is written meanwhile is in the old file or in the new one
for round in 1 2 3; do
    logins 5 &
    burst=$!
    rotate nocreate
    wait "$burst"
done
await traffic_idle
await followed 30
cat "$RECORDS_LOG".* "$RECORDS_LOG" >"$ALL" 2>/dev/null
tap_is 'by rename: 15 logins' "$(jq -r .event "$ALL" | sort | uniq -c | tr -s ' ')" ' 15 start
 15 stop'
tap_is 'by rename: every record, once' "$(jq -r '"\(.session) \(.seq)"' "$OUT" | sort)" \
    "$(jq -r '"\(.session) \(.seq)"' "$ALL" | sort)"

# by copytruncate, which loses what is written between copying and truncating: so not meanwhile
for round in 1 2 3; do
    before=$(wc -l <"$OUT")
    logins 3
    await traffic_idle
    await followed $((before + 6))
    rotate copytruncate
    tap_is "by copytruncate, $round: every record, once" \
        "$(tail -n +$((before + 1)) "$OUT" | jq -r '"\(.session) \(.seq)"' | sort)" \
        "$(jq -r '"\(.session) \(.seq)"' "$RECORDS_LOG.1" | tail -n 6 | sort)"
done
tap_is 'none is there twice' "$(jq -r '"\(.session) \(.seq)"' "$OUT" | sort | uniq -d)" ''
tap_is 'in all' "$(wc -l <"$OUT")" 48
kill -INT "$FOLLOWER"
wait "$FOLLOWER"
tap_is 'its end' "$? $(cat "$WORLD/follow.err")" '0 '
tap_is 'nothing wrong' "$(traffic_faults)" ''
tap_done
