#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets and SSH: a login's own connection, and what is opened on its behalf: forwards
# (-L, -R, -D) and programs that its user starts. Each has the session's id of the record log. What a
# forward moved is also inside its login's connection: the two are never to be added up.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

SIZE=2000000

listens() {
    world_in "$1" ss -Hltn "sport = :$2" | grep -q .
}

# serve SIDE PORT: a service that takes SIZE bytes, and then gives as many
serve() {
    sockets_agent root "$1" listen tcp 0.0.0.0 "$2" touch "$2-listens" accept recv $SIZE send $SIZE accept recv 1000 send 1000 await end
    sockets_await "$2-listens"
}

# fetch ADDR PORT NAME: somebody at the client uses it, and does not hang up
fetch() {
    sockets_agent root client connect tcp "$1" "$2" send $SIZE recv $SIZE touch "$3" await "$3-end"
    sockets_await "$3"
}

# the login's own connection: its row's bytes become those of the yardstick
own() {
    sockets_exact "$1: the login's own connection" '.login' ssh
    tap_is "$1: one login, its id" "$(sockets_rows .login '"\(.session) \(.local_port) \(.remote) \(.proto)"')" \
        "$session 22 $WORLD_CLIENT4 tcp"
}

# inside NAME SELECT BEFORE: what the forward carried, SIZE each way, came over the login's connection too
inside() {
    local in out login_in login_out before_in before_out

    read -r in _ out _ <<<"$(sockets_sum "$2")"
    read -r login_in _ login_out _ <<<"$(sockets_sum .login)"
    read -r before_in _ before_out _ <<<"$3"
    tap_ok "$1: it carried the file both ways" [ $((in >= SIZE && out >= SIZE)) = 1 ]
    tap_ok "$1: so did the login's connection meanwhile" \
        [ $((login_in - before_in >= SIZE && login_out - before_out >= SIZE)) = 1 ]
}

not_running() {
    [[ ! $(ps -o stat= -p "$1") =~ [^Z] ]]
}

# begin SSH-ARG...: a login of alice; its session's id is in $session
begin() {
    records_mark
    world_spawn client_ssh -N "$@" "alice@$WORLD_SERVER4"
    records_wait start 1
    session=$(records_get start session)
}

over() {
    # TIME-WAIT, if the server was the first to close, takes a minute, and belongs to nobody
    [ -z "$(world_in server ss -Htn state connected exclude time-wait 'sport = :22')" ]
}

end() {
    client_kill
    await over
    records_wait stop 1
    await traffic_idle
}

sockets_enter "$@"
traffic_install
sshd_start GatewayPorts=clientspecified
yardstick_port ssh 4 tcp local 22
yardstick_port to-7001 4 tcp remote 7001
yardstick_port to-7002 4 tcp remote 7002
yardstick_port from-9001 4 tcp local 9001
for port in 7001 7002 7003; do
    serve client $port
done

begin -L "127.0.0.1:9000:$WORLD_CLIENT4:7001"
await listens client 9000
own 'ssh -L'
before=$(sockets_sum .login)
fetch 127.0.0.1 9000 L
sockets_exact 'ssh -L' '.remote_port == 7001' to-7001
tap_is 'ssh -L: whose it is' "$(sockets_rows '.remote_port == 7001' '"\(.session) \(.login // false)"')" "$session false"
inside 'ssh -L' '.remote_port == 7001' "$before"
own 'ssh -L, afterwards'
tap_is 'ssh -L: whose login the other one is, in a table' \
    "$(sockets --columns session,remote --noheadings | grep '^ssh' | tr -s ' ')" "ssh alice ${session: -8} $WORLD_CLIENT4:$(records_get start remote_port)"
tap_is '... in CSV' "$(sockets --columns session --csv --noheadings | grep '^ssh')" "ssh alice ${session: -8}"
tap_is '... in JSON' "$(sockets_rows .login .login_user)" alice
tap_is 'ssh -L: --user has it, too, and the forward' \
    "$(sockets_rows true '"\(.login) \(.user)"' --user alice)" "$(printf '%s\n' 'true root' 'false alice' | sort)"
tap_is '... where there is nothing, a line says so' "$(sockets --user bob >&2; grep -c 'there is no such connection$' "$WORLD/sockets.err")" 1
tap_is 'ssh -L: --by session tells the two apart' \
    "$(sockets_jq '[.sums[] | select(.session == "ssh" or .session == "'"$session"'") | "\(.session == "ssh") \(.sockets)"] | sort | join(", ")' \
        --by session)" 'false 1, true 1'
other=$session
end
yardstick_zero

begin -D 127.0.0.1:9002
await listens client 9002
before=$(sockets_sum .login)
world_spawn world_in client socat TCP-LISTEN:9003,bind=127.0.0.1 "SOCKS4:127.0.0.1:$WORLD_CLIENT4:7002,socksport=9002"
await listens client 9003
fetch 127.0.0.1 9003 D
sockets_exact 'ssh -D' '.remote_port == 7002' to-7002
tap_is 'ssh -D: whose it is' "$(sockets_rows '.remote_port == 7002' .session)" "$session"
tap_ok 'ssh -D: another session than before' [ "$session" != "$other" ]
inside 'ssh -D' '.remote_port == 7002' "$before"
end
yardstick_zero

# -R: here the forward's connection comes in
begin -R "$WORLD_SERVER4:9001:127.0.0.1:7003"
await listens server 9001
before=$(sockets_sum .login)
tap_is 'ssh -R: who listens' "$(sockets_rows '.state == "listen" and .local_port == 9001' .session --listen)" "$session"
fetch "$WORLD_SERVER4" 9001 R
sockets_exact 'ssh -R' '.local_port == 9001' from-9001
tap_is 'ssh -R: whose it is' "$(sockets_rows '.local_port == 9001' .session)" "$session"
inside 'ssh -R' '.local_port == 9001' "$before"
own 'ssh -R'
# the connection of another user of this host to the same forward: one flow, its bytes stand at one row
sockets_agent bob server connect tcp "$WORLD_SERVER4" 9001 send 1000 recv 1000 touch local await local-end
bob=$WORLD_PID
sockets_await local
tap_is 'ssh -R, from this host: two rows, one of them with bytes' \
    "$(sockets_rows ".remote == \"$WORLD_SERVER4\"" '"\(.pid == '"$bob"') \(.session) \(.in_bytes != null)"')" \
    "$(printf 'false %s true\ntrue null false' "$session")"
sockets_adds_up 'ssh -R'
sockets_signal local-end
end
yardstick_zero

# programs of the session, and one that left its process tree
records_mark
client_hold "alice@$WORLD_SERVER4" "
    python3 -B $WORLD/agent.py $SOCKETS_SIGNALS connect tcp $WORLD_CLIENT4 7001 send 1000 recv 1000 touch program await end2 >&2 &
    until [ -e $SOCKETS_SIGNALS/program ]; do sleep 0.02; done"
records_wait start 1
session=$(records_get start session)
tap_is 'a program: whose it is' "$(sockets_rows '.remote_port == 7001 and .state == "established"' '"\(.user) \(.session)"')" \
    "alice $session"
tap_is 'all sockets of the session' "$(sockets_rows ".session == \"$session\"" '"\(.login // false) \(.local_port == 22)"')" \
    "$(printf 'false false\ntrue true')"
records_mark
sockets_agent alice server connect tcp "$WORLD_CLIENT4" 7002 send 1000 recv 1000 touch outside await end2
sockets_await outside
tap_is 'a process of the same user outside of the session' "$(sockets_rows ".pid == $WORLD_PID" '"\(.user) \(.session)"')" 'alice null'
sockets_signal end2
client_release

# the sshd that opened the session is killed: its child, of the user, still has the connection
records_mark
syslog_mark
client_hold "alice@$WORLD_SERVER4" true
records_wait start 1
kill -KILL "$(syslog_accepted pid)"
tap_ok 'a killed sshd: it is gone' await not_running "$(syslog_accepted pid)"
tap_is 'a killed sshd: whose the connection is' "$(sockets_rows .login '"\(.session) \(.pid != null)"')" \
    "$(records_get start session) true"
client_release
await over

# a login of root, which has no process of its own
records_mark
client_hold "root@$WORLD_SERVER4" true
records_wait start 1
tap_is 'a login of root' "$(sockets_rows '.login and .state == "established"' .session)" "$(records_get start session)"
sockets_agent root server listen tcp 127.0.0.1 2222 touch 2222 await end3
sockets_await 2222
client_release
sockets_signal end3
sockets_signal end
sockets_over
