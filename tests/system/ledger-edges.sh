#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where the users' ledger and the filter of a network namespace differ: each item of the list in docs/users.md ("What is
# counted"), with its figure. The kernel's own sockets are in no group of a world: tests/machine has them.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# root's are the client's sockets, too: the group knows no network namespaces
THEIRS='select(.user == "alice" or .user == "bob")'

# filter_zero: from now on, the server's INPUT and POSTROUTING on the link to the client
filter_zero() {
    ledger_mark
    world_in server iptables-legacy -t mangle -Z
    world_in server ip6tables-legacy -t mangle -Z
}

# what they counted: in_bytes in_packets out_bytes out_packets
filter_read() {
    { world_in server iptables-legacy-save -c -t mangle && world_in server ip6tables-legacy-save -c -t mangle; } |
        tr '[]:' '   ' | awk '
            / INPUT .*edges/ { ib += $2; ip += $1 } / POSTROUTING .*edges/ { ob += $2; op += $1 } END { print ib, ip, ob, op }'
}

# has_passed FIELD N   for await: that field of filter_read is N, or more
has_passed() {
    [ "$(filter_read | cut -d ' ' -f "$1")" -ge "$2" ]
}

# no_socket PORT   for await: the server has none of TCP any more
no_socket() {
    [ -z "$(world_in server ss -Hta "sport = :$1")" ]
}

# differs NAME IN_BYTES IN_PACKETS OUT_BYTES OUT_PACKETS   a case: the ledger has so much less than the filter (-: more)
differs() {
    local ib ip ob op fib fip fob fop

    read -r ib ip ob op < <(ledger_read "$THEIRS")
    read -r fib fip fob fop < <(filter_read)
    tap_is "$1: the difference" "$((fib - ib)) $((fip - ip)) $((fob - ob)) $((fop - op))" "${*:2}"
}

# counted NAME LEDGER FILTER   a case: what each of the two has counted
counted() {
    tap_is "$1: the ledger" "$(ledger_read "$THEIRS")" "$2"
    tap_is "$1: the filter" "$(filter_read)" "$3"
}

world_enter "$@"
traffic_install
ledger_install
world_in server iptables-legacy -t mangle -A INPUT -i "$WORLD_LINK" -m comment --comment edges
# the kernel tells routers when a group has no member any more, some time later
world_in server iptables-legacy -t mangle -A POSTROUTING -o "$WORLD_LINK" ! -p igmp -m comment --comment edges
# of IPv6, the kernel also asks for neighbours
world_in server ip6tables-legacy -t mangle -A INPUT -i "$WORLD_LINK" -p udp -m comment --comment edges
world_in server ip6tables-legacy -t mangle -A POSTROUTING -o "$WORLD_LINK" -p udp -m comment --comment edges

# no socket: a SYN to a closed port and its reset
filter_zero
world_in client perl -MIO::Socket::IP -e 'IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => 9) for 1 .. 10' "$WORLD_SERVER4"
differs 'SYN to a closed port' 600 10 400 10

# no socket: the SYN-ACK that has a cookie
world_in server sysctl -qw net.ipv4.tcp_syncookies=2
filter_zero
ledger_serving alice serve "$WORLD_SERVER4" 7105 5 0 hold
world_exec client perl "$LEDGER_PEERS" connect "$WORLD_SERVER4" 7105 5 0 hold 2>>"$WORLD/spawned" &
connecting=$!
await grep -q held "$WORLD/serving"
counted 'SYN cookies' '560 10 0 0' '560 10 300 5'
kill "$connecting"
wait "$LEDGER_SERVING"
await no_socket 7105
world_in server sysctl -qw net.ipv4.tcp_syncookies=1

# no socket: echo requests and what answers them
filter_zero
world_in client "$PAM_TRAFFIC_LEDGER_TOOL" raw "$WORLD_CLIENT4" 1 >/dev/null 2>&1
world_in client "$PAM_TRAFFIC_LEDGER_TOOL" raw "$WORLD_SERVER4" 10
differs 'echo requests' 280 10 280 10

# who ends a connection first, and closes, has no socket any more: TIME_WAIT takes the other's end, and acknowledges it
filter_zero
ledger_as alice perl -MIO::Socket::IP -e '
    my $l = IO::Socket::IP->new(LocalHost => $ARGV[0], LocalPort => 7100, Listen => 1) or die "listen: $@\n";
    close($l->accept or die)' "$WORLD_SERVER4" 2>>"$WORLD/spawned" &
serving=$!
await world_in server sh -c 'ss -Hltn "sport = :7100" | grep -q .'
world_in client perl -MIO::Socket::IP -e '
    my $s = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => 7100) or die "connect: $@\n";
    sysread $s, my $some, 1;
    select undef, undef, undef, 0.01 until -e $ARGV[1]' "$WORLD_SERVER4" "$WORLD/closed" &
connecting=$!
wait "$serving"
await world_in server sh -c 'ss -Htn state fin-wait-2 "sport = :7100" | grep -q .'
touch "$WORLD/closed"
wait "$connecting"
await world_in server sh -c 'ss -Htn state time-wait "sport = :7100" | grep -q .'
differs 'TIME_WAIT' 52 1 52 1

# AF_PACKET passes no socket of an IP family, and no filter either
filter_zero
tap_ok 'AF_PACKET: sent' world_in server perl -e '
    my $index = $ARGV[0];
    socket my $s, 17, 3, 0 or die "socket: $!\n";
    my $payload = "x" x 72;
    my $ip = pack("CCnnnCCna4a4", 0x45, 0, 100, 0, 0, 64, 17, 0, pack("C4", split /\./, $ARGV[1]), pack("C4", split /\./, $ARGV[2]));
    my $frame = ("\xff" x 6) . ("\x02" x 6) . "\x08\x00" . $ip . pack("nnnn", 9, 9, 80, 0) . $payload;
    for (1 .. 10) { send $s, $frame, 0, pack("SnlSCCa8", 17, 0x0800, $index, 0, 0, 6, "\xff" x 6) or die "send: $!\n" }' \
    "$(world_in server ip -o link show dev "$WORLD_LINK" | cut -d : -f 1)" "$WORLD_SERVER4" "$WORLD_CLIENT4"
differs 'AF_PACKET' 0 0 0 0

# multicast, and broadcast: once for each member
for side in server client; do
    world_in "$side" ip route add 239.0.0.0/8 dev "$WORLD_LINK"
    world_in "$side" ip route add 255.255.255.255 dev "$WORLD_LINK"
done
for to in 239.1.2.3 255.255.255.255; do
    ledger_serving alice members "$to" 7101 5 3
    filter_zero
    ledger_asks send "$to" 7101 5 72
    wait "$LEDGER_SERVING"
    counted "to $to, 3 members" '1500 15 0 0' '500 5 0 0'
done

# multicast of this host's, with a member here: the copy for the member passes POSTROUTING, too
ledger_serving alice members 239.1.2.3 7101 5 1
filter_zero
ledger_as alice perl "$LEDGER_PEERS" send 239.1.2.3 7101 5 72
wait "$LEDGER_SERVING"
counted 'multicast that is sent where a member is' '500 5 500 5' '500 5 1000 10'

# what a program further down denies was counted; it is on no wire
mkdir "$LEDGER_GROUP/denied"
: >"$WORLD/denying"
"$PAM_TRAFFIC_LEDGER_TOOL" deny "$LEDGER_GROUP/denied" >"$WORLD/denying" &
denying=$!
await grep -sq ready "$WORLD/denying"
filter_zero
"$BASH" -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$LEDGER_GROUP/denied" nsenter "--net=/run/netns/server-$WORLD_ID" \
    setpriv --reuid=alice --regid=alice --clear-groups perl "$LEDGER_PEERS" send "$WORLD_CLIENT4" 9 10 72
# POSTROUTING is before the groups: it has seen them, too
differs 'denied in a group below' 0 0 0 0
tap_is 'denied in a group below: counted' "$(ledger_read 'select(.user == "alice")')" '0 0 1000 10'
kill "$denying"

# a full buffer drops after counting
filter_zero
ledger_as bob perl -MIO::Socket::IP -MSocket=:all -e '
    my $s = IO::Socket::IP->new(LocalHost => $ARGV[0], LocalPort => 7102, Proto => "udp") or die "$@\n";
    setsockopt $s, SOL_SOCKET, SO_RCVBUF, 1 or die;
    $| = 1; print "ready\n";
    select undef, undef, undef, 0.01 until -e $ARGV[1];
    my $n = 0;
    $n++ while defined recv $s, my $some, 2000, MSG_DONTWAIT;
    print "$n\n"' "$WORLD_SERVER4" "$WORLD/sent" >"$WORLD/full" 2>>"$WORLD/spawned" &
full=$!
await grep -sq ready "$WORLD/full"
ledger_asks send "$WORLD_SERVER4" 7102 100 1000
touch "$WORLD/sent"
wait "$full"
tap_ok 'a full buffer: the program got few of them' test "$(tail -n 1 "$WORLD/full")" -lt 20
differs 'a full buffer' 0 0 0 0

# UDP that was sent as one packet (UDP_SEGMENT) is cut where it comes to a socket that does not take it so (UDP_GRO)
for address in "$WORLD_SERVER4" "$WORLD_SERVER6"; do
    # each of the 20 packets has one header, and each of the 200 datagrams
    header=$([[ $address = *:* ]] && echo 48 || echo 28)
    packets="$((20 * (10000 + header))) 20" datagrams="$((200 * (1000 + header))) 200"
    filter_zero
    ledger_serving alice echo "$address" 7106 200
    tap_ok "UDP_SEGMENT to $address: it flowed" ledger_asks ask "$address" 7106 20 10000 gso
    wait "$LEDGER_SERVING"
    counted "UDP_SEGMENT to $address" "$datagrams $datagrams" "$packets $datagrams"
    filter_zero
    ledger_serving alice echo "$address" 7106 20 0 gro
    tap_ok "UDP_SEGMENT to UDP_GRO, $address: it flowed" ledger_asks ask "$address" 7106 20 10000 gso
    wait "$LEDGER_SERVING"
    counted "UDP_SEGMENT to UDP_GRO, $address" "$packets $packets" "$packets $packets"
done

# what the kernel takes for IPsec comes to no socket; 8 bytes are too short for that. Without esp4, it also sends errors
world_in server iptables-legacy -t mangle -A OUTPUT -p icmp --icmp-type port-unreachable -j DROP
filter_zero
ledger_serving alice echo "$WORLD_SERVER4" 7107 1 0 esp
ledger_asks send "$WORLD_SERVER4" 7107 10 72
ledger_asks ask "$WORLD_SERVER4" 7107 1 8
wait "$LEDGER_SERVING"
await has_passed 2 11
counted 'UDP_ENCAP' '36 1 36 1' '1036 11 36 1'
world_in server iptables-legacy -t mangle -D OUTPUT -p icmp --icmp-type port-unreachable -j DROP

# a packet that is forwarded passes no socket
world_in server sysctl -qw net.ipv4.ip_forward=1
world_in server sh -c 'ip link add inner type veth peer name other && ip addr add 10.79.0.1/24 dev inner && ip link set inner up'
mkdir -p "$WORLD/ns" && : >"$WORLD/ns/other"
unshare --net="$WORLD/ns/other" true
world_in server ip link set other netns "$WORLD/ns/other"
nsenter --net="$WORLD/ns/other" sh -c 'ip addr add 10.79.0.2/24 dev other && ip link set other up && ip route add default via 10.79.0.1'
world_in client ip route add 10.79.0.0/24 via "$WORLD_SERVER4"
filter_zero
tap_ok 'forwarded: it flowed' world_in client "$PAM_TRAFFIC_LEDGER_TOOL" raw 10.79.0.2 10
differs 'forwarded' 0 0 280 10

# a tunnel of a program's: what goes through it is counted inside, and outside again as the program's
if [ -c /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }; then
    world_exec server socat "TUN:10.80.0.1/24,up,iff-no-pi" "UDP-DATAGRAM:$WORLD_CLIENT4:7103,bind=$WORLD_SERVER4:7103" 2>>"$WORLD/spawned" &
    tunnel=$!
    world_exec client socat "TUN:10.80.0.2/24,up,iff-no-pi" "UDP-DATAGRAM:$WORLD_SERVER4:7103,bind=$WORLD_CLIENT4:7103" 2>>"$WORLD/spawned" &
    await world_in client sh -c 'ip -br addr show to 10.80.0.2 up | grep -q .'
    await world_in server sh -c 'ip -br addr show to 10.80.0.1 up | grep -q .'
    filter_zero
    tap_ok 'a tunnel: it flowed' ledger_as alice perl "$LEDGER_PEERS" send 10.80.0.2 9 10 72
    await has_passed 4 10
    read -r _ _ ob op < <(ledger_read 'select(.user == "alice")')
    tap_is 'a tunnel: inside, alice sent 10 packets' "$ob $op" '1000 10'
    read -r _ _ ob op < <(ledger_read 'select(.user == "root")')
    tap_ok 'a tunnel: outside, its program sent them again, with a header more' test "$op" -ge 10 -a "$ob" -ge 1280
    kill "$tunnel"
else
    tap_skip 'a tunnel' 'no /dev/net/tun'
fi

# a rootless container with pasta: what its programs move is counted inside, and outside again as pasta's. Inside, whoever
# is root there may have chains of his own
if [ -c /dev/net/tun ] && [ -n "$(type -P pasta)" ]; then
    chmod 666 /dev/net/tun
    world_in server ip route add default via "$WORLD_CLIENT4"
    world_spawn world_in client socat -u OPEN:/dev/zero,readbytes=100000 "TCP-LISTEN:7104,bind=$WORLD_CLIENT4,reuseaddr"
    await world_in client sh -c 'ss -Hltn "sport = :7104" | grep -q .'
    yardstick_port pasta 4 tcp remote 7104
    cd "$WORLD/home/alice" || exit 1
    ledger_mark
    # shellcheck disable=SC2016  # the inner shell's
    tap_ok 'pasta: it flowed' ledger_as alice env XTABLES_LOCKFILE=/dev/null timeout 60 pasta --quiet --config-net --no-map-gw -t none -u none -T none -U none -- sh -c '
        iptables-legacy -t mangle -A INPUT -p tcp && iptables-legacy -t mangle -A POSTROUTING -p tcp &&
            socat -u "TCP:$0:7104" OPEN:/dev/null &&
            while ss -Hta exclude time-wait "dport = :7104" | grep -q .; do sleep 0.02; done && iptables-legacy-save -c -t mangle >inside' "$WORLD_CLIENT4"
    moved=$(ledger_read 'select(.user == "alice")')
    read -r ib ip ob op < <(tr '[:]' '   ' <inside | awk '/ INPUT / { i = $2 " " $1 } / POSTROUTING / { o = $2 " " $1 } END { print i, o }')
    read -r yib yip yob yop < <(yardstick_port_read pasta)
    tap_ok 'pasta: inside, and outside' test "$ib" -gt 100000 -a "$yib" -gt 100000
    tap_is 'pasta: alice moved both' "$moved" "$((ib + yib)) $((ip + yip)) $((ob + yob)) $((op + yop))"
else
    tap_skip 'pasta' 'no /dev/net/tun, or no pasta'
fi

tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
