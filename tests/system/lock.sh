#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Somebody else holds the xtables lock while a user logs in: the login does not wait for it, and the
# record is exact all the same. The helper that waits for it has next to nothing in its hands.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

lock_take() {
    gate_shut unlock
    world_spawn flock /run/xtables.lock sh -c "$(gate_wait unlock)"
    await lock_held
}

lock_held() {
    ! flock -n /run/xtables.lock true
}

# the processes that have it open, without the one that holds it
lock_awaits() {
    local pid

    for pid in $(pgrep -f pam_traffic_worker); do
        [ -z "$(find "/proc/$pid/fd" -lname /run/xtables.lock)" ] || echo "$pid"
    done
}

lock_awaited() {
    [ "$(lock_awaits | wc -l)" = 1 ]
}

lock_release() {
    gate_open unlock
    wait "$WORLD_PID"
}

# capabilities that the helper that counts may hold: NET_ADMIN, NET_RAW; for its files CHOWN,
# DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER; AUDIT_READ and the like have no business here
CAPABILITIES_ALLOWED=$((1 << 12 | 1 << 13 | 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3))

check_helper() {
    local pid status

    if [ "$PAM_TRAFFIC_BACKEND" = nftables ]; then
        tap_skip 'the waiting helper' 'it does not wait for the lock'
        return
    fi
    tap_ok 'a helper waits for the lock' await lock_awaited
    pid=$(lock_awaits)
    status=$(cat "/proc/$pid/status")
    # the script around a sanitized helper sets some
    [ -n "$PAM_TRAFFIC_PRELOAD" ] ||
        tap_is 'the helper has no environment' "$(tr '\0' '\n' <"/proc/$pid/environ")" ''
    tap_is 'the helper is in /' "$(readlink "/proc/$pid/cwd")" /
    tap_is 'the helper does not hold the connection' \
        "$(find "/proc/$pid/fd" -lname "socket:\[$(client_inode)\]")" ''
    tap_is 'the helper has few capabilities' \
        "$((0x$(sed -n 's/^CapEff:\t//p' <<<"$status") & ~CAPABILITIES_ALLOWED))" 0
    tap_is 'the helper cannot get them back' \
        "$((0x$(sed -n 's/^CapPrm:\t//p' <<<"$status") & ~CAPABILITIES_ALLOWED))" 0
}

client_inode() {
    world_in server ss -Htne state established 'sport = :22' | sed -n 's/.* ino:\([0-9]*\).*/\1/p'
}

world_enter "$@"
traffic_install
sshd_start

case_begin 'locked for the whole session'
lock_take
tap_is "$CASE_NAME: the data came" "$(client_ssh "alice@$WORLD_SERVER4" 'head -c 3000000 /dev/zero' | wc -c)" 3000000
tap_ok "$CASE_NAME: the lock is still held" lock_held
tap_is "$CASE_NAME: and nobody waited until open_timeout" "$(syslog_count 'did not answer within open_timeout')" 0
lock_release
case_end user=alice

case_begin 'locked while the session begins'
lock_take
tap_ok "$CASE_NAME: login" client_hold "alice@$WORLD_SERVER4" 'head -c 3000000 /dev/zero'
tap_ok "$CASE_NAME: the lock is still held" lock_held
check_helper
lock_release
tap_ok "$CASE_NAME: then the start record comes" records_wait start 1
client_release
case_end user=alice

case_begin 'locked while the session ends'
client_hold "alice@$WORLD_SERVER4" 'head -c 3000000 /dev/zero'
records_wait start 1
lock_take
client_release
tap_ok "$CASE_NAME: the connection ends" await client_over "$CASE_ADDR"
tap_ok "$CASE_NAME: the lock is still held" lock_held
lock_release
case_end user=alice

tap_done
