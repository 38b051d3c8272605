#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One login is one session, also where a reap has recorded it, under an id of its own, and the module comes later: at
# close, when the reap has ended it already; at open, when a module before it took minutes. And one whose state file is
# damaged has one stop, and leaves no rules.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

FROM=(-o "ProxyCommand=socat - TCP:%h:%p,sourceport=40022,reuseaddr,linger=0")

reaped_twice() {
    traffic_reap
    records_age 121
    traffic_reap
}

# one session of alice's, ended once
once() {
    tap_is "$CASE_NAME: one session" \
        "$(records_jq '[.[] | .event] | join(" ")') $(records_jq 'map(.session) | unique | length')" 'start stop 1'
    tap_is "$CASE_NAME: numbered in order" "$(records_jq '[.[] | .seq] | tojson')" '[0,1]'
    case_exact
}

world_enter "$@"
{ echo 20002 >/proc/self/loginuid; } 2>/dev/null || tap_skip_all 'this kernel has no audit sessions'
traffic_install
sshd_start
echo 1000000 >"$RECORDS_STATE/enabled"

case_begin 'its close comes when a reap has ended it'
rm -rf /var/lib/pam_traffic
mkdir /var/lib/pam_traffic
: >/var/lib/pam_traffic/spool
: >/run/pam_traffic
traffic_place_script 'exit 1'
client_hold "${FROM[@]}" "alice@$WORLD_SERVER4" "head -c 300000 /dev/zero; echo \$PPID >~/sshd"
traffic_place
rm /var/lib/pam_traffic/spool /run/pam_traffic
reaped_twice
tap_is "$CASE_NAME: it is found" "$(syslog_count 'found without a record')" 1
child=$(<"$WORLD/home/alice/sshd")
kill -STOP "$child"
pkill -KILL -x socat
client_kill KILL
await client_over "$WORLD_CLIENT4"
reaped_twice
traffic_reap
tap_is "$CASE_NAME: a reap has ended it" "$(records_count stop)" 1
kill -CONT "$child"
await sshd_is_alone
await traffic_idle
reaped_twice
once
traffic_reap
tap_is "$CASE_NAME: its close would still find it" "$(find "$RECORDS_STATE/found" -type f | wc -l)" 1
records_age 601
traffic_reap
tap_is "$CASE_NAME: nothing is known of it any more" "$(ls "$RECORDS_STATE/found")" ''
case_clean

printf '#!/bin/sh\n: >%s/slowly\nuntil [ -e %s/go ]; do sleep 0.1; done\n' "$WORLD" "$WORLD" >"$WORLD/slow"
chmod 755 "$WORLD/slow"
pam_write sshd "session optional pam_exec.so seteuid type=open_session $WORLD/slow" "$(pam_traffic_line)"
case_begin 'its open comes when a reap has recorded it'
client_hold_none=$(mktemp -p "$WORLD")
client_ssh "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero' >"$client_hold_none" &
await test -e "$WORLD/slowly"
reaped_twice
tap_is "$CASE_NAME: it is found" "$(records_count start)" 1
: >"$WORLD/go"
wait "$!"
case_settle
records_wait stop 1
await traffic_idle
tap_is "$CASE_NAME: its bytes came" "$(stat -c %s "$client_hold_none")" 300000
once
tap_is "$CASE_NAME: not complete" "$(records_get stop complete) $(records_get stop incomplete_cause)" 'false begin'
case_clean
pam_write sshd "$(pam_traffic_line)"

rm "$WORLD/slowly" "$WORLD/go"
pam_write sshd "session optional pam_exec.so seteuid type=open_session $WORLD/slow" "$(pam_traffic_line)"
case_begin 'its open is left to a reap that has recorded it'
client_ssh "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero' >"$WORLD/got" &
await test -e "$WORLD/slowly"
reaped_twice
traffic_place_script 'exit 1'
: >"$WORLD/go"
wait "$!"
traffic_place
await sshd_is_alone
await eval 'traffic_reap; [ "$(records_count stop)" -ge 1 ]'
once
case_clean
pam_write sshd "$(pam_traffic_line)"

# what was left at open is left at close, too: a reap may do that before the helper of the close does
rm "$WORLD/slowly" "$WORLD/go"
pam_write sshd "session optional pam_exec.so seteuid type=open_session $WORLD/slow" "$(pam_traffic_line)"
case_begin 'its close is held up until a reap has ended it'
client_ssh "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero' >"$WORLD/got" &
await test -e "$WORLD/slowly"
reaped_twice
traffic_place_script '[ "$1" != open ] || exit 1' \
    "[ \$1 != close ] || : >$WORLD/closing; while [ \$1 = close ] && ! [ -e $WORLD/let ]; do sleep 0.1; done" \
    "exec $PAM_TRAFFIC_HELPER \"\$@\""
: >"$WORLD/go"
wait "$!"
await test -e "$WORLD/closing"
await sshd_is_alone
await eval 'traffic_reap; [ "$(records_count stop)" -ge 1 ]'
traffic_reap
: >"$WORLD/let"
await eval '! traffic_works'
traffic_place
once
case_clean
pam_write sshd "$(pam_traffic_line)"

for who in reap close; do
    case_begin "its state is damaged, $who sees it"
    client_hold "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero'
    records_wait start 1
    await eval '! traffic_works'
    for state in "$RECORDS_STATE"/sessions/*.json; do : >"$state"; done
    [ "$who" = close ] || traffic_reap
    client_release
    case_settle
    records_wait stop 1
    await eval '! traffic_works'
    tap_is "$CASE_NAME: it was put aside" \
        "$(find "$RECORDS_STATE/sessions" -name '*.damaged' | wc -l)" 1
    once
    rm "$RECORDS_STATE"/sessions/*.damaged
    case_clean
done

case_begin 'its state is taken away'
client_hold "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero'
records_wait start 1
await eval '! traffic_works'
rm "$RECORDS_STATE"/sessions/*.json
client_release
case_settle
records_wait stop 1
await eval '! traffic_works'
once
tap_is "$CASE_NAME: that is said" "$(syslog_count 'its state file is gone')" 1
case_clean
tap_done
