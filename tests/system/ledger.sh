#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The users' ledger is exact: what the sockets of two users move, by any protocol and in any way, is in their records,
# byte for byte and packet for packet as the peer's netfilter counts it. What the kernel's own sockets move is in no group of
# a world: tests/machine has that.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# tcp NAME FAMILY LISTEN CONNECT [fork]
tcp() {
    ledger_begin "$2" tcp
    ledger_serving alice serve "$3" "$LEDGER_PORT" 20 200000 "${@:5}"
    tap_ok "$1: the data flowed" ledger_asks connect "$4" "$LEDGER_PORT" 20 300000
    wait "$LEDGER_SERVING"
    ledger_exact "$1" alice "p$LEDGER_PORT"
}

udp() {
    ledger_begin "$2" udp
    ledger_serving bob echo "$3" "$LEDGER_PORT" 500
    tap_ok "$1: the data flowed" ledger_asks ask "$4" "$LEDGER_PORT" 500 1200
    wait "$LEDGER_SERVING"
    ledger_exact "$1" bob "p$LEDGER_PORT"
}

world_enter "$@"
traffic_install
ledger_install

tcp 'TCP, IPv4' 4 "$WORLD_SERVER4" "$WORLD_SERVER4"
tcp 'TCP, IPv6' 6 "$WORLD_SERVER6" "$WORLD_SERVER6"
tcp 'TCP, v4-mapped' 4 :: "$WORLD_SERVER4"
tcp 'a server that forks' 4 "$WORLD_SERVER4" "$WORLD_SERVER4" fork
udp 'UDP, IPv4' 4 "$WORLD_SERVER4" "$WORLD_SERVER4"
udp 'UDP, IPv6' 6 "$WORLD_SERVER6" "$WORLD_SERVER6"

# two at once, one of them many short connections of a client
LEDGER_PORT=$((LEDGER_PORT + 1))
yardstick_port short 4 tcp remote "$LEDGER_PORT"
yardstick_port beside 4 udp local $((LEDGER_PORT + 1))
ledger_mark
: >"$WORLD/peer"
world_exec client perl "$LEDGER_PEERS" serve "$WORLD_CLIENT4" "$LEDGER_PORT" 2000 100 >"$WORLD/peer" 2>>"$WORLD/spawned" &
await grep -q ready "$WORLD/peer"
ledger_serving bob echo "$WORLD_SERVER4" $((LEDGER_PORT + 1)) 2000
ledger_asks ask "$WORLD_SERVER4" $((LEDGER_PORT + 1)) 2000 64 &
ASKING=$!
tap_ok '2,000 short connections' ledger_as alice perl "$LEDGER_PEERS" connect "$WORLD_CLIENT4" "$LEDGER_PORT" 2000 100
wait "$ASKING" "$LEDGER_SERVING"
ledger_exact '2,000 short connections' alice short
ledger_exact '2,000 datagrams beside them' bob beside

# a server of root's whose child is the user's when it accepts: what comes before that is root's
LEDGER_PORT=$((LEDGER_PORT + 1))
yardstick_port accepted 4 tcp local "$LEDGER_PORT"
ledger_mark
world_in server "$PAM_TRAFFIC_LEDGER_TOOL" accept "$LEDGER_PORT" 20001 100000 2>>"$WORLD/spawned" &
ACCEPTING=$!
await world_in server sh -c "ss -Hltn 'sport = :$LEDGER_PORT' | grep -q ."
# the greeting comes with the last packet of the handshake at the earliest, so the client waits
world_in client perl -MIO::Socket::IP -e '
    my $s = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => $ARGV[1]) or die "connect: $@\n";
    select undef, undef, undef, 0.01 until -e $ARGV[2];
    my $data = "x" x 100000;
    my $sent = 0;
    $sent += syswrite($s, $data, length($data) - $sent, $sent) while $sent < length $data;
    my $got = 0;
    while ($got < 100000) { my $n = sysread $s, my $some, 65536 or last; $got += $n }
    die "$got\n" if $got != 100000' "$WORLD_SERVER4" "$LEDGER_PORT" "$WORLD/accepted" &
await world_in server sh -c "ss -Htn state established 'sport = :$LEDGER_PORT' | grep -q ."
# it has been accepted when the listener has none that waits
await world_in server sh -c "[ \"\$(ss -Hltn 'sport = :$LEDGER_PORT' | awk '{ print \$2 }')\" = 0 ]"
: >"$WORLD/accepted"
wait $! "$ACCEPTING"
read -r ib ip ob op < <(yardstick_port_read accepted)
# SYN and its answer to the answer; the answer: 60 bytes with all options, 52 without
tap_is 'a server of root that accepts as a user: his, without the handshake' "$(ledger_read 'select(.user == "alice")')" \
    "$((ib - 60 - 52)) $((ip - 2)) $((ob - 60)) $((op - 1))"

# a socket that is passed on stays its maker's
LEDGER_PORT=$((LEDGER_PORT + 1))
yardstick_port passed 4 tcp remote "$LEDGER_PORT"
ledger_mark
: >"$WORLD/peer"
world_exec client socat "TCP-LISTEN:$LEDGER_PORT,reuseaddr" EXEC:cat 2>>"$WORLD/spawned" &
await world_in client sh -c "ss -Hltn 'sport = :$LEDGER_PORT' | grep -q ."
tap_ok 'a socket that is passed on' world_in server "$PAM_TRAFFIC_LEDGER_TOOL" pass "$WORLD_CLIENT4" "$LEDGER_PORT" 20001 20002 50000
wait $!
ledger_exact 'a socket that is passed on' alice passed
tap_is 'nothing of it is the other user'"'"'s' "$(ledger_read 'select(.user == "bob")')" '0 0 0 0'

# ping sockets are users' sockets
world_in server sysctl -qw net.ipv4.ping_group_range='0 65534'
ledger_mark
tap_ok 'a ping socket' ledger_as alice "$PAM_TRAFFIC_LEDGER_TOOL" ping "$WORLD_CLIENT4" 10
tap_is 'a ping socket: 10 requests, 10 answers' "$(ledger_read 'select(.user == "alice")')" '280 10 280 10'
# what the whole host moved is the sum of all, with nothing that has no socket in between
ledger_mark
world_in server iptables-legacy -t mangle -N WHOLE_IN
world_in server iptables-legacy -t mangle -N WHOLE_OUT
world_in server iptables-legacy -t mangle -A INPUT -i "$WORLD_LINK" -j WHOLE_IN
world_in server iptables-legacy -t mangle -A POSTROUTING -o "$WORLD_LINK" -j WHOLE_OUT
world_in server iptables-legacy -t mangle -A WHOLE_IN
world_in server iptables-legacy -t mangle -A WHOLE_OUT
LEDGER_PORT=$((LEDGER_PORT + 1))
ledger_serving alice serve "$WORLD_SERVER4" "$LEDGER_PORT" 10 50000
ledger_asks connect "$WORLD_SERVER4" "$LEDGER_PORT" 10 50000
wait "$LEDGER_SERVING"
ledger_serving bob echo "$WORLD_SERVER4" "$LEDGER_PORT" 100
ledger_asks ask "$WORLD_SERVER4" "$LEDGER_PORT" 100 1000
wait "$LEDGER_SERVING"
wanted=$(world_in server iptables-legacy-save -c -t mangle | tr '[]:' '   ' | awk '
    /-A WHOLE_IN *$/ { i = $2 " " $1 } /-A WHOLE_OUT *$/ { o = $2 " " $1 } END { print i, o }')
tap_is 'the sum of all is INPUT and POSTROUTING' \
    "$(ledger_read 'select(.user == "alice" or .user == "bob")')" "$wanted"

# setup again, while bytes flow, as an upgrade does it: nothing is lost
ledger_begin 4 tcp
ledger_serving alice serve "$WORLD_SERVER4" "$LEDGER_PORT" 1000000 2000
: >"$WORLD/flowing"
while [ -e "$WORLD/flowing" ] && ledger_asks connect "$WORLD_SERVER4" "$LEDGER_PORT" 50 2000; do :; done &
ASKING=$!
for _ in 1 2 3 4 5 6; do
    tap_ok 'setup again' ledger_setup
done
rm "$WORLD/flowing"
tap_ok 'setup again: connections went on meanwhile' wait "$ASKING"
ledger_exact 'setup again' alice "p$LEDGER_PORT"
kill "$LEDGER_SERVING"
wait "$LEDGER_SERVING" 2>/dev/null

# excluded networks: counted apart, and a change loses nothing
ledger_begin 4 tcp
traffic_configure users=yes interim_interval=1us "exclude=${WORLD_CLIENT4%.*}.0/24"
ledger_serving alice serve "$WORLD_SERVER4" "$LEDGER_PORT" 3 200000
ledger_asks connect "$WORLD_SERVER4" "$LEDGER_PORT" 1 300000
traffic_reap
ledger_asks connect "$WORLD_SERVER4" "$LEDGER_PORT" 1 300000
traffic_configure users=yes interim_interval=1us
traffic_reap
ledger_asks connect "$WORLD_SERVER4" "$LEDGER_PORT" 1 300000
wait "$LEDGER_SERVING"
counted=$(ledger_read 'select(.user == "alice")')
read -r xi xo < <(ledger_since | jq -s -r '[ .[] | select(.user == "alice") ] |
    "\(map(.delta_excluded_in_bytes) | add) \(map(.delta_excluded_out_bytes) | add)"')
read -r ib ip ob op <<<"$counted"
read -r wib wip wob wop < <(yardstick_port_read "p$LEDGER_PORT")
tap_ok 'an excluded network: something was excluded, and something counted' \
    test "$xi" -gt 300000 -a "$xo" -gt 200000 -a "$ib" -gt 600000
tap_is 'an excluded network: nothing is lost when it is excluded, and again' "$((ib + xi)) $((ob + xo))" "$wib $wob"

# who moves something after a long time has moved it now, and not little by little since the record before
send() {
    ledger_as alice perl -MSocket -e 'socket S, PF_INET, SOCK_DGRAM, 0;
        send S, "x" x 972, 0, sockaddr_in(7990, inet_aton($ARGV[0])) for 1 .. $ARGV[1]' "$WORLD_CLIENT4" "$1"
}
# meanwhile    what alice sent, by the report, on days that are neither the first nor among the last
meanwhile() {
    "$PAM_TRAFFIC_CLI" report --config "$TRAFFIC_CONFIG" --ledger users --user alice --by day --utc --json |
        jq -c --arg first "${long_ago%T*}" --arg late "$(date -u -d '2 days ago' +%F)" \
            '[ .rows[] | select(.day > $first and .day < $late) | .out ] | add // 0'
}
lately() {
    "$PAM_TRAFFIC_CLI" report --config "$TRAFFIC_CONFIG" --ledger users --user alice --since '2 days ago' --utc --json | jq .total.out
}
send 1
traffic_reap
long_ago=$(date -u -d '20 days ago' +%FT%T)
sed -i 's/"time":"[^"]*"/"time":"'"$long_ago"'.000000Z"/' "$RECORDS_LOG"
traffic_reap
send 300
tap_is 'after a long time: it has moved it now' "$(meanwhile) $(lately)" '0 300000'
traffic_reap
tap_is 'after a long time: so says the log' "$(meanwhile) $(lately)" '0 300000'

tap_is 'each record counts once' "$(ledger_all | jq -s 'length - (unique_by([.session, .seq]) | length)')" 0
tap_is 'all that was counted is complete' "$(ledger_all | jq -s 'map(select(.complete | not)) | length')" 0
traffic_teardown
tap_not 'teardown takes it away' test -e /sys/fs/bpf/pam_traffic
tap_is 'and the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
