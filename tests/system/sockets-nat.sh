#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets and NAT: a socket has other addresses than the packets on the wire. DNAT and
# REDIRECT of what comes, DNAT and SNAT of what goes, both at once, by iptables and by nft; what is only
# forwarded is nobody's.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

nat() {
    world_in server "$1" -t nat -A "${@:2}"
}

# incoming NAME FAMILY ADDR PORT PLACE LOCAL REMOTE: the client calls ADDR and PORT; alice's socket listens at
# PLACE and has these addresses
incoming() {
    yardstick_port "$4" "$2" tcp local "$4"
    sockets_agent alice server listen tcp :: "$5" touch "$5-$4-listens" accept recv 50000 send 90000 await end
    sockets_await "$5-$4-listens"
    sockets_agent bob client connect tcp "$3" "$4" send 50000 recv 90000 touch "$4-done" await end
    sockets_await "$4-done"
    sockets_exact "$1" ".local_port == $5" "$4"
    tap_is "$1: one row, the addresses of the socket" \
        "$(sockets_rows ".local_port == $5 or .local_port == $4" '"\(.user) \(.local) \(.local_port) \(.remote)"')" "alice $6 $5 $7"
}

# outgoing NAME ADDR PORT THERE PROTO: bob calls ADDR and PORT; the client has the service at THERE
outgoing() {
    yardstick_port "$4" 4 "$5" remote "$4"
    if [ "$5" = tcp ]; then
        sockets_agent root client listen tcp 0.0.0.0 "$4" touch "$4-listens" accept recv 50000 send 90000 await end
        sockets_await "$4-listens"
        sockets_agent bob server connect tcp "$2" "$3" send 50000 recv 90000 touch "$3-done" await end
    else
        sockets_agent root client listen udp 0.0.0.0 "$4" touch "$4-listens" collect 5 datagrams 4 700 await end
        sockets_await "$4-listens"
        sockets_agent bob server connect udp "$2" "$3" datagrams 5 300 collect 4 touch "$3-done" await end
    fi
    sockets_await "$3-done"
    sockets_exact "$1" ".remote_port == $3" "$4"
    tap_is "$1: one row, the addresses of the socket" \
        "$(sockets_rows ".remote_port == $3 or .remote_port == $4" '"\(.user) \(.proto) \(.local) \(.remote) \(.remote_port)"')" \
        "bob $5 $WORLD_SERVER4 $2 $3"
}

sockets_enter "$@"
traffic_install
outside=10.77.0.9
world_in server ip addr add "$outside/16" dev "$WORLD_LINK"

nat iptables-legacy PREROUTING -p tcp --dport 8001 -j REDIRECT --to-ports 7001
incoming 'REDIRECT, IPv4' 4 "$WORLD_SERVER4" 8001 7001 "$WORLD_SERVER4" "$WORLD_CLIENT4"
nat ip6tables-legacy PREROUTING -p tcp --dport 8002 -j REDIRECT --to-ports 7002
incoming 'REDIRECT, IPv6' 6 "$WORLD_SERVER6" 8002 7002 "$WORLD_SERVER6" "$WORLD_CLIENT6"
nat iptables-legacy PREROUTING -d "$outside" -p tcp --dport 8003 -j DNAT --to-destination "$WORLD_SERVER4:7003"
incoming 'DNAT' 4 "$outside" 8003 7003 "$WORLD_SERVER4" "$WORLD_CLIENT4"
# as behind a load balancer: the socket sees its own host as the peer
nat iptables-legacy PREROUTING -p tcp --dport 8004 -j DNAT --to-destination "$WORLD_SERVER4:7004"
nat iptables-legacy INPUT -p tcp --dport 7004 -j SNAT --to-source 10.77.0.99
incoming 'DNAT and SNAT' 4 "$WORLD_SERVER4" 8004 7004 "$WORLD_SERVER4" 10.77.0.99

# at the client's, the yardstick's ports are those on the wire
nat iptables-legacy OUTPUT -d 10.78.0.5 -p tcp --dport 8005 -j DNAT --to-destination "$WORLD_CLIENT4:7005"
world_in server ip route add 10.78.0.0/16 via "$WORLD_CLIENT4" src "$WORLD_SERVER4"
outgoing 'DNAT of what goes' 10.78.0.5 8005 7005 tcp
nat iptables-legacy POSTROUTING -p tcp --dport 7006 -j SNAT --to-source "$outside:40000-40010"
outgoing 'SNAT' "$WORLD_CLIENT4" 7006 7006 tcp
nat iptables-legacy POSTROUTING -p udp --dport 7007 -j MASQUERADE --to-ports 41000-41010
outgoing 'MASQUERADE, UDP' "$WORLD_CLIENT4" 7007 7007 udp
nat iptables-legacy OUTPUT -d 10.78.0.8 -p udp --dport 8008 -j DNAT --to-destination "$WORLD_CLIENT4:7008"
nat iptables-legacy POSTROUTING -p udp --dport 7008 -j SNAT --to-source "$outside"
outgoing 'DNAT and SNAT, UDP' 10.78.0.8 8008 7008 udp
world_in server conntrack -L 2>/dev/null >"$WORLD/files/conntrack"
tap_ok 'SNAT: it was' grep -q "dst=$outside sport=7006 dport=400[01][0-9] " "$WORLD/files/conntrack"

# an unconnected socket behind a redirect has the flow, too
nat iptables-legacy PREROUTING -p udp --dport 8009 -j REDIRECT --to-ports 7009
yardstick_port 8009 4 udp local 8009
sockets_agent alice server listen udp 0.0.0.0 7009 touch 7009-listens collect 3 datagrams 2 400 await end
sockets_await 7009-listens
sockets_agent bob client connect udp "$WORLD_SERVER4" 8009 datagrams 3 200 collect 2 touch 8009-done await end
sockets_await 8009-done
sockets_exact 'REDIRECT, UDP' '.local_port == 7009' 8009
tap_is 'REDIRECT, UDP: one row' "$(sockets_rows '.local_port == 7009 or .local_port == 8009' '"\(.user) \(.state)"')" 'alice unconnected'

# the same by nft, whose chains stand beside those of iptables
nft_nat() {
    world_in server nft add rule inet sockets_nat "$@"
}

world_in server nft -f - <<'END'
table inet sockets_nat {
    chain prerouting { type nat hook prerouting priority dstnat; }
    chain input { type nat hook input priority 100; }
    chain output { type nat hook output priority -100; }
    chain postrouting { type nat hook postrouting priority srcnat; }
}
END
nft_nat prerouting tcp dport 8021 redirect to :7021
incoming 'nft, redirect, IPv4' 4 "$WORLD_SERVER4" 8021 7021 "$WORLD_SERVER4" "$WORLD_CLIENT4"
nft_nat prerouting tcp dport 8022 redirect to :7022
incoming 'nft, redirect, IPv6' 6 "$WORLD_SERVER6" 8022 7022 "$WORLD_SERVER6" "$WORLD_CLIENT6"
nft_nat prerouting ip daddr "$outside" tcp dport 8023 dnat ip to "$WORLD_SERVER4:7023"
nft_nat input tcp dport 7023 snat ip to 10.77.0.98
incoming 'nft, dnat and snat' 4 "$outside" 8023 7023 "$WORLD_SERVER4" 10.77.0.98
nft_nat output ip daddr 10.78.0.5 tcp dport 8024 dnat ip to "$WORLD_CLIENT4:7024"
nft_nat postrouting tcp dport 7024 snat ip to "$outside:42000-42010"
outgoing 'nft, dnat and snat of what goes' 10.78.0.5 8024 7024 tcp
nft_nat postrouting udp dport 7025 masquerade to :43000-43010
outgoing 'nft, masquerade, UDP' "$WORLD_CLIENT4" 7025 7025 udp
world_in server conntrack -L 2>/dev/null >"$WORLD/files/conntrack"
tap_ok 'nft, snat: it was' grep -q "dst=$outside sport=7024 dport=420[01][0-9] " "$WORLD/files/conntrack"

# Forwarded: a network behind this host, as containers are; the script's own namespace is it.
ip link add behind type veth peer name behind netns "server-$WORLD_ID"
ip addr add 10.79.0.2/16 dev behind
world_in server ip addr add 10.79.0.1/16 dev behind
world_in server ip link set behind up
ip link set lo up
ip link set behind up
ip route add default via 10.79.0.1
world_in server sysctl -qw net.ipv4.ip_forward=1
nat iptables-legacy POSTROUTING -s 10.79.0.0/16 -o "$WORLD_LINK" -j MASQUERADE
yardstick_port 7010 4 tcp remote 7010
sockets_agent root client listen tcp 0.0.0.0 7010 touch 7010-listens accept recv 60000 send 80000 await end
sockets_await 7010-listens
world_spawn python3 -B "$WORLD/agent.py" "$SOCKETS_SIGNALS" connect tcp "$WORLD_CLIENT4" 7010 send 60000 recv 80000 touch 7010-done await end
sockets_await 7010-done
sockets_exact 'forwarded' '.remote_port == 7010' 7010
tap_is 'forwarded: nobody here' "$(sockets_rows '.remote_port == 7010' '"\(.state) \(.local) \(.remote) \(.user) \(.uid) \(.pid)"')" \
    "forwarded 10.79.0.2 $WORLD_CLIENT4 null null null"
sockets_adds_up 'the sum'
sockets_signal end
sockets_over
