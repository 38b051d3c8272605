#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Somebody holds the xtables lock, and does not let go: a reap waits for it once, however many sessions it has, and comes
# to its end while the lock is still held. What only the rules know then, since conntrack was flushed, is not lost: no
# session ends without it, and the next reap reads it.
#
# The reap's patience has to pass, a minute: nothing else in this test takes time.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

lock_held() {
    ! flock -n /run/xtables.lock true
}

no_helper() {
    ! traffic_works
}

ended() {
    ! kill -0 "$1" 2>/dev/null
}

# login USER: one more that stays until the gate `release` opens
login() {
    client_ssh "$1@$WORLD_SERVER4" "head -c 300000 /dev/zero; $(gate_wait release)" 2>>"$WORLD/spawned" | wc -c >>"$WORLD/came" &
}

of_user() {
    records_jq --arg user "$1" "[.[] | select(.event == \"stop\" and .user == \$user)] | $2"
}

# both sums of all stop records, as the yardstick has them
moved() {
    records_moved | awk '{ for (i = 1; i <= 4; i++) sum[i] += $i } END { print sum[1], sum[2], sum[3], sum[4] }'
}

PAM_TRAFFIC_BACKEND=iptables
world_enter "$@"
traffic_install
sshd_start

case_begin 'the lock is held'
gate_shut release
for user in alice alice alice bob; do
    login $user
done
records_wait start 4
await no_helper
await client_quiet

# three are over, and nobody closes them; then conntrack forgets
pkill -KILL -f '^sshd: alice \[priv\]' # first, or it would close
pkill -KILL -f '^sshd: alice@'
await eval '[ "$(pgrep -c -f "^sshd: alice")" = 0 ] && [ "$(wc -l <"$WORLD/came")" = 3 ]'
await client_quiet
world_in server conntrack -F 2>/dev/null

gate_shut unlock
world_spawn flock /run/xtables.lock sh -c "$(gate_wait unlock)"
await lock_held
traffic_reap &
reap=$!
tap_ok "$CASE_NAME: a reap of four sessions comes to its end" await ended "$reap"
tap_ok "$CASE_NAME: while the lock is still held" lock_held
tap_not "$CASE_NAME: it says that something is left to do" wait "$reap"
tap_is "$CASE_NAME: in one line" "$(syslog_count 'cannot be read now')" 1
tap_is "$CASE_NAME: nothing ended without its rules" "$(records_count stop)" 0
tap_is "$CASE_NAME: no account is spoiled" \
    "$(jq -s '[.[].whole] | all' "$RECORDS_STATE"/sessions/*.json)" true

gate_open unlock
wait "$WORLD_PID"
# the minute in which a close may still come is over
records_age 100
tap_ok "$CASE_NAME: the next reap does it" traffic_reap
tap_is "$CASE_NAME: three have ended, complete" "$(of_user alice 'map(.complete) | tojson')" '[true,true,true]'
gate_open release
records_wait stop 4
await traffic_idle
tap_is "$CASE_NAME: the one that went on is complete" "$(of_user bob 'map(.complete) | tojson')" '[true]'
tap_is "$CASE_NAME: one start, one stop each" "$(records_count start) $(records_count stop)" '4 4'
case_settle
tap_is "$CASE_NAME: bytes and packets are the client's" "$(moved)" "$(yardstick_read "$CASE_ADDR")"
case_clean
tap_done
