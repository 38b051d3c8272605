#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The lookup of a connection by what its socket has, and what conntrack counted for it, beside the
# rules' counters and those of the client's own iptables.
set -u
# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

tap_is 'a /proc without the switch is "unavailable"' "$("$tool" accounting "$PWD")" 'UNAVAILABLE'
tap_is 'the same when it is to be set' "$("$tool" account "$PWD" on)" 'UNAVAILABLE'
"$tool" setup >/dev/null
# A segment that comes when the window has closed, as on a machine that is busy, is none of the connection for
# conntrack (nf_conntrack_proto_tcp.c, tcp_in_window()), and is counted by rules alone. Here both have to see the same.
world_in server sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=1
tap_is 'accounting is off in a new namespace' "$("$tool" accounting /proc)" 'OK off'

serve 2222

# nobody had switched accounting on
dial client "TCP:$server4:2222,bind=$client4:39999"
tap_is 'a connection that began without accounting has no counters' \
    "$("$tool" conntrack "$server4" 2222 "$client4" 39999)" \
    'OK uncounted'
hang_up

tap_is 'accounting is switched on' "$("$tool" account /proc on)" 'OK'
tap_is 'and is on' "$("$tool" accounting /proc)" 'OK on'
tap_is 'no entry: not found' "$("$tool" conntrack "$server4" 2222 "$client4" 1)" 'NOT_FOUND'

# The yardstick: what the client's own iptables counted, in the order in which nf_tool prints.
yardstick_set() { # iptables|ip6tables SERVER-ADDRESS SERVER-PORT CLIENT-PORT
    client "$1-legacy" -t mangle -F
    client "$1-legacy" -t mangle -A OUTPUT -d "$2" -p tcp --dport "$3" --sport "$4"
    client "$1-legacy" -t mangle -A INPUT -s "$2" -p tcp --sport "$3" --dport "$4"
}

yardstick() { # iptables|ip6tables
    printf OK
    for hook in OUTPUT INPUT; do
        client "$1-legacy" -t mangle -vnxL "$hook" 1 | awk '{ printf " %s %s", $2, $1 }'
    done
    echo
}

# in is more than taken, out is more than given, and neither is the other; some may have been sent twice
directed() { # RESULT TAKEN GIVEN
    local in out

    read -r _ in _ out _ <<<"$1"
    [ "$in" -gt "$2" ] && [ "$in" -lt $(($2 * 3 / 2)) ] &&
        [ "$out" -gt "$3" ] && [ "$out" -lt $(($3 * 3 / 2)) ]
}

way() { # WHAT iptables|ip6tables TO TO-PORT SOCKET-LOCAL SOCKET-LOCAL-PORT SOCKET-REMOTE PORT
    local what=$1 family=$2 to=$3 to_port=$4 port=$8 address
    local connection=("${@:5:4}")

    address="TCP:$to:$to_port,bind=$7:$port"
    [ "$family" = ip6tables ] && address="TCP6:[$to]:$to_port,bind=[$7]:$port"

    yardstick_set "$family" "$to" "$to_port" "$port"
    tap_is "$what: rules are added" "$("$tool" add "${connection[@]}")" 'OK kept'
    tap_ok "$what: data goes through" dial client "$address"
    tap_ok "$what: conntrack and rules agree in the middle of the connection" await agree "$tool conntrack ${connection[*]}" "$tool read ${connection[*]}"
    tap_ok "$what: the entry is open" state_is open "${connection[@]}"
    tap_is "$what: nobody has closed" "$("$tool" closer "${connection[@]}")" 'OK unknown ESTABLISHED'
    hang_up
    tap_ok "$what: the entry has ended" await state_is ended "${connection[@]}"
    tap_is "$what: the client closed first, which is known to the end" "$("$tool" closer "${connection[@]}")" \
        'OK remote TIME_WAIT'

    total=$("$tool" conntrack "${connection[@]}")
    tap_ok "$what: in is in, out is out" directed "$total" "$taken" "$given"
    tap_is "$what: conntrack is equal to the client's count" "$total" "$(yardstick "$family")"
    tap_is "$what: rules are equal to conntrack" "$("$tool" read "${connection[@]}")" "$total"
    tap_is "$what: removal hands out the same" "$("$tool" remove "${connection[@]}")" "$total"
}

way 'IPv4' iptables "$server4" 2222 "$server4" 2222 "$client4" 40001
way 'IPv6' ip6tables "$server6" 2222 "$server6" 2222 "$client6" 40002

# translation by the means of the backend
translate() { # PREROUTING|POSTROUTING "IPTABLES-ARGUMENTS" "NFT-ARGUMENTS"
    if [ "$backend" = nftables ]; then
        nft add table ip translate
        nft "add chain ip translate PREROUTING { type nat hook prerouting priority dstnat; }"
        nft "add chain ip translate POSTROUTING { type nat hook postrouting priority srcnat; }"
        nft "add rule ip translate $1 $3"
    else
        # shellcheck disable=SC2086
        iptables-legacy -t nat -A "$1" $2
    fi
}

translate PREROUTING '-p tcp --dport 22 -j REDIRECT --to-ports 2222' 'tcp dport 22 redirect to :2222'
way 'REDIRECT' iptables "$server4" 22 "$server4" 2222 "$client4" 40003
tap_is 'REDIRECT: the tuple before translation leads to the same entry, remote to local' \
    "$("$tool" conntrack "$server4" 22 "$client4" 40003)" \
    "$total"

client ip route add 192.0.2.0/24 via "$server4"
translate PREROUTING "-d 192.0.2.1 -p tcp --dport 2200 -j DNAT --to-destination $server4:2222" \
    "ip daddr 192.0.2.1 tcp dport 2200 dnat to $server4:2222"
way 'DNAT' iptables 192.0.2.1 2200 "$server4" 2222 "$client4" 40004

# Out of this host: here the original tuple is local to remote. What the far end takes goes out.
client socat TCP-LISTEN:2022,reuseaddr,fork \
    SYSTEM:"head -c $taken >/dev/null && head -c $given /dev/zero && cat >/dev/null" &
await listening 2022 client
"$tool" add "$server4" 40005 "$client4" 2022 >/dev/null
dial server "TCP:$client4:2022,bind=$server4:40005"
hang_up
await state_is ended "$server4" 40005 "$client4" 2022
total=$("$tool" conntrack "$server4" 40005 "$client4" 2022)
tap_ok 'outgoing: in is in, out is out' directed "$total" "$given" "$taken"
tap_is 'outgoing: rules are equal' "$("$tool" remove "$server4" 40005 "$client4" 2022)" "$total"
tap_is 'outgoing: this host closed first' "$("$tool" closer "$server4" 40005 "$client4" 2022)" 'OK local TIME_WAIT'

# The same behind SNAT: the far end sees another port.
translate POSTROUTING "-p tcp --sport 40055 -j SNAT --to-source $server4:40056" \
    "tcp sport 40055 snat to $server4:40056"
"$tool" add "$server4" 40055 "$client4" 2022 >/dev/null
dial server "TCP:$client4:2022,bind=$server4:40055"
tap_is 'SNAT: the far end sees another port' "$(client ss -Htn 'sport = :2022' | grep -o ':40056 *$' | tr -d ' ')" :40056
hang_up
await state_is ended "$server4" 40055 "$client4" 2022
total=$("$tool" conntrack "$server4" 40055 "$client4" 2022)
tap_ok 'SNAT: in is in, out is out' directed "$total" "$given" "$taken"
tap_is 'SNAT: rules are equal' "$("$tool" remove "$server4" 40055 "$client4" 2022)" "$total"

# An entry that is gone; traffic that goes on makes another one for the same tuple.
dial client "TCP:$server4:2222,bind=$client4:40006"
await settled
conntrack -D -p tcp --orig-port-src 40006 >/dev/null 2>&1
tap_is 'deleted: not found' "$("$tool" conntrack "$server4" 2222 "$client4" 40006)" 'NOT_FOUND'
echo >&"$dial_write"
await state_is open "$server4" 2222 "$client4" 40006
read -r _ in _ out _ <<<"$("$tool" conntrack "$server4" 2222 "$client4" 40006)"
little() { # IN OUT: one small packet and what answers it
    [ "$1" -gt 0 ] && [ "$1" -lt 1000 ] && [ "$2" -lt 1000 ]
}
tap_ok 'the new entry begins to count anew' little "$in" "$out"
hang_up

# A reset instead of a close: socat would send a FIN first when it is asked to end.
dial client "TCP:$server4:2222,bind=$client4:40007,linger=0"
kill -KILL "$dial_pid"
hang_up 2>/dev/null
tap_ok 'a reset connection has ended' await state_is ended "$server4" 2222 "$client4" 40007
tap_is 'and nobody closed it' "$("$tool" closer "$server4" 2222 "$client4" 40007)" 'OK unknown CLOSE'

# A server that closes first, straight and behind the REDIRECT of the port 23.
serve 2223 true
translate PREROUTING '-p tcp --dport 23 -j REDIRECT --to-ports 2223' 'tcp dport 23 redirect to :2223'
port=40008
for address in "TCP:$server4:2223,bind=$client4" "TCP:$server4:23,bind=$client4" \
    "TCP6:[$server6]:2223,bind=[$client6]"; do
    connection=("$server4" 2223 "$client4" "$port")
    [[ $address = TCP6* ]] && connection=("$server6" 2223 "$client6" "$port")
    dial client "$address:$port"
    tap_ok "the server closed first: $address" await closer_is local TIME_WAIT "${connection[@]}"
    hang_up
    port=$((port + 1))
done

# The client closes, but does not stay for what the server has still to say.
serve 2224 'cat >/dev/null; cat /dev/zero' 2>/dev/null
dial client "TCP:$server4:2224,bind=$client4:$port" 2>/dev/null
hang_up
tap_ok 'a reset after the first close leaves who that was' await closer_is remote CLOSE "$server4" 2224 "$client4" "$port"

tap_done
