#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A login without a state is found by a reap, and accounted from then on: its state was deleted, the module failed, its
# helper was killed. Nothing else is taken for one: scanners, what users run, other namespaces, what began before
# `enable`. What is not taken is held by processes that lack one thing each (found.pl); one that lacks nothing shows
# that it is this thing that decides.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

UNSET=4294967295
HERE=10.77.2.1 # an address of the server's on which the real sshd does not listen
SCANNERS=50
FAKE=$WORLD/sshd # a perl

# what a reap has seen, and not recorded yet
noted() {
    find "$RECORDS_STATE/found" -type f -exec grep -l '"session": null' {} + 2>/dev/null
}

# two reaps, the second when no open can come any more
reaped_twice() {
    traffic_reap
    records_age 121
    traffic_reap
}

# the records that are not complete: those that a reap made up
incomplete() {
    records_jq '[.[] | select(.complete == false and .event != "off") | "\(.event) \(.user) \(.local_addr)"] | join(", ")'
}

# gone, and nobody closes it: reaps end it when that was 10 s ago
ended() {
    case_settle
    traffic_reap
    records_age 11
    traffic_reap
}

began() {
    printf '%s\n' "$1" >"$RECORDS_STATE/enabled"
}

# fake USER ADDRESS PORT LOGINUID [netns|two]: its listener has the login uid FAKE_LISTENER, or none; then everybody may
# set it
fake() {
    local run=()

    [ "$1" = root ] || run=(setpriv "--reuid=$1" "--regid=$1" --clear-groups)
    fake_in "${run[@]}" -- "${@:2}"
}

# fake_in COMMAND... -- ADDRESS PORT LOGINUID [netns|two]
fake_in() {
    local run=()

    while [ "$1" != -- ]; do
        run+=("$1")
        shift
    done
    shift
    world_spawn world_exec server \
        sh -c "echo ${FAKE_LISTENER:-$UNSET} >/proc/self/loginuid && exec \"\$@\"" sh "${run[@]}" \
        "$FAKE" "$(dirname "$0")/found.pl" "$@"
    await fake_listens "$1" "$2"
}

fake_listens() {
    [ -n "$(world_in server ss -Hltn "src $1:$2")" ]
}

# knock ADDRESS PORT [OPTION]: a connection that stays; its pid is in WORLD_PID
knock() {
    : >"$WORLD/knocked"
    world_spawn world_exec client socat -u "TCP:$1:$2${3:-}" "OPEN:$WORLD/knocked,append"
    await grep -q ready "$WORLD/knocked"
}

# not_found WHAT: a reap sees nothing
not_found() {
    traffic_reap
    tap_is "not found: $1" "$(noted)" ''
}

scanners_are() {
    [ "$(pgrep -c -P "$SSHD_LISTENER")" -eq "$1" ]
}

# many USER: 2,160 connections from port 22 of an address of the server's, held until FLOOD is gone
many() {
    local user=$1 i

    FLOOD=$WORLD/files/flood.$user
    : >"$FLOOD"
    for i in 1 2 3 4 5 6; do
        world_spawn world_exec server setpriv "--reuid=$user" "--regid=$user" --clear-groups perl -MSocket -e '
            my ($here, $first, $flood) = @ARGV;
            my @kept;
            for my $port ($first .. $first + 359) {
                my $there = sockaddr_in($port, inet_aton("10.77.2.2"));
                my ($listener, $caller);
                socket($listener, PF_INET, SOCK_STREAM, 0) && bind($listener, $there) && listen($listener, 1) or die "$!";
                socket($caller, PF_INET, SOCK_STREAM, 0) && setsockopt($caller, SOL_SOCKET, SO_REUSEADDR, 1) &&
                    bind($caller, sockaddr_in(22, inet_aton($here))) && connect($caller, $there) or die "$!";
                push @kept, $listener, $caller;
            }
            select(undef, undef, undef, 0.05) while -e $flood;' 10.77.2.9 $((20000 + i * 400)) "$FLOOD"
    done
    await many_are 2160
}

many_are() {
    [ "$(world_in server ss -Htn state established "src 10.77.2.9:22" | wc -l)" -ge "$1" ]
}

world_enter "$@"
# the listener, and all that it starts, is in the audit session of an admin, bob: that alone says nothing
{ echo 20002 >/proc/self/loginuid; } 2>/dev/null || tap_skip_all 'this kernel has no audit sessions'
for n in 1 2 3 4 5 6 7 8 9; do world_in server ip addr add "10.77.2.$n/16" dev "$WORLD_LINK"; done
world_in server sysctl -qw net.ipv4.ip_unprivileged_port_start=0
traffic_install
traffic_configure ports='22 2222' 'exclude=10.77.1.0/24'
sshd_start "ListenAddress=$WORLD_SERVER4"

case_begin 'state deleted'
client_hold "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero'
records_wait start 1
await eval '! traffic_works'
not_found 'a login with a state'
# whatever process the state names
sed -i 's/"pid": [0-9]*/"pid": 999999/' "$RECORDS_STATE"/sessions/*
not_found 'a connection that a state has'
rm "$RECORDS_STATE"/sessions/*
traffic_reap
tap_is "$CASE_NAME: it is seen" "$(noted | wc -l)" 1
traffic_reap
tap_is "$CASE_NAME: its open may still come" "$(syslog_count 'found without')" 0
reaped_twice
tap_is "$CASE_NAME: it goes on" "$(syslog_count 'found without a state: user alice')" 1
tap_is "$CASE_NAME: it is seen no more" "$(noted)" ''
reaped_twice
client_release
case_settle
records_wait stop 1
await traffic_idle
tap_is "$CASE_NAME: one session" \
    "$(records_jq '[.[] | .event | select(. != "interim")] | join(" ")') $(records_jq 'map(.session) | unique | length')" 'start stop 1'
tap_is "$CASE_NAME: its numbers, and its end" \
    "$(records_jq 'map(.seq) == [range(length)]') $(records_jq '.[-1] | "\(.user) \(.complete) \(.incomplete_cause) \(.terminate_cause != "NAS-Error")"')" \
    'true alice false begin true'
tap_is "$CASE_NAME: what was told before is not told again" \
    "$(records_jq '.[-1].in_bytes == (map(.delta_in_bytes) | add)')" true
case_exact
case_clean

case_begin 'the module failed'
pam_write sshd
client_hold "alice@$WORLD_SERVER4" 'grep -h . /proc/self/sessionid; echo'
pam_write sshd "$(pam_traffic_line)"
not_found 'a login of before the PAM line'
began "$(date +%s%6N)"
not_found 'a login of before enable'
began 1000000
reaped_twice
tap_is "$CASE_NAME: one start" "$(records_jq '[.[] | .event] | join(" ")')" start
tap_is "$CASE_NAME: whose it is" \
    "$(records_jq '.[0] | [.service, .user, .uid, .pid, .rhost, .remote_port, .audit_session] | join(" ")')" \
    "sshd alice 20001 $(syslog_accepted pid) $WORLD_CLIENT4 $(syslog_accepted port) $(head -n 1 "$CLIENT_OUTPUT")"
tap_is "$CASE_NAME: what is not known" \
    "$(records_jq '.[0] | "\(.complete) \(.incomplete_cause) \(.preauth_in_bytes) \(.preauth_source)"')" \
    'false begin null null'
tap_is "$CASE_NAME: it is told" "$(syslog_count "found without a record: user alice from $WORLD_CLIENT4")" 1
client_release
ended
tap_is "$CASE_NAME: one stop" "$(records_jq '[.[] | .event] | join(" ")') $(records_get stop terminate_cause)" \
    'start stop NAS-Error'
tap_is "$CASE_NAME: not complete" "$(records_get stop complete) $(records_get stop incomplete_cause)" 'false begin'
case_exact
case_clean

# the module has another id for it: what sshd closes is the one that was found
case_begin 'no helper, and no place to leave it'
rm -rf /var/lib/pam_traffic
mkdir /var/lib/pam_traffic
: >/var/lib/pam_traffic/spool
traffic_place_script 'exit 1'
client_hold "alice@$WORLD_SERVER4" true
traffic_place
reaped_twice
tap_is "$CASE_NAME: one start" "$(records_jq '[.[] | .event] | join(" ")')" start
client_release
case_settle
records_wait stop 1
await traffic_idle
tap_is "$CASE_NAME: one stop, by its close" \
    "$(records_jq '[.[] | .event] | join(" ")') $(records_jq '.[-1].terminate_cause != "NAS-Error"')" 'start stop true'
case_exact
case_clean
rm /var/lib/pam_traffic/spool

# all of them stay until the end
case_begin 'no logins'
for ((i = 0; i < SCANNERS; i++)); do
    world_spawn world_exec client socat -u "TCP:$WORLD_SERVER4:22" "OPEN:$WORLD/scanned,creat,append"
done
await scanners_are $SCANNERS
not_found "$SCANNERS scanners"
cp "$(readlink -f "$(type -P perl)")" "$FAKE"

fake root "$HERE" 2001 0
knock "$HERE" 2001
not_found 'a port that is not known'

fake 20001 "$HERE" 2222 20001
knock "$HERE" 2222
not_found "a user's own sshd, on another port"
pkill -x sshd -u 20001
await eval '! fake_listens "$HERE" 2222'
fake 20001 "$HERE" 22 20001
knock "$HERE" 22
not_found "a user's own sshd, on the same port of another address"
many 20001
not_found "a user's 2,160 connections"
tap_is 'they do not hide others' "$(syslog_count 'not all of them were looked at')" 0
rm "$FLOOD"
await eval '! many_are 1000'
many 0
not_found "root's 2,160 connections"
tap_is 'that these may, is told' "$(syslog_count 'more than 2048 connections .*not all of them were looked at')" 1
rm "$FLOOD"
await eval '! many_are 1000'

FAKE_LISTENER=0 fake root 10.77.2.2 22 $UNSET
knock 10.77.2.2 22
not_found 'no login uid: not past authentication'
fake_in setpriv --ruid=20001 -- "$HERE" 2222 20001
knock "$HERE" 2222
not_found "a user's own sshd that has root's rights"
fake root 10.77.2.3 22 0 netns
knock 10.77.2.3 22
not_found 'an sshd in another network namespace'
fake_in unshare --pid --fork -- 10.77.2.4 22 0
knock 10.77.2.4 22
not_found 'an sshd in another process namespace'
fake_in unshare --user --map-root-user -- 10.77.2.5 22 0
knock 10.77.2.5 22
not_found 'an sshd in another user namespace'
fake root 10.77.2.6 22 0 two
world_spawn world_exec client socat -u TCP:10.77.2.6:22 "OPEN:$WORLD/scanned,append"
knock 10.77.2.6 22
not_found 'a process with two connections'
cp "$FAKE" "$WORLD/sshx"
FAKE=$WORLD/sshx fake root 10.77.2.7 22 0
knock 10.77.2.7 22
not_found 'another program than sshd'

fake root 10.77.2.8 22 0
from=$(client_address 9)
knock 10.77.2.8 22 ",bind=$from"
not_found 'an excluded network'

# root's sshd is the process of its session, too, and holds what it has forwarded
world_spawn world_exec client socat -u TCP-LISTEN:9,bind=127.0.0.1 "OPEN:$WORLD/scanned,append"
client_hold -R 127.0.0.1:2222:127.0.0.1:9 "root@$WORLD_SERVER4" true
await sshd_listens 2222
world_spawn world_exec server socat -u TCP:127.0.0.1:2222 "OPEN:$WORLD/scanned,append"
await eval '[ -n "$(world_in server ss -Htn state established "src 127.0.0.1:2222")" ]'
not_found "what root's sshd forwards"
world_spawn client_ssh -N -L "127.0.0.1:7022:$WORLD_SERVER4:22" "alice@$WORLD_SERVER4"
await eval '[ -n "$(world_in client ss -Hltn "src 127.0.0.1:7022")" ]'
world_spawn world_exec client socat -u TCP:127.0.0.1:7022 "OPEN:$WORLD/scanned,append"
await scanners_are $((SCANNERS + 3))
await eval '! traffic_works'
not_found "what a user's sshd calls"

# from here on there is one that lacks nothing
knock 10.77.2.8 22
lacks_nothing=$WORLD_PID
pam_write sshd
not_found 'a service that is not configured'
pam_write sshd "# $(pam_traffic_line)" "$(pam_traffic_line service=other)" "$(pam_traffic_line conf=/other)"
not_found 'one that is configured otherwise'
pam_write sshd "$(pam_traffic_line)"
reaped_twice
tap_is "$CASE_NAME: not one record but that of the one that lacks nothing" \
    "$(syslog_count 'found without') $(incomplete)" '1 start root 10.77.2.8'
reaped_twice
tap_is "$CASE_NAME: nor later" "$(incomplete) $(noted)" 'start root 10.77.2.8 '
kill "$lacks_nothing"
await eval '[ -z "$(world_in server ss -Htn state connected "src 10.77.2.8:22 and dst $WORLD_CLIENT4")" ]'
traffic_reap
records_age 11
traffic_reap
tap_is "$CASE_NAME: it ends" "$(incomplete)" 'start root 10.77.2.8, stop root 10.77.2.8'
tap_is "$CASE_NAME: no sanitizer has to say anything" "$(traffic_faults)" ''
tap_done
