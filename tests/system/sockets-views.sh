#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets: what is left out and in (--exclude, --only, the configuration's exclude, --user,
# --port, --proto, --listen), in which order, how many, in which form.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

# ports ARG...: the ports of this host's end of the connections that are shown
ports() {
    sockets_jq '[.sockets[].local_port] | sort | map(tostring) | join(" ")' "$@"
}

# serve PORT USER FROM SIZE: a connection from that address of the client's
serve() {
    sockets_agent "$2" server listen tcp :: "$1" touch "$1-listens" accept send "$4" await end
    sockets_await "$1-listens"
    case $3 in
    *:*) sockets_agent bob client from "$3" 0 connect tcp "$WORLD_SERVER6" "$1" recv "$4" touch "$1-done" await end ;;
    *) sockets_agent bob client from "$3" 0 connect tcp "$WORLD_SERVER4" "$1" recv "$4" touch "$1-done" await end ;;
    esac
    sockets_await "$1-done"
}

sockets_enter "$@"
traffic_install
near4=$(client_address 7)
near6=fd00:77::5:7
world_in client ip -6 addr add "$near6/64" dev "$WORLD_LINK" nodad
serve 7001 alice "$WORLD_CLIENT4" 1000
serve 7002 alice "$near4" 40000
serve 7003 bob "$WORLD_CLIENT6" 3000
serve 7004 bob "$near6" 20000
sockets_agent bob server listen udp 0.0.0.0 7005 touch 7005-listens collect 1 touch 7005-done await end
sockets_await 7005-listens
sockets_agent bob client connect udp "$WORLD_SERVER4" 7005 datagrams 1 10 await end
sockets_await 7005-done
sockets_agent alice server listen udp 127.0.0.1 7006 touch 7006-listens await end
sockets_await 7006-listens

tap_is 'all' "$(ports)" '7001 7002 7003 7004 7005'
tap_is '--exclude of one network' "$(ports --exclude 10.77.1.0/24)" '7001 7003 7004 7005'
tap_is '--exclude of both families' "$(ports --exclude 10.77.1.0/24,fd00:77::5:0/112)" '7001 7003 7005'
tap_is '--exclude of an address' "$(ports --exclude "$WORLD_CLIENT6")" '7001 7002 7004 7005'
tap_is '--only one network' "$(ports --only 10.77.1.0/24)" 7002
tap_is '--only both families' "$(ports --only 10.77.1.0/24,fd00:77::5:0/112)" '7002 7004'
tap_is '--only, --exclude' "$(ports --only 10.77.0.0/16 --exclude 10.77.1.0/24)" '7001 7005'
tap_is 'the sums leave out what the rows do' "$(sockets_jq '.sums | map(.sockets) | add' --by user --exclude 10.77.1.0/24)" 4
traffic_configure 'exclude=10.77.1.0/24, fd00:77::5:0/112'
tap_is "the configuration's exclude" "$(ports)" '7001 7003 7005'
tap_is "--exclude instead of the configuration's" "$(ports --exclude "$WORLD_CLIENT6")" '7001 7002 7004 7005'
traffic_configure
tap_is '--user' "$(ports --user alice)" '7001 7002'
tap_is '--user by number' "$(ports --user 20002)" '7003 7004 7005'
tap_is '--port, of this end' "$(ports --port 7003)" 7003
tap_is '--port, of the other end' "$(ports --port "$(sockets_rows '.local_port == 7004' .remote_port)")" 7004
tap_is '--proto tcp' "$(ports --proto tcp)" '7001 7002 7003 7004'
tap_is '--proto udp' "$(ports --proto udp)" 7005
tap_is '--listen' "$(sockets_rows '.state == "listen"' '"\(.proto) \(.local_port) \(.user) \(.remote) \(.in_bytes)"' --listen)" \
    'tcp 7001 alice null null
tcp 7002 alice null null
tcp 7003 bob null null
tcp 7004 bob null null'
tap_is '--listen: a UDP socket without traffic' "$(sockets_rows '.local_port == 7006' '"\(.user) \(.local) \(.state) \(.in_bytes)"' --listen)" \
    'alice 127.0.0.1 unconnected null'
tap_is 'the most first' "$(sockets_jq '[.sockets[].local_port] | map(tostring) | join(" ")')" '7002 7004 7003 7001 7005'
tap_is '--sort of a number' "$(sockets_jq '[.sockets[].local_port] | map(tostring) | join(" ")' --sort out_bytes --proto tcp)" \
    '7002 7004 7003 7001'
tap_is '--sort of a text' "$(sockets_jq '[.sockets[].user] | join(" ")' --sort user)" 'alice alice bob bob bob'
tap_is '--limit' "$(sockets_jq '[.sockets[].local_port] | map(tostring) | join(" ")' --limit 2)" '7002 7004'

out=$(sockets_rows '.local_port == 7002' .out_bytes)
tap_is '--noheadings, --columns, --bytes' \
    "$(sockets --noheadings --bytes --columns user,proto,out_bytes --port 7002 | awk '{ $1 = $1; print }')" "alice tcp $out"
tap_is 'a port in a column of its own is not behind the address' \
    "$(sockets --noheadings --columns remote,remote_port,local --port 7002 | awk '{ $1 = $1; print }')" \
    "$near4 $(sockets_rows '.local_port == 7002' .remote_port) $WORLD_SERVER4:7002"
tap_is 'headings' "$(sockets --columns user,out_bytes --port 7002 | head -n 1 | grep -c -i user)" 1
tap_ok 'bytes for people' [ "$(sockets --noheadings --columns out_bytes --port 7002 | grep -cE '^ *[0-9.]+K *$')" = 1 ]
tap_is '--csv: a line each, and one with the names' "$(sockets --csv | wc -l)" 6
tap_is '--csv, --columns' "$(sockets --csv --columns user,out_bytes --noheadings --port 7002)" "alice,$out"
tap_is '--json: numbers are numbers' "$(sockets_jq '[.sockets[] | .uid, .pid, .local_port, .in_bytes, .out_packets | type] | unique | join(" ")')" number
tap_is '--json: every key in every row' "$(sockets_jq '["user", "uid", "pid", "program", "session", "proto", "state", "local",
    "local_port", "remote", "remote_port", "in_bytes", "in_packets", "out_bytes", "out_packets", "age"] as $keys
    | [.sockets[] | $keys - keys_unsorted] | unique | tostring' --listen)" '[[]]'
tap_is 'nothing to show' "$(sockets_jq '.sockets | length' --user root)" 0

# wrong NAME ARG...: wrong usage, one line
wrong() {
    sockets "${@:2}" >"$WORLD/files/out"
    tap_is "$1: status, lines" "$? $(wc -l <"$WORLD/sockets.err") $(wc -c <"$WORLD/files/out")" '2 1 0'
}

wrong 'a network that is none' --exclude 10.77.1.0/33
wrong 'a network of nothing' --only ''
wrong 'a port that is none' --port 65536
wrong 'a protocol that is none' --proto sctp7
wrong 'a column that is none' --sort nonsense
wrong 'columns that are none' --columns user,nonsense
wrong 'a key that is none' --by nonsense
wrong 'a limit that is none' --limit -1
wrong 'an interval that is none' --watch 0
wrong 'a user that is none' --user nobody-of-that-name
sockets_signal end
sockets_over
