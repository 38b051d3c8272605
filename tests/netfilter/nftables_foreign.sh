#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Other people's tables are the same before and after, and what they have put into ours goes on
# working.
set -u
# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

a=(10.9.0.1 22 10.9.0.2 40000)

nf() {
    "$tool" -b nftables "$@"
}

# no interface is up: nothing counts in between
ip link set "$WORLD_LINK" down
ip link set lo down
nft -f - <<'RULES'
table ip filter {
	set hosts { type ipv4_addr . inet_service; flags interval; elements = { 192.0.2.0/24 . 22 }; }
	chain INPUT {
		type filter hook input priority 0; policy drop;
		counter packets 3 bytes 303 jump web
		ip saddr . tcp dport @hosts accept
	}
	chain web { tcp dport { 80, 443 } accept; }
}
table inet firewall {
	counter c { packets 4 bytes 404 }
	chain prerouting { type nat hook prerouting priority dstnat; tcp dport 22 redirect to :2222; }
	chain input { type filter hook input priority -150; counter name c; ct state new counter; }
}
table ip6 filter { chain INPUT { type filter hook input priority -150; policy accept; tcp dport 22 counter; }; }
RULES
before=$(nft list ruleset)
theirs() {
    for table in 'ip filter' 'inet firewall' 'ip6 filter'; do
        # shellcheck disable=SC2086
        nft list table $table
    done
}
tap_ok 'the firewalls are in place' test "$(grep -c 'packets 3 bytes 303' <<<"$before")" -eq 1
tap_is 'add' "$(nf add "${a[@]}")" 'OK made'
tap_is 'with our table in, theirs are unchanged' "$(theirs)" "$before"
tap_is 'teardown' "$(nf teardown)" OK
tap_is 'after teardown every byte is as it was' "$(nft list ruleset)" "$before"
nft flush ruleset

# theirs in our table: rules before, between and behind ours, a set, a chain with a jump to ours
put() {
    nf setup >/dev/null
    nft -f - <<'RULES'
table inet pam_traffic {
	set mine { type ipv4_addr; elements = { 192.0.2.1 }; }
	chain forward { type filter hook forward priority 0; jump keep; ip saddr @mine drop; }
	chain free { }
}
insert rule inet pam_traffic input udp dport 5 accept
add rule inet pam_traffic input ip saddr . tcp sport . ip daddr . tcp dport @in4 counter
add rule inet pam_traffic input ip6 saddr . tcp sport . ip6 daddr . tcp dport @out6
RULES
}
put
shown=$(nft -a list ruleset)
tap_is 'setup leaves what is not ours' "$(nf setup; nft -a list ruleset)" "OK
$shown"
tap_is 'add does, too' "$(nf add "${a[@]}")" 'OK kept'
tap_is 'teardown' "$(nf teardown)" OK
tap_is 'leaves the rules of others, and what they need' "$(nft list ruleset)" 'table inet pam_traffic {
	set in4 {
		type ipv4_addr . inet_service . ipv4_addr . inet_service
		counter
	}

	set out6 {
		type ipv6_addr . inet_service . ipv6_addr . inet_service
		counter
	}

	set mine {
		type ipv4_addr
		elements = { 192.0.2.1 }
	}

	chain input {
		type filter hook input priority mangle; policy accept;
		udp dport 5 accept
		ip saddr . tcp sport . ip daddr . tcp dport @in4 counter packets 0 bytes 0
		ip6 saddr . tcp sport . ip6 daddr . tcp dport @out6
	}

	chain keep {
	}

	chain forward {
		type filter hook forward priority filter; policy accept;
		jump keep
		ip saddr @mine drop
	}

	chain free {
	}
}'
tap_is 'and it can be set up again' "$(nf setup; nf add "${a[@]}")" 'OK
OK kept'
nft 'delete chain inet pam_traffic forward; delete chain inet pam_traffic free; delete set inet pam_traffic mine'
nft -a list chain inet pam_traffic input | sed -n 's/.*\(udp dport 5\|in4 counter\|@out6\).*# handle //p' |
    while read -r handle; do
        nft delete rule inet pam_traffic input handle "$handle"
    done
tap_is 'without them all is gone' "$(nf teardown; nft list ruleset)" OK

# an object or a flowtable of theirs is nothing of ours either
nf setup >/dev/null
nft add counter inet pam_traffic mine
tap_is 'a counter of theirs keeps the table' "$(nf teardown; nft list ruleset)" 'OK
table inet pam_traffic {
	counter mine {
		packets 0 bytes 0
	}
}'
nft flush ruleset

# many copies of our rule
nf setup >/dev/null
base=$(nft list ruleset)
for ((i = 0; i < 150; i++)); do
    echo 'insert rule inet pam_traffic output ip saddr . tcp sport . ip daddr . tcp dport @out4'
done | nft -f -
tap_is 'copies, which would count twice, go' "$(nf setup; nf setup; nf setup; nft list ruleset)" "OK
OK
OK
$base"
for ((i = 0; i < 150; i++)); do
    echo 'insert rule inet pam_traffic output ip saddr . tcp sport . ip daddr . tcp dport @out4'
done | nft -f -
tap_is 'with teardown as well' "$(nf teardown; nft list ruleset)" OK

tap_done
