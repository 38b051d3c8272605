#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What stands in the table after each operation of the backend "nftables", in the words of nft.
set -u
# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

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
tap_is 'without a table nothing is found' "$(nf read "${a[@]}")" NOT_FOUND
tap_is 'setup' "$(nf setup)" OK
tap_is 'setup makes the table' "$(ruleset)" 'table inet pam_traffic {
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
}'
base=$(ruleset)
handles=$(nft -a list ruleset)
tap_is 'a second setup' "$(nf setup)" OK
tap_is 'changes nothing' "$(nft -a list ruleset)" "$handles"
tap_is 'teardown' "$(nf teardown)" OK
tap_is 'leaves nothing' "$(ruleset)" ''
tap_is 'a second teardown finds nothing to do' "$(nf teardown)" OK

# add, without a setup before
tap_is 'add makes the table where it is missing' "$(nf add "${a[@]}")" 'OK made'
tap_is 'but once' "$(nf add "${b[@]}")" 'OK kept'
tap_is 'in, IPv4' "$(nft list set inet pam_traffic in4 | grep elements)" \
    "		elements = { $client4 . 50001 . $server4 . 2222 counter packets 0 bytes 0 }"
tap_is 'out, IPv4' "$(nft list set inet pam_traffic out4 | grep elements)" \
    "		elements = { $server4 . 2222 . $client4 . 50001 counter packets 0 bytes 0 }"
tap_is 'in, IPv6' "$(nft list set inet pam_traffic in6 | grep elements)" \
    "		elements = { $client6 . 50002 . $server6 . 2222 counter packets 0 bytes 0 }"
tap_is 'out, IPv6' "$(nft list set inet pam_traffic out6 | grep elements)" \
    "		elements = { $server6 . 2222 . $client6 . 50002 counter packets 0 bytes 0 }"

# counters: kept by everything but remove
sysctl -qw net.netfilter.nf_conntrack_acct=1
serve 2222
dial client "TCP:$server4:2222,bind=$client4:50001"
hang_up
dial client "TCP6:[$server6]:2222,bind=[$client6]:50002"
hang_up
before=$(nf read "${a[@]}")
tap_ok 'the elements count' counted "$before"
tap_is 'a second add' "$(nf add "${a[@]}")" 'OK kept'
tap_is 'and a second setup' "$(nf setup)" OK
tap_is 'and an add of another connection' "$(nf add "$server4" 2222 "$client4" 50003)" 'OK kept'
tap_is 'keep the counters' "$(nf read "${a[@]}")" "$before"
tap_is 'and make no second pair' "$(elements)" 6
tap_is 'new ones begin at 0' "$(nf read "$server4" 2222 "$client4" 50003)" 'OK 0 0 0 0'
tap_is 'ends that are exchanged are another connection' "$(nf read "$client4" 50001 "$server4" 2222)" NOT_FOUND
tap_is 'remove hands out the last counters' "$(nf remove "${a[@]}")" "$before"
tap_is 'a second remove finds nothing' "$(nf remove "${a[@]}")" NOT_FOUND
tap_is 'neither does read' "$(nf read "${a[@]}")" NOT_FOUND
tap_is 'the other connections are there' "$(elements)" 4
tap_is 'made again, it begins at 0' "$(nf add "${a[@]}"; nf read "${a[@]}")" 'OK kept
OK 0 0 0 0'

tap_is 'the local port of all of them is counted, once' "$(ports ports_in) $(ports ports_out)" '1 1'

# one of the two is missing
nft delete element inet pam_traffic out4 "{ $server4 . 2222 . $client4 . 50003 }"
tap_is 'half a pair cannot be read' "$(nf read "$server4" 2222 "$client4" 50003)" NOT_FOUND
tap_is 'but removed' "$(nf remove "$server4" 2222 "$client4" 50003)" 'OK 0 0 0 0'
nf add "$server4" 2222 "$client4" 50003 >/dev/null
nft delete element inet pam_traffic in4 "{ $client4 . 50003 . $server4 . 2222 }"
tap_is 'neither can the other half' "$(nf read "$server4" 2222 "$client4" 50003)" NOT_FOUND
tap_is 'but removed' "$(nf remove "$server4" 2222 "$client4" 50003)" 'OK 0 0 0 0'

# what nft has shown, it makes again, and we take it for ours
nft add element inet pam_traffic in4 "{ $client4 . 50009 . $server4 . 2222 counter packets 3 bytes 333 }"
nft add element inet pam_traffic out4 "{ $server4 . 2222 . $client4 . 50009 counter packets 4 bytes 444 }"
tap_is 'elements that nft made are found' "$(nf read "$server4" 2222 "$client4" 50009)" 'OK 333 3 444 4'
nft list ruleset >/run/saved
nft flush ruleset
nft -f /run/saved
tap_is 'a table that was saved and restored is ours' "$(nf add "${a[@]}")" 'OK kept'
tap_is 'with its counters' "$(nf read "$server4" 2222 "$client4" 50009)" 'OK 333 3 444 4'
tap_is 'teardown takes it away, with its elements' "$(nf teardown; ruleset)" OK

# any part of the base may be missing
while read -r loss; do
    nf setup >/dev/null
    eval "$loss"
    tap_is "add after $loss says that it made" "$(nf add "${a[@]}")" 'OK made'
    tap_is "and the element is there after $loss" "$(nf remove "${a[@]}")" 'OK 0 0 0 0'
    tap_is "and what was missing after $loss is back" "$(ruleset)" "$base"
    eval "$loss"
    tap_is "by setup, too, after $loss" "$(nf setup; ruleset)" "OK
$base"
    eval "$loss"
    tap_is "teardown after $loss leaves nothing" "$(nf teardown; ruleset)" OK
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
    tap_is "add after $loss says that it made" "$(nf add "${a[@]}")" 'OK made'
    nf remove "${a[@]}" >/dev/null
    tap_is "and what was missing after $loss is back" "$(sorted)" "$sorted_base"
    eval "$loss"
    tap_is "teardown after $loss leaves nothing" "$(nf teardown; ruleset)" OK
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
tap_is 'a set of another kind is not touched' "$(nf add "${a[@]}")" EEXIST
nft 'flush ruleset; table inet pam_traffic { set in4 { type ipv4_addr . inet_service . ipv4_addr . inet_service; }; }'
tap_is 'nor one that does not count, as older kernels make them' "$(nf setup)" UNAVAILABLE
nft 'flush ruleset; table inet pam_traffic { chain input { type filter hook input priority 0; }; }'
tap_is 'nor a chain at another place' "$(nf setup)" EEXIST
nft flush ruleset

# verdicts of others, and those that hide nothing
nft 'table inet other { chain c { type filter hook input priority mangle + 1; tcp dport 2222 accept; }; }'
nf add "${a[@]}" >/dev/null
nf add "$server4" 2222 "$client4" 50004 >/dev/null
dial client "TCP:$server4:2222,bind=$client4:50004"
hang_up
tap_ok "a counted packet goes on to other people's chains" counted "$(nf read "$server4" 2222 "$client4" 50004)"
nft flush ruleset

# iptables' keeper stands by
tap_ok 'legacy iptables keeps conntrack on' test "$(iptables-legacy-save -t security | grep -c KEEP)" -eq 2
nf teardown >/dev/null
tap_ok 'until teardown' test "$(iptables-legacy-save | grep -c PAM)" -eq 0

# nobody may, or nobody can
tap_is 'without the capability it is not available' \
    "$(setpriv --bounding-set -net_admin --inh-caps -net_admin "$tool" -b nftables setup)" \
    UNAVAILABLE

tap_done
