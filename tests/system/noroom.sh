#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A user has used up the file system of the state folder, its inodes or its blocks, as he can where /var/tmp is on the
# same one: his login is recorded all the same, exactly; with `strict`, too. So is one that began before, and one that no
# helper was there for.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

FULL=$WORLD/full
RUN=/run/pam_traffic

# as alice
fill() {
    setpriv --reuid 20001 --regid 20001 --clear-groups sh -c "$1" 2>/dev/null
    ! : 2>/dev/null >"$FULL/state/none" || ! printf '%0100000d' 1 2>/dev/null >"$FULL/state/none"
}

inodes() {
    fill "i=0; while : >$FULL/tmp/\$i; do i=\$((i + 1)); done"
}

blocks() {
    fill "cat /dev/zero >$FULL/tmp/large"
}

room() {
    rm -rf "$FULL/state/none" "$FULL"/tmp/*
}

# what is in the place for what had no room
kept() {
    find "$RUN" -type f -name "*.json" | sed 's/.*\///' | grep -c -- -
}

# where it is full, nothing of it is left behind
over() {
    await traffic_idle
    tap_is "$CASE_NAME: nothing is kept" "$(kept)" 0
    room
}

world_enter "$@"
mkdir -p "$FULL" /var/lib/pam_traffic "$RECORDS_STATE"
mount -t tmpfs -o size=8m,nr_inodes=150,mode=711 tmpfs "$FULL"
mkdir -m 1777 "$FULL/tmp"
mkdir -m 700 "$FULL/state" "$FULL/lib"
mount --bind "$FULL/state" "$RECORDS_STATE"
mount --bind "$FULL/lib" /var/lib/pam_traffic
traffic_install
sshd_start
case_begin 'there is room'
client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice

for what in inodes blocks; do
    case_begin "no $what"
    tap_ok "$CASE_NAME: that is so" "$what"
    client_hold "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero'
    records_wait start 1
    await eval '! traffic_works'
    tap_is "$CASE_NAME: doctor says so" "$(world_in server "$PAM_TRAFFIC_CLI" doctor --config "$TRAFFIC_CONFIG" --json |
        jq -r 'select(.check == "state-folder") | "\(.status) \(.finding | test("is full.*: 1;"))"')" 'warn true'
    tap_is "$CASE_NAME: its state is kept elsewhere, for root alone" \
        "$(kept) $(stat -c '%a %U' "$RUN" | sort -u)" '1 700 root'
    records_age 120
    traffic_reap
    client_release
    case_end user=alice
    over

    case_begin "no $what: the reaps"
    printf '%d 1 %s\n' "$(date +%s%6N)" "$(cat /proc/sys/kernel/random/boot_id)" >"$RECORDS_STATE/alive"
    "$what"
    traffic_reap
    traffic_reap
    tap_is "$CASE_NAME: at most one gap in them" "$(jq -s 'map(select(.event == "off")) | length' "$RECORDS_LOG")" 1
    room
    traffic_reap
    tap_is "$CASE_NAME: there is no second one" "$(jq -s 'map(select(.event == "off")) | length' "$RECORDS_LOG")" 1
    sed -i '/"event":"o[nf]*"/d' "$RECORDS_LOG"

    case_begin "no $what since it began"
    client_hold "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero'
    records_wait start 1
    await eval '! traffic_works'
    "$what"
    traffic_reap
    client_release
    case_end user=alice
    over

    pam_write sshd "$(pam_traffic_line strict | sed 's/optional/required/')"
    case_begin "no $what, strict"
    "$what"
    tap_is "$CASE_NAME: the login works" "$(client_ssh "alice@$WORLD_SERVER4" echo here)" here
    case_end user=alice
    over
    pam_write sshd "$(pam_traffic_line)"

    case_begin "no $what, no helper"
    "$what"
    traffic_place_script 'exit 1'
    client_ssh "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero' >/dev/null
    case_settle
    await sshd_is_alone
    traffic_place
    tap_is "$CASE_NAME: it is left to a reap" "$(find "$RUN/spool" -type l | wc -l)" 2
    traffic_reap
    tap_is "$CASE_NAME: one start, one stop" "$(records_count start) $(records_count stop)" '1 1'
    case_exact
    tap_is "$CASE_NAME: nothing is left to a reap" "$(find "$RUN/spool" -type l | wc -l)" 0
    over
done

# what a reap saves when there is room again outlasts the kernel
case_begin 'room again'
inodes
client_hold "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero'
records_wait start 1
await eval '! traffic_works'
room
world_in server bash -c "$(world_in server "$PAM_TRAFFIC_CLI" doctor --config "$TRAFFIC_CONFIG" --json |
    jq -r 'select(.check == "state-folder").mend')" 2>>"$WORLD/reap"
tap_is "$CASE_NAME: the state is where it belongs" \
    "$(kept) $(find "$RECORDS_STATE/sessions" -name '*.json' | wc -l)" '0 1'
client_release
case_end user=alice

# the power goes while the newer state is elsewhere: what the log has is neither said again nor taken back
traffic_configure interim_interval=1us
case_begin 'a reboot without room'
pump_begin "alice@$WORLD_SERVER4"
pump 300000
records_wait start 1
await eval '! traffic_works'
blocks
for n in 1 2; do
    pump 1000000
    client_quiet
    traffic_reap
done
tap_is "$CASE_NAME: two interim records" "$(records_count interim)" 2
known=$(records_jq '.[-1].out_bytes')
cp -a "$RECORDS_STATE/sessions" "$WORLD/older"
records_all >"$WORLD/log"
pump_end
sshd_stop
await traffic_idle
traffic_teardown
rm -rf "$RUN"
room
cat "$WORLD/log" >"$RECORDS_LOG"
cp -a "$WORLD/older/." "$RECORDS_STATE/sessions/"
for state in "$RECORDS_STATE"/sessions/*.json; do
    perl -pi -e 's/("boot_id": ").{36}/${1}01234567-89ab-4cde-8f01-23456789abcd/' "$state"
    chmod 400 "$state"
done
traffic_setup
sshd_start
traffic_reap
tap_is "$CASE_NAME: each number once" "$(records_jq '[.[].seq] | tojson')" '[0,1,2,3]'
tap_is "$CASE_NAME: its stop has what was known" \
    "$(records_jq '.[-1] | "\(.event) \(.out_bytes) \(.terminate_cause) \(.complete)"')" "stop $known NAS-Reboot false"
traffic_configure

# the log is there, too: the record waits until it has room
RECORDS_LOG=$FULL/state/log
traffic_configure
: >"$RECORDS_LOG"
case_begin 'the log has no room, then it has'
blocks
client_ssh "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero' >/dev/null
case_settle
await sshd_is_alone
await eval '! traffic_works'
room
traffic_reap
tap_is "$CASE_NAME: one start, one stop" "$(records_count start) $(records_count stop)" '1 1'
case_exact
over
tap_is 'no sanitizer has to say anything' "$(traffic_faults)" ''
tap_done
