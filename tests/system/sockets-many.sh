#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets where conntrack has many entries: each of every protocol with its bytes; with other entries and
# connections coming and going meanwhile, each that stays is told once.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

FOUR=4000
SIX=2000

# of a look, which is in a file: how many of the stable flows there are, how many different ones, and with how many bytes; the i-th to a family
# has SIZE + i % 1000, and the headers
stable() {
    jq -r "[.sockets[] | select(.remote_port == 4000 and .proto == \"udp\") |
        {at: [.local, .local_port], right: (.in_bytes == (if .local | contains(\":\") then 48 else 28 end) + 10 + (.local_port - 20000) % 1000)}] |
        \"\(length) \(map(.at) | unique | length) \(map(select(.right)) | length)\"" "$WORLD/files/look"
}

# the same of the connections that stay: how many, how many different ones
connected() {
    jq -r '[.sockets[] | select(.local_port == 7004 and .proto == "tcp" and .state == "established") | .remote_port] |
        "\(length) \(unique | length)"' "$WORLD/files/look"
}

sockets_enter "$@"
traffic_install
world_in server sysctl -qw net.netfilter.nf_conntrack_timestamp=1 net.netfilter.nf_conntrack_udp_timeout=600 \
    net.netfilter.nf_conntrack_icmp_timeout=600 net.netfilter.nf_conntrack_icmpv6_timeout=600 \
    net.netfilter.nf_conntrack_tcp_timeout_close=600
world_in server iptables-legacy -t nat -A PREROUTING -p udp --dport 9999 -j REDIRECT --to-ports 7001
# the client's entries are in the same table of the kernel's, and none of the server's business
world_in client iptables-legacy -A OUTPUT -m conntrack --ctstate NEW
sockets_agent alice server listen udp 0.0.0.0 7001 touch 7001-listens collect 1 datagrams 1 50 await end
sockets_agent alice server listen tcp :: 7002 touch 7002-listens accept recv 1000 send 2000 touch 7002-done await end
# reset: an entry without a socket
sockets_agent alice server listen tcp 0.0.0.0 7003 touch 7003-listens accept recv 10 abort touch 7003-done await end
sockets_await 7001-listens
sockets_await 7002-listens
sockets_await 7003-listens
sockets_agent bob client connect tcp "$WORLD_SERVER4" 7003 send 10 await end
sockets_agent bob client connect tcp "$WORLD_SERVER6" 7002 send 1000 recv 2000 await end
sockets_agent bob client from "$WORLD_CLIENT4" 5000 connect udp "$WORLD_SERVER4" 9999 datagrams 1 20 collect 1 touch 9999-done await end
sockets_await 7002-done
sockets_await 7003-done
sockets_await 9999-done
# echo requests; of an IPv6 one the kernel makes the checksum
world_in client python3 -c 'import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).sendto(bytes.fromhex("0800f7fd00010001"), (sys.argv[1], 0))
socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6).sendto(bytes.fromhex("8000000000010001"), (sys.argv[2], 0))
' "$WORLD_SERVER4" "$WORLD_SERVER6"
sockets_agent bob client listen udp "$WORLD_CLIENT4" 4000 scatter "$WORLD_SERVER4" 20000 "$FOUR" 10 touch four await end
sockets_agent bob client listen udp "$WORLD_CLIENT6" 4000 scatter "$WORLD_SERVER6" 20000 "$SIX" 10 touch six await end
sockets_await four
sockets_await six
sockets_quiet

tap_is 'what they are' "$(sockets_rows true '[.proto, .state, .user, (.local | contains(":")), (.age | type)] | map(tostring) | join(" ")' | sort | uniq -c | awk '{ $1 = $1; print }')" "1 icmp replied null false number
1 icmpv6 replied null true number
1 tcp close null false number
1 tcp established alice true number
1 udp unconnected alice false number
$FOUR udp unreplied null false number
$SIX udp unreplied null true number"
sockets_adds_up 'the sum'
tap_ok 'the other network namespace has entries, too' [ "$(world_in client conntrack -C)" -gt "$FOUR" ]

# of the flows that come now, each lives for a second
world_in server sysctl -qw net.netfilter.nf_conntrack_udp_timeout=1
sockets_agent bob client churn "$WORLD_SERVER4" 9 still
sockets_agent alice server listen tcp 0.0.0.0 7004 touch 7004-listens await end
sockets_agent alice server listen tcp 0.0.0.0 7006 touch 7006-listens serve 3000 10 touch 7006-done await end
sockets_await 7004-listens
sockets_await 7006-listens
sockets_agent bob client hold 500 "$WORLD_SERVER4" 7004 touch 7004-done await end
sockets_await 7004-done
for look in $(seq 6); do
    [ "$look" = 3 ] && sockets_agent bob client burst 3000 "$WORLD_SERVER4" 7006 10 touch burst-done
    sockets_json >"$WORLD/files/look"
    tap_is "look $look: connections, too" "$(connected)" '500 500'
    tap_is "look $look, while others come and go: each once, with its bytes" "$(stable)" "$((FOUR + SIX)) $((FOUR + SIX)) $((FOUR + SIX))"
done
tap_ok 'and flows did' [ "$(world_in server conntrack -C)" -gt "$((FOUR + SIX + 1000))" ]
sockets_await burst-done
sockets_signal still
sockets_signal end
sockets_over
