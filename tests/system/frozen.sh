#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sshd's control group (version 2) is frozen, as by `systemctl freeze ssh`, while a login that pam_systemd has moved
# out of it begins or ends. A helper that begins in that group does not run; sshd does not wait for it longer than
# open_timeout, and the login is left in the spool. Nothing comes of that helper when the group is thawed: the next
# reap makes the records, one start and one stop, exact.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# long enough that a slow machine's helper answers, and short: each frozen one takes as long
TIMEOUT=5s

# groups_make: for sshd, and for who has logged in; seen here alone, but they are the machine's
groups_make() {
    mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null && [ -e /sys/fs/cgroup/cgroup.procs ] || return
    GROUP=/sys/fs/cgroup/pam_traffic-$WORLD_ID
    mkdir "$GROUP.sshd" "$GROUP.user" || return
    trap 'groups_remove; world_leave' EXIT
}

groups_remove() {
    thaw
    sshd_stop
    await rmdir_empty "$GROUP.sshd"
    await rmdir_empty "$GROUP.user"
}

rmdir_empty() {
    rmdir "$1" 2>/dev/null
}

freeze() {
    echo 1 >"$GROUP.sshd/cgroup.freeze"
    await frozen
}

frozen() {
    grep -q 'frozen 1' "$GROUP.sshd/cgroup.events"
}

thaw() {
    echo 0 >"$GROUP.sshd/cgroup.freeze"
}

# alone_in_group: nobody is in sshd's group but the listener
alone_in_group() {
    [ "$(<"$GROUP.sshd/cgroup.procs")" = "$SSHD_LISTENER" ]
}

# ended PID: frozen, its parent does not take it
ended() {
    [[ $(ps -o stat= -p "$1") =~ ^Z|^$ ]]
}

held() {
    syslog_count "$1: pam_traffic_helper reap will record this login: the helper did not begin within open_timeout"
}

# lines SCRIPT...: what PAM runs before the module
lines() {
    pam_write sshd "${@/#/session optional pam_exec.so }" "$(pam_traffic_line open_timeout=$TIMEOUT)"
}

# recorded LEFT: what the case left is done by one reap, and by no other
recorded() {
    case_settle
    await eval '! traffic_works'
    tap_is "$CASE_NAME: what is left" "$(traffic_left | sed 's/.*\.//' | sort | tr '\n' ' ')" "$1"
    traffic_reap
    traffic_reap
    tap_is "$CASE_NAME: one start, one stop" "$(records_count start) $(records_count stop)" '1 1'
    tap_is "$CASE_NAME: complete" "$(records_get stop complete)" true
    case_exact
    tap_is "$CASE_NAME: nothing is left to do" "$(traffic_left)" ''
    case_clean
}

world_enter "$@"
groups_make || tap_skip_all 'no control groups of version 2'
traffic_install "open_timeout=$TIMEOUT"
sshd_start
echo "$SSHD_LISTENER" >"$GROUP.sshd/cgroup.procs"

# as pam_systemd does it
printf '%s\n' '#!/bin/sh' "echo \$PPID >$GROUP.user/cgroup.procs && echo 0 >$GROUP.user/cgroup.procs" >"$WORLD/move"
# ... and then somebody freezes
printf '%s\n' "$(<"$WORLD/move")" "echo 1 >$GROUP.sshd/cgroup.freeze" \
    "until grep -q 'frozen 1' $GROUP.sshd/cgroup.events; do sleep 0.02; done" >"$WORLD/move-freeze"
chmod 755 "$WORLD/move" "$WORLD/move-freeze"

lines "type=open_session $WORLD/move"
case_begin 'frozen at close'
client_hold "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero'
records_wait start 1
await eval '! traffic_works'
monitor=$(syslog_accepted pid)
tap_is "$CASE_NAME: the login is in a group of its own" "$(sed -n 's/^0:://p' "/proc/$monitor/cgroup")" "/${GROUP##*/}.user"
freeze
client_release
tap_ok "$CASE_NAME: sshd's process ends" await ended "$monitor"
tap_ok "$CASE_NAME: while its group is still frozen" frozen
tap_is "$CASE_NAME: a line says so" "$(held close)" 1
tap_ok "$CASE_NAME: nobody waits in the group" await alone_in_group
thaw
tap_is "$CASE_NAME: no stop record yet" "$(records_count stop)" 0
recorded 'close '

lines "type=open_session $WORLD/move-freeze"
case_begin 'frozen from open to close'
tap_is "$CASE_NAME: the login works" "$(client_ssh "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero' | wc -c)" 300000
case_settle
await syslog_has 'close: pam_traffic_helper reap will'
tap_ok "$CASE_NAME: while the group is frozen" frozen
tap_is "$CASE_NAME: a line says so at open, and one at close" "$(held open) $(held close)" '1 1'
tap_ok "$CASE_NAME: nobody waits in the group" await alone_in_group
thaw
await sshd_is_alone
tap_is "$CASE_NAME: no record yet" "$(records_since)" ''
recorded 'close open '

case_begin 'frozen at open, thawed before close'
client_hold "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero'
tap_ok "$CASE_NAME: the login works while the group is frozen" frozen
monitor=$(syslog_accepted pid)
tap_is "$CASE_NAME: it has no child but the user's process" "$(pgrep -c -P "$monitor")" 1
thaw
client_release
await sshd_is_alone
tap_is "$CASE_NAME: a line says so at open alone" "$(held open) $(held close)" '1 0'
recorded 'close open '

# doctor waits for a helper in that group, says why it does not begin, and what thaws the group
helper_row() {
    world_in server env -i "$PAM_TRAFFIC_CLI" doctor --config "$TRAFFIC_CONFIG" --json | jq -r 'select(.check == "login-helper")'
}
freeze
SAID=$(helper_row)
tap_is 'doctor: the group is frozen' "$(jq -r '"\(.status) \(.finding | test("is the control group of sshd frozen"))"' <<<"$SAID")" \
    'fail true'
bash -c "$(jq -r .mend <<<"$SAID")"
tap_not 'doctor: thawed' frozen
tap_is 'doctor: a helper begins' "$(helper_row | jq -r .status)" pass

tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
