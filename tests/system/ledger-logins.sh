#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The users' ledger and SSH logins: what a login's programs move beside its connection is in the login's row and in its
# stop record: forwards, programs, sudo and su, processes that outlive it. What has an audit session of its own is not.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

listens() {
    world_in "$1" ss -Hltn "sport = :$2" | grep -q .
}

serve() {
    world_spawn world_in "$1" socat "TCP-LISTEN:$2,bind=$3,reuseaddr,fork" EXEC:cat
    await listens "$1" "$2"
}

is_gone() {
    ! pgrep -f "$1" >/dev/null
}

# processes    what the stop record says of the login's programs
processes() {
    records_jq '[ .[] | select(.event == "stop") ] | last |
        "\(.process_in_bytes) \(.process_in_packets) \(.process_out_bytes) \(.process_out_packets)"'
}

# of_login    what selects the records of the last login: it has that boot and audit session
of_login() {
    records_jq '[ .[] | select(.event == "stop") ] | last |
        ".boot_id == \"\(.boot_id)\" and .audit_session == \(.audit_session)"'
}

# reported SESSION    what `report` has of it: in and out
reported() {
    "$PAM_TRAFFIC_CLI" report --ledger users --by login --csv --noheadings --config "$TRAFFIC_CONFIG" 2>>"$WORLD/spawned" |
        awk -F , -v session="$1" '$1 == session { print $2, $3 }'
}

# login COMMAND...    of alice's, or of LOGIN's; and wait for its stop record
login() {
    records_mark
    ledger_mark
    client_ssh "${LOGIN:-alice}@$WORLD_SERVER4" "$@" >>"$WORLD/spawned" 2>&1
    case_settle
    records_wait stop 1
    await traffic_idle
}

HERE=$(cd "$(dirname "$0")" && pwd)

world_enter "$@"
traffic_install
ledger_install
sshd_start
serve client 7001 "$WORLD_CLIENT4"
yardstick_port remote 4 tcp remote 7001
CASE_ADDR=$WORLD_CLIENT4

# a program in the shell
yardstick_zero
login "head -c 300000 /dev/zero | socat -t 30 - TCP:$WORLD_CLIENT4:7001 >/dev/null"
tap_is 'a program of a login: its bytes are beside the connection' "$(processes)" "$(yardstick_port_read remote)"
tap_not 'and they are something' test "$(processes)" = '0 0 0 0'
session=$(records_get stop session)
tap_is 'the ledger has them, as the login'"'"'s' \
    "$(ledger_read "select(.user == \"alice\" and $(of_login))")" "$(yardstick_port_read remote)"
tap_is 'and report has them as that SSH session'"'"'s' "$(reported "$session")" "$(yardstick_port_read remote | cut -d ' ' -f 1,3)"

# nothing beside it
login true
tap_is 'a login without programs that use the network' "$(processes)" '0 0 0 0'

# forwarding ARG...    a connection with forwards alone; forwarded: it ends, and its stop record is there
forwarding() {
    yardstick_zero
    records_mark
    ledger_mark
    world_spawn client_ssh -N -o ExitOnForwardFailure=yes "$@" "${LOGIN:-alice}@$WORLD_SERVER4"
}

forwarded() {
    client_kill
    case_settle
    records_wait stop 1
    await traffic_idle
}

forwarding -L "127.0.0.1:9000:$WORLD_CLIENT4:7001"
await listens client 9000
head -c 200000 /dev/zero | world_in client socat -t 30 - TCP:127.0.0.1:9000 >/dev/null
tap_is 'a forward (-L): report names an open login at once' "$(reported "$(records_get start session)")" \
    "$(yardstick_port_read remote | cut -d ' ' -f 1,3)"
forwarded
tap_is 'a forward (-L): what goes on from here is the login'"'"'s' "$(processes)" "$(yardstick_port_read remote)"

forwarding -D 127.0.0.1:9001
await listens client 9001
head -c 200000 /dev/zero | world_in client socat -t 30 - "SOCKS4:127.0.0.1:$WORLD_CLIENT4:7001,socksport=9001" >/dev/null
forwarded
tap_is 'a proxy (-D): what goes on from here is the login'"'"'s' "$(processes)" "$(yardstick_port_read remote)"
tap_not 'a proxy: and that is something' test "$(processes)" = '0 0 0 0'

# a port of this host that leads to the client: the login's socket, and that of whoever connects, both on loopback
world_in server ip link set lo up
world_in server iptables-legacy -t mangle -A INPUT -p tcp -m multiport --ports 9002 -m comment --comment loop
world_in server iptables-legacy -t mangle -A POSTROUTING -p tcp -m multiport --ports 9002 -m comment --comment loop
forwarding -R "127.0.0.1:9002:$WORLD_CLIENT4:7001"
await listens server 9002
head -c 200000 /dev/zero | ledger_as bob socat -t 30 - TCP:127.0.0.1:9002 >/dev/null
forwarded
read -r ib ip ob op < <(processes)
read -r bib bip bob bop < <(ledger_read 'select(.user == "bob")')
tap_is 'a port of a login (-R): it and who connects are what passed loopback' \
    "$((ib + bib)) $((ip + bip)) $((ob + bob)) $((op + bop))" \
    "$(world_in server iptables-legacy-save -c -t mangle | tr '[]:' '   ' | awk '
        / INPUT .*loop/ { i = $2 " " $1 } / POSTROUTING .*loop/ { o = $2 " " $1 } END { print i, o }')"
tap_ok 'a port of a login: both had something' test "$ib" -gt 200000 -a "$bob" -gt 200000

# the same of root's login: what root accepts is a service's traffic, but for what sshd forwards
LOGIN=root forwarding -R "127.0.0.1:9003:$WORLD_CLIENT4:7001"
await listens server 9003
head -c 200000 /dev/zero | ledger_as bob socat -t 30 - TCP:127.0.0.1:9003 >/dev/null
forwarded
read -r ib _ ob _ < <(processes)
tap_ok 'a port of a login of root (-R): it is the login'"'"'s' test "$ib" -gt 200000 -a "$ob" -gt 200000

# sudo and su inside it: another uid, the same login
printf 'alice ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/alice
yardstick_zero
login "head -c 100000 /dev/zero | sudo socat -t 30 - TCP:$WORLD_CLIENT4:7001 >/dev/null"
tap_is 'sudo: the login'"'"'s' "$(processes)" "$(yardstick_port_read remote)"
tap_is 'sudo: root'"'"'s bytes, of this login' \
    "$(ledger_read "select(.user == \"root\" and $(of_login))")" \
    "$(yardstick_port_read remote)"

yardstick_zero
LOGIN=root login "head -c 100000 /dev/zero | su bob -c 'socat -t 30 - TCP:$WORLD_CLIENT4:7001' >/dev/null"
tap_is 'su: the login'"'"'s' "$(processes)" "$(yardstick_port_read remote)"
tap_is 'su: bob'"'"'s bytes, of this login' \
    "$(ledger_read "select(.user == \"bob\" and $(of_login))")" \
    "$(yardstick_port_read remote)"
tap_not 'su: and they are something' test "$(processes)" = '0 0 0 0'

# 600 of alice's subordinate uids in one login of hers: the range has too many rows, and whose the rest is nobody knows
printf 'alice:300000:1000\n' >/etc/subuid
rests() {
    ledger_rows '$1 == "rest" { print $2 }'
}
uids="sudo perl $HERE/ledger-uids.pl 20001 300000 600 outside"
login "$uids"
mine=$(of_login)
tap_is 'many subordinate uids: what the login moved is not known' "$(processes)" 'null null null null'
LOGIN=bob login true
tap_is 'many subordinate uids: what a login of another user moved is known' "$(rests) $(processes)" '300000 0 0 0 0'
ledger_mark
LEDGER_FROM=1
read -r _ _ _ op < <(ledger_read "select($mine)")
tap_is 'many subordinate uids: the rows are the login'"'"'s all the same' "$op" 512
tap_is 'many subordinate uids: after the login, the row of the rest ends' "$(rests)" ''
gate_shut held
records_mark
world_spawn client_ssh "alice@$WORLD_SERVER4" "$uids; touch uids; $(gate_wait held)"
await test -e "$WORLD/home/alice/uids"
for _ in 1 2 3; do
    traffic_reap
done
tap_is 'many subordinate uids: the row of the rest stays while the login is open' "$(rests)" 300000
tap_is 'many subordinate uids: the list of the open logins' \
    "$(world_in server "$PAM_TRAFFIC_CLI" list --json --config "$TRAFFIC_CONFIG" | jq -c '[ .user, .process_out_packets ]')" \
    '["alice",null]'
gate_open held
records_wait stop 1
tap_is 'many subordinate uids: the stop record of that login' "$(processes)" 'null null null null'

# A process that outlives its login is still the login's. It moves nothing before its login is over and its account, if it
# had one, has ended.
# outlives NAME FIRST STOP    FIRST: what it does before; STOP: what the stop record says of it
outlives() {
    gate_shut later
    yardstick_zero
    login "${2:+$2; }setsid sh -c '$(gate_wait later); head -c 100000 /dev/zero | socat -t 30 - TCP:$WORLD_CLIENT4:7001' >/dev/null 2>&1 </dev/null &"
    session=$(records_get stop session)
    read -r before_in _ before_out _ < <(processes)
    tap_is "$1: its stop record has what was before it" "$(processes)" "$(yardstick_port_read remote)"
    traffic_reap
    traffic_reap
    tap_is "$1: no account of it is open" "$(ledger_rows '$1 == "user" && $2 == 20001 && $3 != "-"' | wc -l)" 0
    gate_open later
    await is_gone "TCP:$WORLD_CLIENT4:7001"
    tap_is "$1: the ledger has it, in that login's row" "$(ledger_read "select(.user == \"alice\" and $(of_login))")" \
        "$(yardstick_port_read remote)"
    tap_is "$1: report has it as that SSH session's" "$(reported "$session")" "$(yardstick_port_read remote | cut -d ' ' -f 1,3)"
    tap_is "$1: show has what came after it" "$("$PAM_TRAFFIC_CLI" show --bytes "$session" --config "$TRAFFIC_CONFIG" \
        2>>"$WORLD/spawned" | sed -n 's/^its programs after the logout: bytes *//p' | tr -s ' ')" \
        "$(yardstick_port_read remote | awk -v i="$before_in" -v o="$before_out" '{ print $1 - i, $3 - o }')"
    tap_ok "$1: and it is something" test "$(reported "$session" | cut -d ' ' -f 1)" -gt 100000
}
outlives 'a process that first moves after its login'
outlives 'a process that is quiet while its login ends' "head -c 5000 /dev/zero | socat -t 30 - TCP:$WORLD_CLIENT4:7001 >/dev/null"

# what has an audit session of its own, as cron's jobs have, is the uid's and not the login's
ledger_mark
yardstick_zero
world_in server "$PAM_TRAFFIC_LEDGER_TOOL" session setpriv --reuid=20001 --regid=20001 --clear-groups -- \
    sh -c "head -c 50000 /dev/zero | socat -t 30 - TCP:$WORLD_CLIENT4:7001 >/dev/null"
tap_is 'an audit session of its own: no SSH session is named' \
    "$(ledger_read 'select(.user == "alice" and .ssh_session == null)')" "$(yardstick_port_read remote)"

# root's own connections are his login's, over MPTCP, too: they are no service's
if [ -n "${PAM_TRAFFIC_MPTCP_LIBRARY:-}" ]; then
    yardstick_zero
    LOGIN=root login "LD_PRELOAD=$PAM_TRAFFIC_MPTCP_LIBRARY perl $LEDGER_PEERS connect $WORLD_CLIENT4 7001 1 100000"
    tap_is 'root over MPTCP: the login'"'"'s' "$(processes)" "$(yardstick_port_read remote)"
    tap_not 'root over MPTCP: and they are something' test "$(processes)" = '0 0 0 0'
fi

# daemon USER COMMAND...    a login of root's starts it: what it accepts is a service's traffic. PORT is another each time
PORT=7001
daemon() {
    PORT=$((PORT + 1))
    yardstick_port "daemon$PORT" 4 tcp local "$PORT"
    ledger_mark
    client_ssh "root@$WORLD_SERVER4" "${*:2} serve $WORLD_SERVER4 $PORT 1 100000' >/dev/null 2>&1 </dev/null &"
    await listens server "$PORT"
    world_in client perl "$LEDGER_PEERS" connect "$WORLD_SERVER4" "$PORT" 1 200000
    await is_gone 'ledger.pl serve'
    read -r ib ip ob op < <(yardstick_port_read "daemon$PORT")
    read -r gib gip gob gop < <(ledger_read "select(.user == \"$1\" and .audit_session == null)")
}

daemon root "setsid sh -c 'exec perl $LEDGER_PEERS"
tap_ok 'a daemon of a root login: its clients are no login'"'"'s' test "$gib" -ge $((ib - 200)) -a "$gob" -ge $((ob - 200))
# as PostgreSQL's, which does not run as root
daemon bob "setsid su bob -c 'exec perl $LEDGER_PEERS"
tap_ok 'another user'"'"'s daemon, of a root login: its clients are no login'"'"'s' \
    test "$gib" -ge $((ib - 200)) -a "$gob" -ge $((ob - 200))

# whoever logs in is a user, though the file of users does not have him, and another one's range has his uid
printf 'bob:300000:1000\n' >/etc/subuid
users_renumber alice 300500
gate_shut held
world_spawn client_ssh "alice@$WORLD_SERVER4" "touch here; $(gate_wait held)"
await test -e "$WORLD/home/alice/here"
sed -i '/^alice:/d' /etc/passwd
ledger_mark
for uid in 300500 300501; do
    ledger_as "$uid" perl "$LEDGER_PEERS" ask 127.0.0.1 9 1 100 2>/dev/null
done
tap_is 'the uid of a login, in the range of another user: it answers for itself' \
    "$(ledger_rows '$3 == "-" && ($2 == 300500 || $2 == 300501) { print $2, $4 }' | sort)" $'300500 300500\n300501 300000'
gate_open held

tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
