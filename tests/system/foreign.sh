#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Other people's rules, in every table of both families: the same byte for byte after setup, sessions
# and teardown, at their places, and their counters go on counting.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

foreign_rules() {
    cat <<END
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:GATE - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A INPUT -p $1 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "a gate, \"quoted\"" -j GATE
-A GATE -s $2 -m limit --limit 100/sec -j ACCEPT
-A GATE -j RETURN
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 2022 -j REDIRECT --to-ports 22
-A POSTROUTING -s $2 -o elsewhere -j MASQUERADE
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:TRAFFIC_OF_OTHERS - [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j TRAFFIC_OF_OTHERS
-A OUTPUT -p tcp -m tcp --sport 22 -j MARK --set-xmark 0x2a/0xffffffff
-A OUTPUT -p tcp -m tcp --sport 22
-A TRAFFIC_OF_OTHERS -m mark --mark 0x7 -j RETURN
-A TRAFFIC_OF_OTHERS -p tcp
COMMIT
*security
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A OUTPUT -p tcp -m tcp --sport 22
COMMIT
END
}

# everything, without timestamps and counters
plain() {
    world_in server nft -s list ruleset
    world_in server iptables-legacy-save | sed -e '/^#/d' -e 's/ \[[0-9]*:[0-9]*\]$//'
    world_in server ip6tables-legacy-save | sed -e '/^#/d' -e 's/ \[[0-9]*:[0-9]*\]$//'
}

plain_without_ours() {
    plain | sed '/^table inet pam_traffic {/,/^}/d' | grep -v PAM_TRAFFIC
}

# a table of nft at the same place as ours, and one behind it
foreign_nft() {
    world_in server nft -f - <<'RULES'
table inet others {
    set seen { type ipv4_addr . inet_service; counter; elements = { 10.77.0.2 . 23 }; }
    chain input { type filter hook input priority mangle; policy accept; tcp dport 23 counter; }
    chain late { type filter hook input priority mangle + 10; policy accept; udp dport 9 counter drop; }
}
RULES
}

# what is not ours, with counters, when no TCP flows; IPv6 without those that neighbour discovery moves
others() {
    world_in server nft list table inet others
    world_in server iptables-legacy-save -c | grep -v -e '^#' -e PAM_TRAFFIC
    world_in server ip6tables-legacy-save -c | grep -v -e '^#' -e PAM_TRAFFIC -e ipv6-icmp | sed 's/^\(:.*\) .*/\1/'
}

# others_count TABLES: what foreign rules counted of a connection: in_bytes in_packets out_bytes out_packets
others_count() {
    world_in server "$1-save" -c -t mangle | perl -ne '
        @in = ($2, $1) if /^\[(\d+):(\d+)\] -A TRAFFIC_OF_OTHERS -p tcp$/;
        @out = ($2, $1) if /^\[(\d+):(\d+)\] -A OUTPUT -p tcp -m tcp --sport 22$/;
        END { print "@in @out\n" }'
}

world_enter "$@"
foreign_rules icmp 10.77.0.0/16 | world_in server iptables-legacy-restore
foreign_rules ipv6-icmp fd00:77::/64 | world_in server ip6tables-legacy-restore
foreign_nft
before=$(plain)
before_counted=$(others)
traffic_install
tap_is 'setup leaves the rules of others alone' "$(plain_without_ours)" "$before"
tap_is 'setup leaves their counters alone' "$(others)" "$before_counted"
sshd_start

case_begin 'a session between foreign rules'
tap_is "$CASE_NAME: the data came" "$(client_ssh "alice@$WORLD_SERVER4" 'head -c 3000000 /dev/zero' | wc -c)" 3000000
case_end user=alice
tap_is 'the counters of others are the client'"'"'s, too' "$(others_count iptables-legacy)" "$(yardstick_read "$CASE_ADDR")"

case_begin 'a session between foreign rules, IPv6' "$WORLD_CLIENT6"
tap_is "$CASE_NAME: the data came" "$(client_ssh "alice@$WORLD_SERVER6" 'head -c 3000000 /dev/zero' | wc -c)" 3000000
case_end user=alice
tap_is 'the counters of others are the client'"'"'s, too, IPv6' "$(others_count ip6tables-legacy)" "$(yardstick_read "$CASE_ADDR")"

counted=$(others)
tap_ok 'teardown' traffic_teardown
tap_is 'teardown leaves the tables as they were' "$(plain)" "$before"
tap_is 'teardown leaves the counters of others alone' "$(others)" "$counted"
tap_ok 'a second teardown' traffic_teardown
tap_ok 'a second setup' traffic_setup
tap_ok 'a third, upon the second' traffic_setup
tap_ok 'setup can be repeated' rules_same
tap_done
