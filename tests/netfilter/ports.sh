#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What counts a local port: made once, by itself or with a session's rules, put back where it is missing, and
# all that it says is what passed, of both address families. What the bits of nf_tool's count_port and ports
# mean: 1 in and 2 out, of IPv4 or of both families; 4 in and 8 out, of IPv6.

# shellcheck source=tests/netfilter/world.sh
. "$(dirname "$0")/world.sh"

world_new
a=("$server4" 2222 "$client4" 50001)
case $backend in
iptables) all=15 rest='made 12' ;;
*) all=3 rest='kept 0' ;;
esac

# the sums over the counters of a port: in_bytes/in_packets out_bytes/out_packets
sums() { # PORT
        "$tool" ports | awk -v port="$1" '
                function add(way, text,    n) { split(text, n, "/"); bytes[way] += n[1]; packets[way] += n[2] }
                $1 == port { add("in", $2); add("out", $3); add("in", $4); add("out", $5) }
                END { print bytes["in"] "/" packets["in"], bytes["out"] "/" packets["out"] }'
}

yardstick_set() {
        for tables in iptables ip6tables; do
                client "$tables-legacy" -t mangle -F
                client "$tables-legacy" -t mangle -A OUTPUT -p tcp --dport 2222
                client "$tables-legacy" -t mangle -A INPUT -p tcp --sport 2222
        done
}

yardstick() {
        for hook in OUTPUT INPUT; do
                for tables in iptables ip6tables; do
                        client "$tables-legacy" -t mangle -vnxL "$hook" 1
                done | awk '{ bytes += $2; packets += $1 } END { printf "%s%d/%d", hook, bytes, packets }'
                [ "$hook" = INPUT ] || printf ' '
        done
}

exact() {
        [ "$(sums 2222)" = "$(yardstick)" ]
}

is "$("$tool" setup; "$tool" ports)" "OK
OK $all" 'no port is counted yet, and what can be is known'
is "$("$tool" count_port 2222)" "OK kept $all" 'a port is counted'
is "$("$tool" count_port 2222)" 'OK kept 0' 'once'
is "$("$tool" ports | tail -n 1 | sed 's|0/0|0|g')" "$([ "$all" = 15 ] && echo '2222 0 0 0 0' || echo '2222 0 0 - -')" \
        'from 0 on'

# everything that passes, sessions or not
serve 2222
yardstick_set
dial client "TCP:$server4:2222,bind=$client4:50001"
"$tool" add "${a[@]}" >/dev/null
hang_up
dial client "TCP6:[$server6]:2222,bind=[$client6]:50002"
hang_up
client socat - "TCP:$server4:2223" </dev/null >/dev/null 2>&1
until_true exact
is "$(sums 2222)" "$(yardstick)" 'all of the port, and of no other'
[ "$(sums 2222 | tr '/' ' ' | cut -d ' ' -f 1)" -gt $((2 * taken)) ]
ok 'which is not nothing'
is "$("$tool" count_port 2223)" "OK kept $all" 'another port'
before=$(sums 2222)
is "$(sums 2223)" '0/0 0/0' 'begins at 0'

# kept
is "$("$tool" setup; "$tool" count_port 2222; "$tool" add "${a[@]}"; "$tool" remove "${a[@]}" >/dev/null)" 'OK
OK kept 0
OK kept' 'setup, another count, a session'
is "$(sums 2222)" "$before" 'keep the counters'

# a session alone
"$tool" teardown >/dev/null
is "$("$tool" add "${a[@]}")" 'OK made' 'a session'
is "$("$tool" ports | cut -d ' ' -f 1 | tail -n 1)" 2222 'has its port counted'
is "$("$tool" count_port 2222)" "OK $rest" 'but for the other family, where that is apart'
"$tool" remove "${a[@]}" >/dev/null
is "$("$tool" ports | cut -d ' ' -f 1 | tail -n 1)" 2222 'and it stays so without it'

# somebody takes it away
if [ "$backend" = iptables ]; then
        iptables-legacy -t mangle -D PAM_TRAFFIC_OUT -p tcp --sport 2222 -g PAM_TRAFFIC_OUT_2222
        is "$("$tool" count_port 2222)" 'OK kept 2' 'one way is put back'
        iptables-legacy -t mangle -F
        is "$("$tool" count_port 2222)" 'OK made 3' 'so is a family that was flushed'
        iptables-legacy -t mangle -F
        iptables-legacy -t mangle -A PAM_TRAFFIC_IN_2222 -p udp
        is "$("$tool" count_port 2222)" 'OK made 2' 'a chain of its name that is somebody else'"'"'s is left alone'
        iptables-legacy -t mangle -F PAM_TRAFFIC_IN_2222
else
        nft delete element inet pam_traffic ports_out '{ 2222 }'
        is "$("$tool" count_port 2222)" 'OK kept 2' 'one way is put back'
        nft delete table inet pam_traffic
        is "$("$tool" count_port 2222)" 'OK made 3' 'so is all of it'
        nft add element inet pam_traffic ports_in '{ 4444 }'
        is "$("$tool" count_port 4444)" 'OK kept 2' 'an element of somebody else'"'"'s hand is one'
fi

is "$("$tool" teardown)" OK 'teardown'
is "$(iptables-legacy-save | grep -c PAM; [ "$backend" = iptables ] || nft list ruleset)" 0 'leaves nothing'
"$tool" teardown >/dev/null
finish
