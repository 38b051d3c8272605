#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What stands in the tables after each operation, in the words of iptables-save.
set -u
# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

a=("$server4" 2222 "$client4" 50001)
b=("$server6" 2222 "$client6" 50002)

# makes the empty tables, which no one can unmake
iptables-legacy -t mangle -L >/dev/null
ip6tables-legacy -t mangle -L >/dev/null
bare() { # without the counters of the policies: the host sends packets of its own
    saved -t mangle | sed 's/\[.*//'
}
empty=$(bare)

rules() { # FAMILY
    "$1-legacy-save" -t mangle | grep -e '^-A' -e '^:PAM'
}

base=':PAM_TRAFFIC_IN - [0:0]
:PAM_TRAFFIC_OUT - [0:0]
-A INPUT -j PAM_TRAFFIC_IN
-A OUTPUT -j PAM_TRAFFIC_OUT
-A PAM_TRAFFIC_IN -p tcp -m conntrack --ctstate NEW'

# the base, with the chains of a local port; it stays when the last session of the port has ended
with_port() { # [RULE-OF-THE-WAY-IN RULE-OF-THE-WAY-OUT]
    cat <<RULES
:PAM_TRAFFIC_IN - [0:0]
:PAM_TRAFFIC_IN_2222 - [0:0]
:PAM_TRAFFIC_OUT - [0:0]
:PAM_TRAFFIC_OUT_2222 - [0:0]
-A INPUT -j PAM_TRAFFIC_IN
-A OUTPUT -j PAM_TRAFFIC_OUT
-A PAM_TRAFFIC_IN -p tcp -m conntrack --ctstate NEW
-A PAM_TRAFFIC_IN -p tcp -m tcp --dport 2222 -g PAM_TRAFFIC_IN_2222
${1:+-A PAM_TRAFFIC_IN_2222 $1
}-A PAM_TRAFFIC_OUT -p tcp -m tcp --sport 2222 -g PAM_TRAFFIC_OUT_2222${2:+
-A PAM_TRAFFIC_OUT_2222 $2}
RULES
}

# setup and teardown
tap_is 'setup' "$("$tool" setup)" OK
tap_is 'setup makes the base chains for IPv4' "$(rules iptables)" "$base"
tap_is 'setup makes the base chains for IPv6' "$(rules ip6tables)" "$base"
"$tool" setup >/dev/null
tap_is 'a second setup changes nothing' "$(rules iptables)" "$base"
tap_is 'teardown' "$("$tool" teardown)" OK
tap_is 'teardown leaves nothing' "$(bare)" "$empty"
tap_is 'a second teardown finds nothing to do' "$("$tool" teardown)" OK

# add, without a setup before
tap_is 'add makes the base chains where they are missing' "$("$tool" add "${a[@]}")" 'OK made'
tap_is 'the two rules for IPv4' "$(rules iptables)" "$(with_port \
    "-s $client4/32 -d $server4/32 -p tcp -m tcp --sport 50001 --dport 2222" \
    "-s $server4/32 -d $client4/32 -p tcp -m tcp --sport 2222 --dport 50001")"
tap_is 'and nothing for IPv6' "$(rules ip6tables)" ''
tap_is 'add for IPv6' "$("$tool" add "${b[@]}")" 'OK made'
tap_is 'the two rules for IPv6' "$(rules ip6tables)" "$(with_port \
    "-s $client6/128 -d $server6/128 -p tcp -m tcp --sport 50002 --dport 2222" \
    "-s $server6/128 -d $client6/128 -p tcp -m tcp --sport 2222 --dport 50002")"
tap_ok 'iptables finds the rule as one of its own make' \
    iptables-legacy -t mangle -C PAM_TRAFFIC_IN_2222 -s "$client4" -d "$server4" -p tcp --sport 50001 --dport 2222

# counters: kept by everything but remove
serve 2222
dial client "TCP:$server4:2222,bind=$client4:50001"
hang_up
before=$("$tool" read "${a[@]}")
tap_ok 'the rules count' counted "$before"
tap_is 'a second add' "$("$tool" add "${a[@]}")" 'OK kept'
tap_is 'and a second setup' "$("$tool" setup)" OK
tap_is 'and an add of another connection' "$("$tool" add "$server4" 2222 "$client4" 50003)" 'OK kept'
tap_is 'keep the counters' "$("$tool" read "${a[@]}")" "$before"
tap_is 'and make no second pair of rules' "$(rules iptables | grep -c 50001)" 2
tap_is 'new rules begin at 0' "$("$tool" read "$server4" 2222 "$client4" 50003)" 'OK 0 0 0 0'
tap_is 'remove hands out the last counters' "$("$tool" remove "${a[@]}")" "$before"
tap_is 'a second remove finds nothing' "$("$tool" remove "${a[@]}")" 'NOT_FOUND'
tap_is 'neither does read' "$("$tool" read "${a[@]}")" 'NOT_FOUND'
tap_is 'the other connection'"'"'s rules are there' "$(rules iptables | grep -c 50003)" 2

# one of the two is missing
iptables-legacy -t mangle -D PAM_TRAFFIC_OUT_2222 1
tap_is 'half a pair cannot be read' "$("$tool" read "$server4" 2222 "$client4" 50003)" 'NOT_FOUND'
tap_is 'but removed' "$("$tool" remove "$server4" 2222 "$client4" 50003)" 'OK 0 0 0 0'
"$tool" teardown >/dev/null

# a rule that iptables made is found, with its counters
"$tool" setup >/dev/null
iptables-legacy -t mangle -A PAM_TRAFFIC_IN -s "$client4" -d "$server4" -p tcp \
    --sport 50001 --dport 2222 -c 3 333
iptables-legacy -t mangle -A PAM_TRAFFIC_OUT -d "$client4" -s "$server4" -p tcp \
    --dport 50001 --sport 2222 -c 4 444
tap_is 'rules that iptables made are found' "$("$tool" read "${a[@]}")" 'OK 333 3 444 4'

# a rule that differs in one thing only is another rule
"$tool" remove "${a[@]}" >/dev/null
for other in "-s $client4 -d $server4 -p tcp --sport 50001 --dport 2222 --syn" \
    "-s $client4 -d $server4 -p tcp --sport 50001 --dport 2222 -i $WORLD_LINK" \
    "-s $client4 -d $server4 -p tcp --sport 50001 --dport 2222 -j ACCEPT" \
    "-s $client4 -d $server4 -p tcp --sport 50001 --dport 2222 -m comment --comment x" \
    "-s $client4/31 -d $server4 -p tcp --sport 50001 --dport 2222" \
    "-s $client4 -d $server4 -p tcp --sport 50001:50002 --dport 2222" \
    "-s $client4 -d $server4 -p udp --sport 50001 --dport 2222" \
    "! -s $client4 -d $server4 -p tcp --sport 50001 --dport 2222"; do
    # shellcheck disable=SC2086
    iptables-legacy -t mangle -A PAM_TRAFFIC_IN $other
done
tap_is 'rules that differ in one thing are not taken for ours' "$("$tool" remove "${a[@]}")" 'NOT_FOUND'

# somebody else's rules inside our chain, and jumps to it
kept=$(rules iptables | grep -v -e conntrack -e OUT)
tap_is 'teardown with rules of somebody else in our chain' "$("$tool" teardown)" OK
tap_is 'leaves them, their chain and its jump' "$(rules iptables)" "$kept"
iptables-legacy -t mangle -F PAM_TRAFFIC_IN
"$tool" setup >/dev/null
iptables-legacy -t mangle -A FORWARD -p udp -j PAM_TRAFFIC_IN
iptables-legacy -t mangle -A INPUT -m mark --mark 7 -j PAM_TRAFFIC_IN
"$tool" teardown >/dev/null
tap_is 'jumps of somebody else'"'"'s keep the chain' "$(rules iptables)" ':PAM_TRAFFIC_IN - [0:0]
-A INPUT -m mark --mark 0x7 -j PAM_TRAFFIC_IN
-A FORWARD -p udp -j PAM_TRAFFIC_IN'
iptables-legacy -t mangle -F
"$tool" teardown >/dev/null
tap_is 'without it all is gone' "$(bare)" "$empty"

# any part of the base may be missing
for loss in '-D INPUT -j PAM_TRAFFIC_IN' '-D OUTPUT -j PAM_TRAFFIC_OUT' '-F PAM_TRAFFIC_IN' '-F'; do
    "$tool" setup >/dev/null
    # shellcheck disable=SC2086
    iptables-legacy -t mangle $loss
    tap_is "add after iptables $loss says that it made" "$("$tool" add "${a[@]}")" 'OK made'
    "$tool" remove "${a[@]}" >/dev/null
    tap_is "and what was missing after iptables $loss is back" "$(rules iptables)" "$(with_port)"
    # shellcheck disable=SC2086
    iptables-legacy -t mangle $loss
    "$tool" teardown >/dev/null
    tap_is "teardown after iptables $loss leaves nothing" "$(rules iptables)" ''
done

# verdicts and copies
iptables-legacy -t mangle -A INPUT -p tcp -j ACCEPT
iptables-legacy -t mangle -A OUTPUT -p tcp -j ACCEPT
c=("$server4" 2222 "$client4" 50004)
"$tool" add "${c[@]}" >/dev/null
dial client "TCP:$server4:2222,bind=$client4:50004"
hang_up
before=$("$tool" read "${c[@]}")
tap_ok 'a verdict in INPUT and OUTPUT hides nothing' counted "$before"
iptables-legacy -t mangle -A INPUT -j PAM_TRAFFIC_IN
"$tool" setup >/dev/null
tap_is 'setup takes a second jump away, which would count twice' "$(rules iptables | grep INPUT)" \
    '-A INPUT -j PAM_TRAFFIC_IN
-A INPUT -p tcp -j ACCEPT'

tap_is '"auto" is this backend' "$("$tool" -b auto read "${c[@]}")" "$before"
tap_is 'a backend that is not known' "$("$tool" -b nothing read "${a[@]}")" UNKNOWN

tap_done
