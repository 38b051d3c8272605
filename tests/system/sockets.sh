#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets: connections of two users, TCP and UDP, IPv4 and IPv6, each with its user, process
# and the bytes that its peer counted; a forked server, a socket that changed hands, connections
# whose socket is gone. All rows together are what conntrack has.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

# row NAME SELECT USER UID PID PROTO STATE LOCAL REMOTE: the one row
row() {
    tap_is "$1: one row" "$(sockets_rows "$2" \
        '"\(.user) \(.uid) \(.pid) \(.session) \(.proto) \(.state) \(.local) \(.local_port) \(.remote)"')" "${*:3}"
}

# exchange NAME FAMILY ADDR PORT LISTEN REMOTE: a server of alice, whose client sends 100,000 bytes and gets 300,000
exchange() {
    local server

    yardstick_port "$4" "$2" tcp local "$4"
    sockets_agent alice server listen tcp "$5" "$4" touch "$4-listens" accept recv 100000 send 300000 await end
    server=$WORLD_PID
    sockets_await "$4-listens"
    sockets_agent bob client connect tcp "$3" "$4" send 100000 recv 300000 touch "$4-done" await end
    sockets_await "$4-done"
    sockets_exact "$1" ".local_port == $4" "$4"
    row "$1" ".local_port == $4" alice 20001 "$server" null tcp established "${3%%%*}" "$4" "$6"
}

sockets_enter "$@"
traffic_install

exchange 'TCP, IPv4' 4 "$WORLD_SERVER4" 7001 0.0.0.0 "$WORLD_CLIENT4"
exchange 'TCP, IPv6' 6 "$WORLD_SERVER6" 7002 "$WORLD_SERVER6" "$WORLD_CLIENT6"
exchange 'TCP, link-local' 6 "$WORLD_SERVER_LL%$WORLD_LINK" 7013 :: "$WORLD_CLIENT_LL"
exchange 'TCP, v4-mapped' 4 "$WORLD_SERVER4" 7003 :: "$WORLD_CLIENT4"
world_in server ss -Htn6 state established 'sport = :7003' >"$WORLD/files/sockets"
tap_ok 'TCP, v4-mapped: it was' grep -q -F "::ffff:$WORLD_SERVER4" "$WORLD/files/sockets"
tap_is 'TCP: the program' "$(sockets_rows '.local_port == 7001' .program)" "$(cat "/proc/$WORLD_PID/comm")"

yardstick_port outgoing 4 tcp remote 7004
sockets_agent root client listen tcp 0.0.0.0 7004 touch 7004-listens accept recv 50000 send 1000 await end
sockets_await 7004-listens
sockets_agent bob server connect tcp "$WORLD_CLIENT4" 7004 send 50000 recv 1000 touch 7004-done await end
bob=$WORLD_PID
sockets_await 7004-done
sockets_exact 'TCP, outgoing' '.remote_port == 7004' outgoing
row 'TCP, outgoing' '.remote_port == 7004' bob 20002 "$bob" null tcp established "$WORLD_SERVER4" \
    "$(sockets_rows '.remote_port == 7004' .local_port)" "$WORLD_CLIENT4"

yardstick_port udp 4 udp remote 7005
sockets_agent root client listen udp 0.0.0.0 7005 touch 7005-listens collect 20 datagrams 7 900 await end
sockets_await 7005-listens
sockets_agent bob server connect udp "$WORLD_CLIENT4" 7005 datagrams 20 1200 collect 7 touch 7005-done await end
bob=$WORLD_PID
sockets_await 7005-done
sockets_exact 'UDP, connected' '.remote_port == 7005' udp
tap_is 'UDP, connected: one row' "$(sockets_rows '.remote_port == 7005' '"\(.user) \(.pid) \(.proto) \(.remote)"')" \
    "bob $bob udp $WORLD_CLIENT4"

# udp_wildcard NAME PORT ADDR: a socket without a peer on that address, which two clients and an IPv6 one talk to
udp_wildcard() {
    local family

    for family in 4 6; do
        yardstick_port "$2" $family udp local "$2"
    done
    sockets_agent alice server listen udp "$3" "$2" touch "$2-listens" collect 5 datagrams 3 500 touch "$2-1" \
        collect 6 datagrams 4 600 touch "$2-2" collect "$([ "$3" = :: ] && echo 7 || echo 0)" touch "$2-3" await end
    sockets_await "$2-listens"
    sockets_agent bob client connect udp "$WORLD_SERVER4" "$2" datagrams 5 100 await end
    sockets_await "$2-1"
    sockets_agent bob client connect udp "$WORLD_SERVER4" "$2" datagrams 6 200 await end
    sockets_await "$2-2"
    [ "$3" != :: ] || sockets_agent bob client connect udp "$WORLD_SERVER6" "$2" datagrams 7 300 await end
    sockets_await "$2-3"
    sockets_exact "$1" ".local_port == $2" "$2"
    tap_is "$1: one row" "$(sockets_rows ".local_port == $2" '"\(.user) \(.proto) \(.state) \(.remote) \(.remote_port)"')" \
        'alice udp unconnected null null'
}

udp_wildcard 'UDP, wildcard' 7006 0.0.0.0
udp_wildcard 'UDP, wildcard, both families' 7007 ::
udp_wildcard 'UDP, one address' 7008 "$WORLD_SERVER4"

# a second socket on the port of a wildcard one, with a peer: each has what is its own
yardstick_port peer-1 4 udp remote 7020
yardstick_port peer-2 4 udp remote 7021
sockets_agent alice server listen udp 0.0.0.0 7009 touch 7009-listens collect 3 datagrams 2 700 touch 7009-1 await end
sockets_await 7009-listens
sockets_agent bob client from "$WORLD_CLIENT4" 7020 connect udp "$WORLD_SERVER4" 7009 datagrams 3 300 collect 2 touch 7020-done await end
sockets_await 7020-done
sockets_agent root client listen udp 0.0.0.0 7021 touch 7021-listens collect 5 datagrams 1 50 await end
sockets_await 7021-listens
sockets_agent bob server from "$WORLD_SERVER4" 7009 connect udp "$WORLD_CLIENT4" 7021 datagrams 5 200 collect 1 touch 7021-done await end
sockets_await 7021-done
sockets_exact 'UDP, wildcard beside connected' '.local_port == 7009 and .user == "alice"' peer-1
sockets_exact 'UDP, connected beside wildcard' '.local_port == 7009 and .user == "bob"' peer-2

yardstick_port forked 4 tcp local 7010
sockets_agent alice server listen tcp 0.0.0.0 7010 touch 7010-listens accept fork recv 1000 send 2000 await end
parent=$WORLD_PID
sockets_await 7010-listens
sockets_agent bob client connect tcp "$WORLD_SERVER4" 7010 send 1000 recv 2000 touch 7010-done await end
sockets_await 7010-done
sockets_exact 'a forked server' '.local_port == 7010' forked
tap_is 'a forked server: it is the child' "$(sockets_rows '.local_port == 7010' '"\(.user) \(.pid)"')" \
    "alice $(pgrep -P "$parent")"

# The socket stays alice's (its inode has its maker's uid); the process is bob's.
yardstick_port handed 4 tcp local 7011
sockets_agent bob server take "$SOCKETS_SIGNALS/socket" touch taken send 5000 touch 7011-sent await end
taker=$WORLD_PID
sockets_agent alice server listen tcp 0.0.0.0 7011 touch 7011-listens accept recv 1000 give "$SOCKETS_SIGNALS/socket"
giver=$WORLD_PID
sockets_await 7011-listens
sockets_agent bob client connect tcp "$WORLD_SERVER4" 7011 send 1000 recv 5000 touch 7011-done await end
sockets_await 7011-done
wait "$giver"
sockets_exact 'a socket that was handed on' '.local_port == 7011' handed
tap_is 'a socket that was handed on: the one who has it' \
    "$(sockets_rows '.local_port == 7011' '"\(.user) \(.uid) \(.pid)"')" "alice 20001 $taker"

yardstick_port gone 4 tcp local 7012
sockets_agent alice server listen tcp 0.0.0.0 7012 touch 7012-listens serve 20 3000
sockets_await 7012-listens
sockets_agent bob client burst 20 "$WORLD_SERVER4" 7012 3000 touch 7012-done
sockets_await 7012-done
sockets_exact 'sockets that are gone' '.local_port == 7012' gone
tap_is 'sockets that are gone: nobody is made up for them' \
    "$(sockets_jq '[.sockets[] | select(.local_port == 7012)]
        | "\(length) \(map(.state, .user, .uid, .pid, .session) | unique | tostring)"')" '20 [null,"time_wait"]'

# what is neither TCP nor UDP: a packet of protocol 253 (RFC 3692)
printf x | world_in client socat -u - "IP4-SENDTO:$WORLD_SERVER4:253"
tap_is 'another protocol' "$(sockets_rows '(.proto | tostring) == "253"' '"\(.user) \(.in_packets) \(.out_packets)"')" 'null 1 0'
sockets_adds_up 'the sum'

# by KEY: the sums are those of the rows
by() {
    tap_is "--by $1: the rows' sums" \
        "$(sockets_jq "[.sums[] | \"\(.$1) \(.sockets) \(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets)\"] | sort | .[]" --by "$1")" \
        "$(sockets_jq "[.sockets[]] | group_by(.$1) | [.[] | \"\(.[0].$1) \(length) \" + ($SOCKETS_ADD)] | sort | .[]")"
}

by user
by uid
by program
by session
tap_is '--by remote: everything' "$(sockets_jq '.sums | map(.in_bytes + .out_bytes) | add' --by remote)" "$(sockets_total | awk '{ print $2 }')"
tap_is '--by remote: every address' "$(sockets_jq '[.sums[].remote] | sort | join(" ")' --by remote)" "$WORLD_CLIENT4 $WORLD_CLIENT6 $WORLD_CLIENT_LL"
tap_is '--by port: everything' "$(sockets_jq '.sums | map(.in_bytes + .out_bytes) | add' --by port)" "$(sockets_total | awk '{ print $2 }')"
for port in 7001 7010 7012; do
    tap_is "--by port: $port" "$(sockets_jq ".sums[] | select(.port == $port) | [.in_bytes, .in_packets, .out_bytes, .out_packets]
        | map(tostring) | join(\" \")" --by port)" "$(sockets_sum ".local_port == $port")"
done
tap_is 'nothing on standard error' "$(grep -v timestamp "$WORLD/sockets.err")" ''
sockets_signal end
sockets_over
