#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What counts a local port: made once, by itself or with a session's rules, put back where it is missing, and
# all that it says is what passed, of both address families. What the bits of nf_tool's count_port and ports
# mean: 1 in and 2 out, of IPv4 or of both families; 4 in and 8 out, of IPv6.
set -u
# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

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

tap_is 'no port is counted yet, and what can be is known' "$("$tool" setup; "$tool" ports)" "OK
OK $all"
tap_is 'a port is counted' "$("$tool" count_port 2222)" "OK kept $all"
tap_is 'once' "$("$tool" count_port 2222)" 'OK kept 0'
tap_is 'from 0 on' "$("$tool" ports | tail -n 1 | sed 's|0/0|0|g')" \
    "$([ "$all" = 15 ] && echo '2222 0 0 0 0' || echo '2222 0 0 - -')"

# everything that passes, sessions or not
serve 2222
yardstick_set
dial client "TCP:$server4:2222,bind=$client4:50001"
"$tool" add "${a[@]}" >/dev/null
hang_up
dial client "TCP6:[$server6]:2222,bind=[$client6]:50002"
hang_up
client socat - "TCP:$server4:2223" </dev/null >/dev/null 2>&1
await exact
tap_is 'all of the port, and of no other' "$(sums 2222)" "$(yardstick)"
tap_ok 'which is not nothing' test "$(sums 2222 | tr '/' ' ' | cut -d ' ' -f 1)" -gt $((2 * taken))
tap_is 'another port' "$("$tool" count_port 2223)" "OK kept $all"
before=$(sums 2222)
tap_is 'begins at 0' "$(sums 2223)" '0/0 0/0'

# kept
tap_is 'setup, another count, a session' \
    "$("$tool" setup; "$tool" count_port 2222; "$tool" add "${a[@]}"; "$tool" remove "${a[@]}" >/dev/null)" \
    'OK
OK kept 0
OK kept'
tap_is 'keep the counters' "$(sums 2222)" "$before"

# a session alone
"$tool" teardown >/dev/null
tap_is 'a session' "$("$tool" add "${a[@]}")" 'OK made'
tap_is 'has its port counted' "$("$tool" ports | cut -d ' ' -f 1 | tail -n 1)" 2222
tap_is 'but for the other family, where that is apart' "$("$tool" count_port 2222)" "OK $rest"
"$tool" remove "${a[@]}" >/dev/null
tap_is 'and it stays so without it' "$("$tool" ports | cut -d ' ' -f 1 | tail -n 1)" 2222

# somebody takes it away
if [ "$backend" = iptables ]; then
    iptables-legacy -t mangle -D PAM_TRAFFIC_OUT -p tcp --sport 2222 -g PAM_TRAFFIC_OUT_2222
    tap_is 'one way is put back' "$("$tool" count_port 2222)" 'OK kept 2'
    iptables-legacy -t mangle -F
    tap_is 'so is a family that was flushed' "$("$tool" count_port 2222)" 'OK made 3'
    iptables-legacy -t mangle -F
    iptables-legacy -t mangle -A PAM_TRAFFIC_IN_2222 -p udp
    tap_is 'a chain of its name that is somebody else'"'"'s is left alone' "$("$tool" count_port 2222)" 'OK made 2'
    iptables-legacy -t mangle -F PAM_TRAFFIC_IN_2222
else
    nft delete element inet pam_traffic ports_out '{ 2222 }'
    tap_is 'one way is put back' "$("$tool" count_port 2222)" 'OK kept 2'
    nft delete table inet pam_traffic
    tap_is 'so is all of it' "$("$tool" count_port 2222)" 'OK made 3'
    nft add element inet pam_traffic ports_in '{ 4444 }'
    tap_is 'an element of somebody else'"'"'s hand is one' "$("$tool" count_port 4444)" 'OK kept 2'
fi

tap_is 'teardown' "$("$tool" teardown)" OK
tap_is 'leaves nothing' "$(iptables-legacy-save | grep -c PAM; [ "$backend" = iptables ] || nft list ruleset)" 0
"$tool" teardown >/dev/null
tap_done
