#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A login for which no helper can be started, or none can write: the user has used up the processes of his control
# group, in which sshd's own process is, too, or has limits that hold in sshd. The login works as it would without us,
# what is known of it is left in the spool, and the next reap makes its records, exact.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

SPOOL=/var/lib/pam_traffic/spool

# login: alice's, with data both ways; its output is in WORLD/came
login() {
    head -c 300000 /dev/zero | client_pipe "alice@$WORLD_SERVER4" 'cat; head -c 200000 /dev/zero' 2>>"$WORLD/spawned" |
        wc -c >"$WORLD/came"
    [ "$(<"$WORLD/came")" = 500000 ]
}

# tunnel: the same without a process of the user's
tunnel() {
    head -c 300000 /dev/zero | client_pipe -W 127.0.0.1:7000 "alice@$WORLD_SERVER4" 2>>"$WORLD/spawned" |
        wc -c >"$WORLD/came"
    [ "$(<"$WORLD/came")" = 300000 ]
}

# recorded NAME: what the login of the case left is done by one reap
recorded() {
    case_settle
    tap_is "$CASE_NAME: nothing was recorded yet" "$(records_since)" ''
    tap_is "$CASE_NAME: what is left: whose it is, and who may see it" \
        "$(stat -c '%U %a %F' "$SPOOL") $(traffic_left | sed 's/.*\.//' | sort | tr '\n' ' ')" 'root 700 directory close open '
    # by an admin, whose audit session is not that of the login
    (echo 0 >/proc/self/loginuid && traffic_reap)
    tap_is "$CASE_NAME: one start, one stop" "$(records_count start) $(records_count stop)" '1 1'
    tap_is "$CASE_NAME: its audit session is not known" "$(records_jq '[.[].audit_session] | unique | tojson')" '[null]'
    tap_is "$CASE_NAME: who, from where, and its end" \
        "$(records_jq '.[1] | "\(.user) \(.remote_addr) \(.remote_port) \(.auth_method) \(.terminate_cause) \(.duration > 0)"' |
            sed 's/Admin-Reset/User-Request/')" \
        "alice $CASE_ADDR $(syslog_accepted port) publickey User-Request true"
    tap_is "$CASE_NAME: complete" "$(records_get stop complete)" true
    case_exact
    tap_is "$CASE_NAME: nothing is left to do" "$(traffic_left)" ''
    case_clean
}

# limited LIMIT VALUE...: the smallest VALUE with which a login works without us; with it, one works with us. Where
# it is memory, the steps are large: just at the edge it is chance whether one works.
limited() {
    local limit=$1 value works=no

    for value in "${@:2}"; do
        printf 'alice hard %s %s\n' "$limit" "$value" >"$WORLD/limits"
        pam_write sshd "session required pam_limits.so conf=$WORLD/limits"
        case_settle
        login && works=yes && break
    done
    tap_is "$limit: a login works without us, at the most with $value" "$works" yes
    pam_write sshd "session required pam_limits.so conf=$WORLD/limits" "$(pam_traffic_line)"
    case_begin "$limit $value"
    tap_ok "$CASE_NAME: the login works" login
    case_settle
    await sshd_is_alone
    await eval '! traffic_works'
    tap_diag "$CASE_NAME: $(syslog_since | grep -o 'pam_traffic.*' | head -n 2)"
    traffic_reap
    tap_is "$CASE_NAME: one start, one stop" "$(records_count start) $(records_count stop)" '1 1'
    tap_is "$CASE_NAME: complete" "$(records_get stop complete)" true
    case_exact
    tap_is "$CASE_NAME: nothing is left to do" "$(traffic_left)" ''
    case_clean
}

world_enter "$@"
# processes are counted by user, those of other worlds, too
users_renumber alice $((30000 + WORLD_ID % 30000))
traffic_install
sshd_start

if [ -d /sys/fs/cgroup/pids ]; then
    GROUP=/sys/fs/cgroup/pids/pam_traffic-$WORLD_ID
    mkdir "$GROUP"
    # nothing of this world is in it when it ends
    trap 'sshd_stop; rmdir "$GROUP"; world_leave' EXIT
    # as pam_systemd does it; then sshd has a place for one process more, which is the user's
    printf '%s\n' '#!/bin/sh' "echo \$PPID >$GROUP/cgroup.procs && echo 2 >$GROUP/pids.max" >"$WORLD/slice"
    # and the user takes the place of what has ended until sshd closes the session
    printf '%s\n' '#!/bin/sh' "echo 0 >$GROUP/pids.max" >"$WORLD/full"
    chmod 755 "$WORLD/slice" "$WORLD/full"
    world_spawn world_in server socat TCP-LISTEN:7000,bind=127.0.0.1,reuseaddr,fork EXEC:cat
    await sshd_listens 7000
    pam_write sshd "session optional pam_exec.so type=open_session $WORLD/slice" \
        "session optional pam_exec.so type=close_session $WORLD/full" "$(pam_traffic_line)"
    case_begin 'no process left'
    tap_ok "$CASE_NAME: the tunnel works" tunnel
    await sshd_is_alone # it is in PAM still when the connection is over
    tap_is "$CASE_NAME: a line says so at open, and one at close" \
        "$(syslog_count ': (open|close): .*reap will record this login: the helper cannot be started: Resource temp')" 2
    recorded
else
    tap_skip 'no process left' 'no pids controller of cgroup v1'
fi

# what cannot be written to is never written to by sshd's own process; nothing else of its limits matters either
limited fsize 0
limited nofile 3 4 5 6 7 8 10 12 14 16 20 24
limited nproc 0 1 2 4 8
limited core 0
limited stack 100
if [ -z "$PAM_TRAFFIC_PRELOAD" ]; then
    limited data 10 100 1000 10000
    limited as 100 1000 10000 100000
else
    tap_skip 'limits of memory' 'sanitizers need more of it than there is'
fi
limited memlock 0
limited sigpending 0

# left NAME FILTER: a login with a helper that cannot do it, from PORT; what the module left is changed by sed
PORT=40022
left() {
    traffic_place_script 'exit 1'
    pam_write sshd "$(pam_traffic_line)"
    case_begin "$1"
    from 30000
    case_settle
    await sshd_is_alone
    await eval '! traffic_works'
    tap_is "$CASE_NAME: it is left" "$(traffic_left | wc -l)" 2
    traffic_place
    for file in "$SPOOL"/*; do
        text=$(readlink -n "$file" | sed "$2" && echo .) # its last newline counts
        ln -sf "${text%.}" "$file"
    done
}

# from BYTES: a login from PORT that gets them
from() {
    client_ssh -o "ProxyCommand=socat - TCP:$WORLD_SERVER4:22,sourceport=$PORT,reuseaddr" "alice@$WORLD_SERVER4" \
        "head -c $1 /dev/zero" >/dev/null 2>>"$WORLD/spawned"
}

stop_of() {
    records_jq --arg id "$1" '.[] | select(.session == $id and .event == "stop")
        | "\(.terminate_cause) \(.complete) \(.out_bytes > 30000 and .out_bytes < 40000)"' | sed 's/Admin-Reset/User-Request/'
}

left 'another connection has its port' ''
id=$(basename -s .open "$SPOOL"/*.open)
# both have the same addresses and ports, and conntrack's entry is the second one's
world_in server conntrack -F 2>/dev/null
await from 3000000
records_wait stop 1
traffic_reap
tap_is "$CASE_NAME: nothing of it in the record" "$(stop_of "$id")" 'User-Request false true'
tap_is "$CASE_NAME: nothing is left to do" "$(traffic_left)" ''

left 'before another boot' 's/^boot_id=.*/boot_id=00000000-f73e-4fb4-969f-1bee522f7d42/'
id=$(basename -s .open "$SPOOL"/*.open)
traffic_reap
tap_is "$CASE_NAME: its records" \
    "$(records_jq --arg id "$id" '.[] | select(.session == $id) | "\(.event) \(.boot_id) \(.complete)"')" \
    'start 00000000-f73e-4fb4-969f-1bee522f7d42 false
stop 00000000-f73e-4fb4-969f-1bee522f7d42 false'
tap_is "$CASE_NAME: its end" "$(records_get stop terminate_cause)" NAS-Reboot
tap_is "$CASE_NAME: nothing is left to do" "$(traffic_left)" ''
case_clean

# nothing of what lies there is believed
case_begin 'what is no request'
mkdir -p "$SPOOL"
id=01a20482-0001-7afe-a8dd-4132d9940ff2
ln -s 'pam_traffic_request=1%zz' "$SPOOL/$id.open"
ln -s 'pam_traffic_request=2' "$SPOOL/$id.close"
ln -s /etc/passwd "$SPOOL/junk"
printf 'text' >"$SPOOL/file"
mkdir "$SPOOL/folder"
tap_not "$CASE_NAME: a reap says that it failed" traffic_reap
tap_is "$CASE_NAME: a line for each" "$(syslog_count 'spool/.* is not a request')" 5
tap_is "$CASE_NAME: they are out of the way, and kept" \
    "$(traffic_left; find /var/lib/pam_traffic -maxdepth 1 -name '*.damaged' | wc -l)" 5
tap_ok "$CASE_NAME: the next one has nothing to say" traffic_reap
tap_is "$CASE_NAME: no record" "$(records_since)" ''
tap_done
