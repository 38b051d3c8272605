#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What stands in the tables after each operation, in the words of iptables-save.

# shellcheck source=tests/netfilter/world.sh
. "$(dirname "$0")/world.sh"

world_new
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
is "$("$tool" setup)" OK 'setup'
is "$(rules iptables)" "$base" 'setup makes the base chains for IPv4'
is "$(rules ip6tables)" "$base" 'setup makes the base chains for IPv6'
"$tool" setup >/dev/null
is "$(rules iptables)" "$base" 'a second setup changes nothing'
is "$("$tool" teardown)" OK 'teardown'
is "$(bare)" "$empty" 'teardown leaves nothing'
is "$("$tool" teardown)" OK 'a second teardown finds nothing to do'

# add, without a setup before
is "$("$tool" add "${a[@]}")" 'OK made' 'add makes the base chains where they are missing'
is "$(rules iptables)" "$(with_port \
        "-s $client4/32 -d $server4/32 -p tcp -m tcp --sport 50001 --dport 2222" \
        "-s $server4/32 -d $client4/32 -p tcp -m tcp --sport 2222 --dport 50001")" \
        'the two rules for IPv4'
is "$(rules ip6tables)" '' 'and nothing for IPv6'
is "$("$tool" add "${b[@]}")" 'OK made' 'add for IPv6'
is "$(rules ip6tables)" "$(with_port \
        "-s $client6/128 -d $server6/128 -p tcp -m tcp --sport 50002 --dport 2222" \
        "-s $server6/128 -d $client6/128 -p tcp -m tcp --sport 2222 --dport 50002")" \
        'the two rules for IPv6'
iptables-legacy -t mangle -C PAM_TRAFFIC_IN_2222 -s "$client4" -d "$server4" -p tcp \
        --sport 50001 --dport 2222
ok 'iptables finds the rule as one of its own make'

# counters: kept by everything but remove
serve 2222
dial client "TCP:$server4:2222,bind=$client4:50001"
hang_up
before=$("$tool" read "${a[@]}")
[[ $before == OK\ [1-9]* ]]
ok 'the rules count'
is "$("$tool" add "${a[@]}")" 'OK kept' 'a second add'
is "$("$tool" setup)" OK 'and a second setup'
is "$("$tool" add "$server4" 2222 "$client4" 50003)" 'OK kept' 'and an add of another connection'
is "$("$tool" read "${a[@]}")" "$before" 'keep the counters'
is "$(rules iptables | grep -c 50001)" 2 'and make no second pair of rules'
is "$("$tool" read "$server4" 2222 "$client4" 50003)" 'OK 0 0 0 0' 'new rules begin at 0'
is "$("$tool" remove "${a[@]}")" "$before" 'remove hands out the last counters'
is "$("$tool" remove "${a[@]}")" 'NOT_FOUND' 'a second remove finds nothing'
is "$("$tool" read "${a[@]}")" 'NOT_FOUND' 'neither does read'
is "$(rules iptables | grep -c 50003)" 2 'the other connection'"'"'s rules are there'

# one of the two is missing
iptables-legacy -t mangle -D PAM_TRAFFIC_OUT_2222 1
is "$("$tool" read "$server4" 2222 "$client4" 50003)" 'NOT_FOUND' 'half a pair cannot be read'
is "$("$tool" remove "$server4" 2222 "$client4" 50003)" 'OK 0 0 0 0' 'but removed'
"$tool" teardown >/dev/null

# a rule that iptables made is found, with its counters
"$tool" setup >/dev/null
iptables-legacy -t mangle -A PAM_TRAFFIC_IN -s "$client4" -d "$server4" -p tcp \
        --sport 50001 --dport 2222 -c 3 333
iptables-legacy -t mangle -A PAM_TRAFFIC_OUT -d "$client4" -s "$server4" -p tcp \
        --dport 50001 --sport 2222 -c 4 444
is "$("$tool" read "${a[@]}")" 'OK 333 3 444 4' 'rules that iptables made are found'

# a rule that differs in one thing only is another rule
"$tool" remove "${a[@]}" >/dev/null
for other in "-s $client4 -d $server4 -p tcp --sport 50001 --dport 2222 --syn" \
        "-s $client4 -d $server4 -p tcp --sport 50001 --dport 2222 -i veth0" \
        "-s $client4 -d $server4 -p tcp --sport 50001 --dport 2222 -j ACCEPT" \
        "-s $client4 -d $server4 -p tcp --sport 50001 --dport 2222 -m comment --comment x" \
        "-s $client4/31 -d $server4 -p tcp --sport 50001 --dport 2222" \
        "-s $client4 -d $server4 -p tcp --sport 50001:50002 --dport 2222" \
        "-s $client4 -d $server4 -p udp --sport 50001 --dport 2222" \
        "! -s $client4 -d $server4 -p tcp --sport 50001 --dport 2222"; do
        # shellcheck disable=SC2086
        iptables-legacy -t mangle -A PAM_TRAFFIC_IN $other
done
is "$("$tool" remove "${a[@]}")" 'NOT_FOUND' 'rules that differ in one thing are not taken for ours'

# somebody else's rules inside our chain, and jumps to it
kept=$(rules iptables | grep -v -e conntrack -e OUT)
is "$("$tool" teardown)" OK 'teardown with rules of somebody else in our chain'
is "$(rules iptables)" "$kept" 'leaves them, their chain and its jump'
iptables-legacy -t mangle -F PAM_TRAFFIC_IN
"$tool" setup >/dev/null
iptables-legacy -t mangle -A FORWARD -p udp -j PAM_TRAFFIC_IN
iptables-legacy -t mangle -A INPUT -m mark --mark 7 -j PAM_TRAFFIC_IN
"$tool" teardown >/dev/null
is "$(rules iptables)" ':PAM_TRAFFIC_IN - [0:0]
-A INPUT -m mark --mark 0x7 -j PAM_TRAFFIC_IN
-A FORWARD -p udp -j PAM_TRAFFIC_IN' 'jumps of somebody else'"'"'s keep the chain'
iptables-legacy -t mangle -F
"$tool" teardown >/dev/null
is "$(bare)" "$empty" 'without it all is gone'

# any part of the base may be missing
for loss in '-D INPUT -j PAM_TRAFFIC_IN' '-D OUTPUT -j PAM_TRAFFIC_OUT' '-F PAM_TRAFFIC_IN' '-F'; do
        "$tool" setup >/dev/null
        # shellcheck disable=SC2086
        iptables-legacy -t mangle $loss
        is "$("$tool" add "${a[@]}")" 'OK made' "add after iptables $loss says that it made"
        "$tool" remove "${a[@]}" >/dev/null
        is "$(rules iptables)" "$(with_port)" "and what was missing after iptables $loss is back"
        # shellcheck disable=SC2086
        iptables-legacy -t mangle $loss
        "$tool" teardown >/dev/null
        is "$(rules iptables)" '' "teardown after iptables $loss leaves nothing"
done

# verdicts and copies
iptables-legacy -t mangle -A INPUT -p tcp -j ACCEPT
iptables-legacy -t mangle -A OUTPUT -p tcp -j ACCEPT
c=("$server4" 2222 "$client4" 50004)
"$tool" add "${c[@]}" >/dev/null
dial client "TCP:$server4:2222,bind=$client4:50004"
hang_up
before=$("$tool" read "${c[@]}")
[[ $before == OK\ [1-9]*\ [1-9]*\ [1-9]*\ [1-9]* ]]
ok 'a verdict in INPUT and OUTPUT hides nothing'
iptables-legacy -t mangle -A INPUT -j PAM_TRAFFIC_IN
"$tool" setup >/dev/null
is "$(rules iptables | grep INPUT)" '-A INPUT -j PAM_TRAFFIC_IN
-A INPUT -p tcp -j ACCEPT' 'setup takes a second jump away, which would count twice'

is "$("$tool" -b auto read "${c[@]}")" "$before" '"auto" is this backend'
is "$("$tool" -b nothing read "${a[@]}")" UNKNOWN 'a backend that is not known'

finish
