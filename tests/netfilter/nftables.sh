#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What stands in the table after each operation of the backend "nftables", in the words of nft.

# shellcheck source=tests/netfilter/world.sh
. "$(dirname "$0")/world.sh"
need nft

world_new
a=("$server4" 2222 "$client4" 50001)
b=("$server6" 2222 "$client6" 50002)

nf() {
        "$tool" -b nftables "$@"
}

ruleset() { # without what counts local ports, which stays when the sessions are over
        nft -s list ruleset | grep -v -x '[[:space:]]*elements = { [0-9]* counter }'
}

elements() { # how many there are of sessions
        nft list ruleset | grep -o '[.] [0-9]* counter packets' | wc -l
}

ports() { # how many local ports are counted in a set
        nft -s list set inet pam_traffic "$1" | grep -o '[0-9]* counter ' | wc -l
}

# setup and teardown
is "$(nf read "${a[@]}")" NOT_FOUND 'without a table nothing is found'
is "$(nf setup)" OK 'setup'
is "$(ruleset)" 'table inet pam_traffic {
	set in4 {
		type ipv4_addr . inet_service . ipv4_addr . inet_service
		counter
	}

	set in6 {
		type ipv6_addr . inet_service . ipv6_addr . inet_service
		counter
	}

	set out4 {
		type ipv4_addr . inet_service . ipv4_addr . inet_service
		counter
	}

	set out6 {
		type ipv6_addr . inet_service . ipv6_addr . inet_service
		counter
	}

	set ports_in {
		type inet_service
		counter
	}

	set ports_out {
		type inet_service
		counter
	}

	chain input {
		type filter hook input priority mangle; policy accept;
		ip saddr . tcp sport . ip daddr . tcp dport @in4
		ip6 saddr . tcp sport . ip6 daddr . tcp dport @in6
		tcp dport @ports_in
	}

	chain output {
		type filter hook output priority mangle; policy accept;
		ip saddr . tcp sport . ip daddr . tcp dport @out4
		ip6 saddr . tcp sport . ip6 daddr . tcp dport @out6
		tcp sport @ports_out
	}

	chain keep {
		ct state new
	}
}' 'setup makes the table'
base=$(ruleset)
handles=$(nft -a list ruleset)
is "$(nf setup)" OK 'a second setup'
is "$(nft -a list ruleset)" "$handles" 'changes nothing'
is "$(nf teardown)" OK 'teardown'
is "$(ruleset)" '' 'leaves nothing'
is "$(nf teardown)" OK 'a second teardown finds nothing to do'

# add, without a setup before
is "$(nf add "${a[@]}")" 'OK made' 'add makes the table where it is missing'
is "$(nf add "${b[@]}")" 'OK kept' 'but once'
is "$(nft list set inet pam_traffic in4 | grep elements)" \
        "		elements = { $client4 . 50001 . $server4 . 2222 counter packets 0 bytes 0 }" 'in, IPv4'
is "$(nft list set inet pam_traffic out4 | grep elements)" \
        "		elements = { $server4 . 2222 . $client4 . 50001 counter packets 0 bytes 0 }" 'out, IPv4'
is "$(nft list set inet pam_traffic in6 | grep elements)" \
        "		elements = { $client6 . 50002 . $server6 . 2222 counter packets 0 bytes 0 }" 'in, IPv6'
is "$(nft list set inet pam_traffic out6 | grep elements)" \
        "		elements = { $server6 . 2222 . $client6 . 50002 counter packets 0 bytes 0 }" 'out, IPv6'

# counters: kept by everything but remove
sysctl -qw net.netfilter.nf_conntrack_acct=1
serve 2222
dial client "TCP:$server4:2222,bind=$client4:50001"
hang_up
dial client "TCP6:[$server6]:2222,bind=[$client6]:50002"
hang_up
before=$(nf read "${a[@]}")
[[ $before == OK\ [1-9]*\ [1-9]*\ [1-9]*\ [1-9]* ]]
ok 'the elements count'
is "$(nf add "${a[@]}")" 'OK kept' 'a second add'
is "$(nf setup)" OK 'and a second setup'
is "$(nf add "$server4" 2222 "$client4" 50003)" 'OK kept' 'and an add of another connection'
is "$(nf read "${a[@]}")" "$before" 'keep the counters'
is "$(elements)" 6 'and make no second pair'
is "$(nf read "$server4" 2222 "$client4" 50003)" 'OK 0 0 0 0' 'new ones begin at 0'
is "$(nf read "$client4" 50001 "$server4" 2222)" NOT_FOUND 'ends that are exchanged are another connection'
is "$(nf remove "${a[@]}")" "$before" 'remove hands out the last counters'
is "$(nf remove "${a[@]}")" NOT_FOUND 'a second remove finds nothing'
is "$(nf read "${a[@]}")" NOT_FOUND 'neither does read'
is "$(elements)" 4 'the other connections are there'
is "$(nf add "${a[@]}"; nf read "${a[@]}")" 'OK kept
OK 0 0 0 0' 'made again, it begins at 0'

is "$(ports ports_in) $(ports ports_out)" '1 1' 'the local port of all of them is counted, once'

# one of the two is missing
nft delete element inet pam_traffic out4 "{ $server4 . 2222 . $client4 . 50003 }"
is "$(nf read "$server4" 2222 "$client4" 50003)" NOT_FOUND 'half a pair cannot be read'
is "$(nf remove "$server4" 2222 "$client4" 50003)" 'OK 0 0 0 0' 'but removed'
nf add "$server4" 2222 "$client4" 50003 >/dev/null
nft delete element inet pam_traffic in4 "{ $client4 . 50003 . $server4 . 2222 }"
is "$(nf read "$server4" 2222 "$client4" 50003)" NOT_FOUND 'neither can the other half'
is "$(nf remove "$server4" 2222 "$client4" 50003)" 'OK 0 0 0 0' 'but removed'

# what nft has shown, it makes again, and we take it for ours
nft add element inet pam_traffic in4 "{ $client4 . 50009 . $server4 . 2222 counter packets 3 bytes 333 }"
nft add element inet pam_traffic out4 "{ $server4 . 2222 . $client4 . 50009 counter packets 4 bytes 444 }"
is "$(nf read "$server4" 2222 "$client4" 50009)" 'OK 333 3 444 4' 'elements that nft made are found'
nft list ruleset >/run/saved
nft flush ruleset
nft -f /run/saved
is "$(nf add "${a[@]}")" 'OK kept' 'a table that was saved and restored is ours'
is "$(nf read "$server4" 2222 "$client4" 50009)" 'OK 333 3 444 4' 'with its counters'
is "$(nf teardown; ruleset)" OK 'teardown takes it away, with its elements'

# any part of the base may be missing
while read -r loss; do
        nf setup >/dev/null
        eval "$loss"
        is "$(nf add "${a[@]}")" 'OK made' "add after $loss says that it made"
        is "$(nf remove "${a[@]}")" 'OK 0 0 0 0' "and the element is there after $loss"
        is "$(ruleset)" "$base" "and what was missing after $loss is back"
        eval "$loss"
        is "$(nf setup; ruleset)" "OK
$base" "by setup, too, after $loss"
        eval "$loss"
        is "$(nf teardown; ruleset)" OK "teardown after $loss leaves nothing"
done <<'END'
nft flush ruleset
nft delete table inet pam_traffic
nft flush table inet pam_traffic
nft flush chain inet pam_traffic input
nft flush chain inet pam_traffic output
nft flush chain inet pam_traffic keep
nft 'chain inet pam_traffic input { policy drop; }'
nft 'chain inet pam_traffic output { policy drop; }'
nft 'table inet pam_traffic { flags dormant; }'
nft insert rule inet pam_traffic input ip saddr . tcp sport . ip daddr . tcp dport @in4
END

# of a chain or a set that is gone only the order differs
sorted() {
        ruleset | sort
}
sorted_base=$(sort <<<"$base")
while read -r loss; do
        nf setup >/dev/null
        eval "$loss"
        is "$(nf add "${a[@]}")" 'OK made' "add after $loss says that it made"
        nf remove "${a[@]}" >/dev/null
        is "$(sorted)" "$sorted_base" "and what was missing after $loss is back"
        eval "$loss"
        is "$(nf teardown; ruleset)" OK "teardown after $loss leaves nothing"
done <<'END'
nft 'flush chain inet pam_traffic input; delete chain inet pam_traffic input'
nft 'flush chain inet pam_traffic input; delete set inet pam_traffic ports_in'
nft 'flush chain inet pam_traffic output; delete set inet pam_traffic ports_out'
nft 'flush chain inet pam_traffic output; delete chain inet pam_traffic output'
nft 'flush chain inet pam_traffic keep; delete chain inet pam_traffic keep'
nft 'flush chain inet pam_traffic input; delete set inet pam_traffic in4'
nft 'flush chain inet pam_traffic output; delete set inet pam_traffic out6'
END

# something of our name that is not what we make
nf teardown >/dev/null
nft 'table inet pam_traffic { set in4 { type ipv4_addr; counter; }; }'
is "$(nf add "${a[@]}")" EEXIST 'a set of another kind is not touched'
nft 'flush ruleset; table inet pam_traffic { set in4 { type ipv4_addr . inet_service . ipv4_addr . inet_service; }; }'
is "$(nf setup)" UNAVAILABLE 'nor one that does not count, as older kernels make them'
nft 'flush ruleset; table inet pam_traffic { chain input { type filter hook input priority 0; }; }'
is "$(nf setup)" EEXIST 'nor a chain at another place'
nft flush ruleset

# verdicts of others, and those that hide nothing
nft 'table inet other { chain c { type filter hook input priority mangle + 1; tcp dport 2222 accept; }; }'
nf add "${a[@]}" >/dev/null
nf add "$server4" 2222 "$client4" 50004 >/dev/null
dial client "TCP:$server4:2222,bind=$client4:50004"
hang_up
[[ $(nf read "$server4" 2222 "$client4" 50004) == OK\ [1-9]*\ [1-9]*\ [1-9]*\ [1-9]* ]]
ok 'a counted packet goes on to other people'"'"'s chains'
nft flush ruleset

# iptables' keeper stands by
[ "$(iptables-legacy-save -t security | grep -c KEEP)" -eq 2 ]
ok 'legacy iptables keeps conntrack on'
nf teardown >/dev/null
[ "$(iptables-legacy-save | grep -c PAM)" -eq 0 ]
ok 'until teardown'

# nobody may, or nobody can
is "$(setpriv --bounding-set -net_admin --inh-caps -net_admin "$tool" -b nftables setup)" UNAVAILABLE \
        'without the capability it is not available'

finish
