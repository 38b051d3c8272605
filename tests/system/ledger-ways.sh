#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The users' ledger is exact in the ways that are less common: raw sockets, several sockets on one port, sendfile, splice,
# io_uring, TCP Fast Open, UDP-Lite, MPTCP, a client that is killed, a link that loses packets, a container of a user's,
# and loopback.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

world_enter "$@"
traffic_install
ledger_install

# a raw socket
ledger_mark
tap_ok 'a raw socket: answers' world_in server "$PAM_TRAFFIC_LEDGER_TOOL" raw "$WORLD_CLIENT4" 10
tap_is 'a raw socket: 10 requests, 10 answers' "$(ledger_read 'select(.user == "root")')" '280 10 280 10'

# two servers of alice's on one port: the kernel gives each connection to one of them
ledger_begin 4 tcp
for _ in 1 2; do
    ledger_as alice perl "$LEDGER_PEERS" serve "$WORLD_SERVER4" "$LEDGER_PORT" 1000 20000 share >/dev/null 2>>"$WORLD/spawned" &
done
both() {
    [ "$(world_in server ss -Hltn "sport = :$LEDGER_PORT" | wc -l)" = 2 ]
}
await both
tap_ok 'SO_REUSEPORT: the data flowed' ledger_asks connect "$WORLD_SERVER4" "$LEDGER_PORT" 40 30000
ledger_exact 'SO_REUSEPORT' alice "p$LEDGER_PORT"
pkill -f 'ledger.pl serve'

# what no program copies
for way in sendfile splice; do
    ledger_begin 4 tcp
    ledger_serving alice serve "$WORLD_SERVER4" "$LEDGER_PORT" 3 200000 "$way"
    tap_ok "$way: the data flowed" ledger_asks connect "$WORLD_SERVER4" "$LEDGER_PORT" 3 100
    wait "$LEDGER_SERVING"
    ledger_exact "$way" alice "p$LEDGER_PORT"
done

# io_uring makes the socket and moves the bytes, also where a thread of the kernel's does it: it is the login's of whoever
# made the ring
for way in uring uring-polled; do
    LEDGER_PORT=$((LEDGER_PORT + 1))
    world_in client perl "$LEDGER_PEERS" serve "$WORLD_CLIENT4" "$LEDGER_PORT" 1 200000 >"$WORLD/serving" 2>>"$WORLD/spawned" &
    serving=$!
    await grep -q '^ready$' "$WORLD/serving"
    yardstick_port "p$LEDGER_PORT" 4 tcp remote "$LEDGER_PORT"
    ledger_mark
    world_in server "$PAM_TRAFFIC_LEDGER_TOOL" session setpriv --reuid=alice --regid=alice --clear-groups -- \
        "$PAM_TRAFFIC_LEDGER_TOOL" "$way" "$WORLD_CLIENT4" "$LEDGER_PORT" 100000 2>>"$WORLD/spawned"
    status=$?
    if [ "$status" = 77 ]; then
        tap_skip "$way" 'the kernel has no io_uring'
        kill "$serving"
        continue
    fi
    wait "$serving"
    tap_is "$way: the data flowed" "$status" 0
    tap_is "$way: it is of the session that made the ring" \
        "$(ledger_read 'select(.user == "alice" and .audit_session != null)')" "$(yardstick_port_read "p$LEDGER_PORT")"
    tap_not "$way: and that is something" test "$(yardstick_port_read "p$LEDGER_PORT")" = '0 0 0 0'
done

# TCP Fast Open: the first data comes with the SYN, and the kernel makes the socket before there is a handshake
world_in server sysctl -qw net.ipv4.tcp_fastopen=3
ledger_begin 4 tcp
ledger_serving alice serve "$WORLD_SERVER4" "$LEDGER_PORT" 5 200000 fastopen
tap_ok 'TCP Fast Open: the data flowed' ledger_asks connect "$WORLD_SERVER4" "$LEDGER_PORT" 5 30000 fastopen
wait "$LEDGER_SERVING"
tap_is 'TCP Fast Open: all but the first brought data' \
    "$(world_in server awk '/^TcpExt:/ { if (!n++) { for (i = 1; i <= NF; i++) if ($i == "TCPFastOpenPassive") at = i } else print $at }' /proc/net/netstat)" 4
ledger_exact 'TCP Fast Open' alice "p$LEDGER_PORT"

# UDP-Lite, which newer kernels do not have
if world_in server perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 136 or exit 1'; then
    ledger_begin 4 udp
    for chain in OUTPUT INPUT; do
        world_in client iptables-legacy -t mangle -A "$chain" -p 136 -m comment --comment yardstick:lite
    done
    ledger_serving alice echo "$WORLD_SERVER4" "$LEDGER_PORT" 20 0 lite
    tap_ok 'UDP-Lite: the data flowed' ledger_asks ask "$WORLD_SERVER4" "$LEDGER_PORT" 20 500 lite
    wait "$LEDGER_SERVING"
    ledger_exact 'UDP-Lite' alice lite
else
    tap_skip 'UDP-Lite' 'the kernel has none'
fi

# the first subflow, and the socket of MPTCP that it belongs to, are alice's
multipath() {
    LD_PRELOAD=$PAM_TRAFFIC_MPTCP_LIBRARY "$@"
}
ledger_begin 4 tcp
multipath ledger_serving alice serve "$WORLD_SERVER4" "$LEDGER_PORT" 5 200000
tap_ok 'MPTCP: the data flowed' multipath ledger_asks connect "$WORLD_SERVER4" "$LEDGER_PORT" 5 300000
wait "$LEDGER_SERVING"
ledger_exact 'MPTCP' alice "p$LEDGER_PORT"

# a listener of MPTCP, whose clients do not speak it: what it accepts the kernel has made
ledger_begin 4 tcp
multipath ledger_serving alice serve "$WORLD_SERVER4" "$LEDGER_PORT" 5 200000
tap_ok 'a listener of MPTCP, clients of TCP: the data flowed' ledger_asks connect "$WORLD_SERVER4" "$LEDGER_PORT" 5 300000
wait "$LEDGER_SERVING"
ledger_exact 'a listener of MPTCP, clients of TCP' alice "p$LEDGER_PORT"

# a client that is killed has not read what was sent: its kernel answers with a reset
ledger_begin 4 tcp
ledger_as alice perl -MIO::Socket::IP -e '
    my $l = IO::Socket::IP->new(LocalHost => $ARGV[0], LocalPort => $ARGV[1], Listen => 1) or die "listen: $@\n";
    my $s = $l->accept or die "accept: $!\n";
    syswrite $s, "x" x 20000;
    sysread $s, my $some, 100;
    open my $f, ">", $ARGV[2]' "$WORLD_SERVER4" "$LEDGER_PORT" "$WORLD/home/alice/reset" 2>>"$WORLD/spawned" &
serving=$!
await world_in server sh -c "ss -Hltn 'sport = :$LEDGER_PORT' | grep -q ."
world_exec client perl -MIO::Socket::IP -e '
    my $s = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => $ARGV[1]) or die; sleep' "$WORLD_SERVER4" "$LEDGER_PORT" &
killed=$!
unread() {
    [ "$(world_in client ss -Htn "dport = :$LEDGER_PORT" | awk '{ print $2 }')" = 20000 ]
}
await unread
kill -9 "$killed"
wait "$killed" "$serving" 2>/dev/null
tap_ok 'a killed client: the server got the reset' test -e "$WORLD/home/alice/reset"
ledger_exact 'a killed client' alice "p$LEDGER_PORT"

# a link that loses packets, both ways: what counts is what this host sent, and what it got
ledger_begin 4 tcp
ledger_resends 3 200000
for chain in PREROUTING OUTPUT; do
    world_in client iptables-legacy -t raw -A "$chain" -p tcp -m multiport --ports "$LEDGER_PORT" \
        -m statistic --mode nth --every 10 --packet 5 -j DROP
done
world_in server iptables-legacy -t mangle -A INPUT -p tcp --dport "$LEDGER_PORT" -m comment --comment lossy
world_in server iptables-legacy -t mangle -A POSTROUTING -p tcp --sport "$LEDGER_PORT" -m comment --comment lossy
ledger_serving alice serve "$WORLD_SERVER4" "$LEDGER_PORT" 3 400000
tap_ok 'a lossy link: the data flowed' ledger_asks connect "$WORLD_SERVER4" "$LEDGER_PORT" 3 400000
wait "$LEDGER_SERVING"
lossy() {
    world_in server iptables-legacy-save -c -t mangle | tr '[]:' '   ' | awk '
        / INPUT .*lossy/ { i = $2 " " $1 } / POSTROUTING .*lossy/ { o = $2 " " $1 } END { print i, o }'
}
world_in client iptables-legacy -t raw -F
# the end of the last connection may be on its way again
over() {
    [ -z "$(world_in server ss -Htn "sport = :$LEDGER_PORT")" ]
}
await over
ledger_resends 0 10000000
tap_is 'a lossy link: alice moved what passed the filter' "$(ledger_read 'select(.user == "alice")')" "$(lossy)"
tap_not 'a lossy link: the peer counted something else' \
    test "$(yardstick_port_read "p$LEDGER_PORT" | cut -d ' ' -f 3,4)" = "$(lossy | cut -d ' ' -f 3,4)"

# a container of alice's has a network namespace of its own, and root of its own; its link goes to the host
ledger_as alice unshare --user --map-root-user --net sh -c 'echo ready && exec sleep 1000' >"$WORLD/container" 2>>"$WORLD/spawned" &
await grep -sq ready "$WORLD/container"
inside=$(pgrep -f '^sleep 1000')
in_container() {
    nsenter --target "$inside" --user --net --preserve-credentials -- "$@"
}
world_in server ip link add container type veth peer name host netns "$inside"
world_in server ip addr add 10.78.0.1/24 dev container
world_in server ip link set container up
nsenter --target "$inside" --net -- sh -c 'ip addr add 10.78.0.2/24 dev host && ip link set host up &&
    iptables-legacy -t mangle -A INPUT -i host && iptables-legacy -t mangle -A POSTROUTING -o host'
contained() {
    nsenter --target "$inside" --net -- iptables-legacy-save -c -t mangle | tr '[]:' '   ' | awk '
        /-A INPUT/ { i = $2 " " $1 } /-A POSTROUTING/ { o = $2 " " $1 } END { print i, o }'
}
ledger_mark
before=$(contained)
ledger_serving bob serve 10.78.0.1 7900 5 200000
tap_ok 'a container: the data flowed' ledger_as alice nsenter --target "$inside" --user --net --preserve-credentials -- \
    perl "$LEDGER_PEERS" connect 10.78.0.1 7900 5 100000
wait "$LEDGER_SERVING"
read -r ib ip ob op < <(contained)
tap_is 'a container: its packets are alice'"'"'s' "$(ledger_read 'select(.user == "alice")')" "$ib $ip $ob $op"
tap_is 'a container: the host'"'"'s end is bob'"'"'s' "$(ledger_read 'select(.user == "bob")')" "$ob $op $ib $ip"
tap_is 'a container: nothing had moved before' "$before" '0 0 0 0'
kill "$inside"

# loopback: a packet passes two sockets, and is in the rows of both ends
world_in server ip link set lo up
world_in server iptables-legacy -t mangle -A INPUT -i lo -m comment --comment loop
world_in server iptables-legacy -t mangle -A POSTROUTING -o lo -m comment --comment loop
ledger_mark
ledger_serving bob serve 127.0.0.1 7901 5 200000
ledger_as alice perl "$LEDGER_PEERS" connect 127.0.0.1 7901 5 100000
wait "$LEDGER_SERVING"
wanted=$(world_in server iptables-legacy-save -c -t mangle | tr '[]:' '   ' | awk '
    / INPUT .*loop/ { i = $2 " " $1 } / POSTROUTING .*loop/ { o = $2 " " $1 } END { print i, o }')
tap_is 'loopback: the sum of both ends is INPUT and POSTROUTING' \
    "$(ledger_read 'select(.user == "alice" or .user == "bob")')" "$wanted"
for user in alice bob; do
    read -r ib _ ob _ < <(ledger_read "select(.user == \"$user\")")
    tap_ok "loopback: $user sent, and got" test "$ib" -gt 500000 -a "$ob" -gt 500000
done

tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
