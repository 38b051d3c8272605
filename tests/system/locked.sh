#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who may read a file may lock it by flock(2). So nothing of ours waits for such a lock: a user holds the PAM file,
# the log, usage_dir, and all goes on, while he still holds it. What is waited for is root's alone, and for the log
# a reap waits once, however many sessions it has.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

FILE=/etc/pam.d/sshd
USAGE=/var/lib/pam_traffic_usage
# the byte of the log's lock (lib/store/statelock.c)
BYTE=$(((1 << 48) + 1))

# cli ARG...    in the server's namespace; STATUS. Its deadline only ends what would hang.
cli() {
    world_in server env -i LC_ALL=C "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli" timeout "$AWAIT_SECONDS" \
        "$PAM_TRAFFIC_CLI" "$@" >"$WORLD/out" 2>&1 </dev/null
    STATUS=$?
}

# hold USER PATH    until let_go; the path may become another file's meanwhile
hold() {
    gate_shut let_go
    world_spawn setpriv --reuid "$1" --regid "$1" --init-groups sh -c "exec 9<$2; flock 9; $(gate_wait let_go)"
    await held
}

held() {
    flock -n "/proc/$WORLD_PID/fd/9" true
    [ $? = 1 ]
}

let_go() {
    gate_open let_go
    wait "$WORLD_PID"
}

# sessions N    so many, open until the gate `release` is
sessions() {
    gate_shut release
    pids=()
    for ((i = 0; i < $1; i++)); do
        client_ssh "alice@$WORLD_SERVER4" "$(gate_wait release)" 2>>"$WORLD/spawned" &
        pids+=($!)
    done
    records_wait start "$1"
    await no_helper
    records_age 3600
}

sessions_end() {
    gate_open release
    client_await "${pids[@]}"
}

no_helper() {
    ! traffic_works
}

# root_holds BYTE    of the file `lock`, as another process of ours would, until let_go
root_holds() {
    gate_shut let_go
    # shellcheck disable=SC2016  # perl's
    world_spawn perl -MFcntl -e '
        open my $lock, "+<", $ARGV[0] or die;
        fcntl $lock, F_SETLK, pack("s s x4 q q l x4", F_WRLCK, 0, $ARGV[1], 1, 0) or die;
        open my $told, ">", $ARGV[2] or die;
        close $told;
        system "sh", "-c", $ARGV[3];' "$RECORDS_STATE/lock" "$1" "$WORLD/files/told" "$(gate_wait let_go)"
    await test -e "$WORLD/files/told"
}

# of what a reap did: how often it tried for the log after it had first said that it cannot write, and how often it
# said so after that
after_first() {
    awk -v byte="l_start=$BYTE," '
        /cannot write to/ && /write\(2,/ { said++ }
        said && index($0, byte) && /EAGAIN/ { tried++ }
        END { print tried + 0, said - 1 }' "$WORLD/calls"
}

world_enter "$@"
[ -e "$FILE" ] || tap_skip_all 'this system has no file of sshd'
for program in setpriv strace; do
    [ -n "$(type -P "$program")" ] || tap_bail "$program is missing (see the list of packages in README.md)"
done
grep -q '^adm:' /etc/group || echo 'adm:x:4:' >>/etc/group
sed -i '/^adm:/s/:$/:alice/; t; /^adm:/s/$/,alice/' /etc/group
traffic_place
traffic_place_module
cp -p "$FILE" "$WORLD/original"

hold bob "$FILE"
cli enable
tap_is 'enable, while a user holds the PAM file' "$STATUS $(grep -c pam_traffic.so "$FILE")" '0 1'
tap_ok '... it came through while he held it' held
let_go
hold bob "$FILE"
cli disable
tap_is 'disable, while a user holds the PAM file' "$STATUS $(cmp "$FILE" "$WORLD/original")" '0 '
tap_ok '... it came through while he held it' held
let_go

traffic_configure interim_interval=1h "usage_dir=$USAGE"
pam_write sshd "session required $PAM_TRAFFIC_MODULE_PATH strict open_timeout=60s"
traffic_setup
rules_snapshot
yardstick_watch "$WORLD_CLIENT4"
sshd_start
case_begin 'the first login'
tap_ok "$CASE_NAME" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice

hold alice "$RECORDS_LOG"
case_begin 'a member of adm holds the log'
tap_ok "$CASE_NAME: strict lets the login in" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice
tap_ok "$CASE_NAME: still" held
records_mark
sessions 3
tap_ok "$CASE_NAME: a reap of three sessions" traffic_reap
tap_is "$CASE_NAME: each has its record" "$(records_count interim)" 3
sessions_end
tap_ok "$CASE_NAME: each has its stop record" records_wait stop 3
tap_ok "$CASE_NAME: still" held
let_go
await traffic_idle

cli usage --export
hold bob "$USAGE"
cli usage --export
tap_is 'usage --export, while a user holds the folder' "$STATUS $(cat "$WORLD/out")" '0 '
tap_ok '... it came through while he held it' held
let_go

tap_is 'what is waited for is for root alone' "$(stat -c '%a %U %G' "$RECORDS_STATE/lock")" '600 root root'

records_mark
sessions 3
root_holds "$BYTE"
tap_not 'root holds the lock of the log: a reap of three sessions fails' \
    world_in server env -i "ASAN_OPTIONS=log_path=$WORLD/sanitizer.helper:detect_leaks=0" \
    "$(type -P strace)" -f -s 400 -e trace=fcntl,write -o "$WORLD/calls" \
    "$PAM_TRAFFIC_HELPER" reap --config "$TRAFFIC_CONFIG" 2>"$WORLD/said"
tap_is '... a line for each, that says what it waits for' \
    "$(grep -c 'session .*: cannot write to .*: another process of pam_traffic ' "$WORLD/said")" 3
tap_is '... no record' "$(records_count interim)" 0
read -r tried said < <(after_first)
tap_is '... and after the first in vain, each is tried once' "$tried" "$said"
let_go
tap_ok '... the next reap writes them' traffic_reap
tap_is '... each once' "$(records_count interim)" 3
sessions_end
tap_ok '... and all end' records_wait stop 3
await traffic_idle
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
