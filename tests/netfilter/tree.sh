#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tree of chains: its shape, in the words of iptables-save, how it grows and shrinks, that no
# counter suffers from it, and flat rules from before an upgrade.

# shellcheck source=tests/netfilter/trees.sh
. "$(dirname "$0")/trees.sh"

# growth: 8 to a chain, then 16, 16 and 4 branches
for port in 49984 49985 49986 49987 49988 49989 49990 49991; do
        add "$port" >/dev/null
done
is "$(mangle -S | grep -c '^-N PAM_TRAFFIC')" 4 'eight sessions need no chain but the port'"'"'s'
is "$(places 49991)" 'PAM_TRAFFIC_IN_22
PAM_TRAFFIC_OUT_22' 'and are counted in it'
add 60000 >/dev/null
is "$(mangle -S | grep -e '^-N.*22_' -e '-g.*22_')" '-N PAM_TRAFFIC_IN_22_e
-N PAM_TRAFFIC_OUT_22_e
-A PAM_TRAFFIC_IN_22 -p tcp -m tcp --sport 57344:61439 -g PAM_TRAFFIC_IN_22_e
-A PAM_TRAFFIC_OUT_22 -p tcp -m tcp --dport 57344:61439 -g PAM_TRAFFIC_OUT_22_e' 'the ninth makes a branch'
is "$(places 60000)" 'PAM_TRAFFIC_IN_22_e
PAM_TRAFFIC_OUT_22_e' 'and is counted there'
remove 49990 >/dev/null
add 49992 >/dev/null
is "$(place IN 49992)" PAM_TRAFFIC_IN_22_c 'as long as there is a branch, the next goes into one'
add 49990 >/dev/null
"$tool" churn "$server4" 22 "$client4" 49984 80 keep >/dev/null
is "$(mangle -S | grep 'IN_22.*-g' | LC_ALL=C sort)" \
        '-A PAM_TRAFFIC_IN_22 -p tcp -m tcp --sport 49152:53247 -g PAM_TRAFFIC_IN_22_c
-A PAM_TRAFFIC_IN_22 -p tcp -m tcp --sport 57344:61439 -g PAM_TRAFFIC_IN_22_e
-A PAM_TRAFFIC_IN_22_c -p tcp -m tcp --sport 49920:50175 -g PAM_TRAFFIC_IN_22_c3
-A PAM_TRAFFIC_IN_22_c3 -p tcp -m tcp --sport 49984:50047 -g PAM_TRAFFIC_IN_22_c34
-A PAM_TRAFFIC_IN_22_c3 -p tcp -m tcp --sport 50048:50111 -g PAM_TRAFFIC_IN_22_c38' 'each level looks at fewer ports'
is "$(sound)" '81 81' 'all sessions stand where they belong'
is "$(place IN 50047) $(place IN 50048)" 'PAM_TRAFFIC_IN_22_c34 PAM_TRAFFIC_IN_22_c38' 'on both sides of a border'
for port in 49984 50030 50062 60000; do
        counts_exactly "$port"
        ok "traffic of $port, in $(place IN "$port"), is counted once"
done
before=$(count 50030)

# shrinking: from below, and each branch by itself
for ((port = 49984; port < 50064; port++)); do
        [ "$port" = 50030 ] || remove "$port" >/dev/null
done
is "$(mangle -S | grep -c '^-N PAM_TRAFFIC_IN_22_')" 4 'a chain with a rule keeps those above it'
is "$(sound)" '2 2' 'what is left stands where it belongs'
is "$(count 50030)" "$before" 'with its counters'
is "$(remove 50030)" "$before" 'which remove hands out'
is "$(mangle -S | grep -c '^-N PAM_TRAFFIC_IN_22_')" 1 'the empty chains go'
remove 60000 >/dev/null
add 49984 >/dev/null
is "$(place IN 49984)" PAM_TRAFFIC_IN_22 'without branches the upper chain is used again'
remove 49984 >/dev/null
is "$(mangle -S | grep PAM)" '-N PAM_TRAFFIC_IN
-N PAM_TRAFFIC_IN_22
-N PAM_TRAFFIC_OUT
-N PAM_TRAFFIC_OUT_22
-A INPUT -j PAM_TRAFFIC_IN
-A OUTPUT -j PAM_TRAFFIC_OUT
-A PAM_TRAFFIC_IN -p tcp -m conntrack --ctstate NEW
-A PAM_TRAFFIC_IN -p tcp -m tcp --dport 22 -g PAM_TRAFFIC_IN_22
-A PAM_TRAFFIC_OUT -p tcp -m tcp --sport 22 -g PAM_TRAFFIC_OUT_22' 'of an unused port, the chain and its counter stay'
mangle -vnxL PAM_TRAFFIC_IN | grep 'dpt:22' | grep -q '^ *[1-9]'
ok 'which has counted'

# two addresses with the same port, several local ports
add 50000 >/dev/null
add 50000 2222 >/dev/null
add 50000 22 10.9.0.3 >/dev/null
is "$(sound)" '3 3' 'sessions that differ in one thing are three'
remove 50000 22 10.9.0.3 >/dev/null
is "$(count 50000 22 10.9.0.3) $(count 50000) $(count 50000 2222)" 'NOT_FOUND OK 0 0 0 0 OK 0 0 0 0' 'and go one by one'
"$tool" teardown >/dev/null
is "$(bare)" "$empty" 'teardown leaves nothing'

# a stream that flows while others come and go, in the port's chain and in the last
stream() { # WHAT SOCAT-ADDRESS SESSIONS CONNECTION...
        local what=$1 writer

        dial client "$2"
        yes >&"$dial_write" &
        writer=$!
        is "$("$tool" shuffle "${4}" 22 "${6%[0-9]}7" 32768 "$3")" OK "$what: $3 sessions come and go while data flows"
        kill "$writer"
        wait "$writer" 2>/dev/null
        hang_up
        until_true agree "$tool read ${*:4}" "$tool conntrack ${*:4}"
        ok "$what: the rules have what conntrack has"
        read -r _ in _ <<<"$("$tool" read "${@:4}")"
        [ "$in" -gt 1000000 ]
        ok "$what: and it is much ($in bytes)"
}

setup
add 50050 >/dev/null
stream 'in the upper chain' "TCP:$server4:22,bind=$client4:50050" 500 "$server4" 22 "$client4" 50050
"$tool" churn "$server4" 22 "$client4" 49984 64 keep >/dev/null
is "$(place IN 50047)" PAM_TRAFFIC_IN_22_c34 'a session in the last chain'
stream 'in the last chain' "TCP:$server4:22,bind=$client4:50047" 200 "$server4" 22 "$client4" 50047
"$tool" churn "$server6" 22 "$client6" 49984 64 keep >/dev/null
stream 'IPv6' "TCP6:[$server6]:22,bind=[$client6]:50047" 200 "$server6" 22 "$client6" 50047
is "$(sound) $(sound6)" '65 65 64 64' 'nothing of the others is left'
"$tool" teardown >/dev/null
is "$(bare)" "$empty" 'teardown takes the trees of both families away'

# flat rules, from before an upgrade
setup
for port in 50040 50041 50042; do
        mangle -A PAM_TRAFFIC_IN -s "$client4" -d "$server4" -p tcp --sport $port --dport 22 -c 3 333
        mangle -A PAM_TRAFFIC_OUT -s "$server4" -d "$client4" -p tcp --sport 22 --dport $port -c 4 444
done
is "$(count 50040)" 'OK 333 3 444 4' 'a flat rule is read'
is "$("$tool" churn "$server4" 22 "$client4" 49984 64 keep)" OK 'new sessions'
is "$(sound)" '64 64' 'with new sessions there is no second rule'
is "$(place IN 50040)" PAM_TRAFFIC_IN 'it stays where it is'
is "$(count 50040)" 'OK 333 3 444 4' 'with its counter'
remove 50041 >/dev/null
dial client "TCP:$server4:22,bind=$client4:50040"
hang_up
flat() {
        read -r _ in _ out _ <<<"$(count 50040)"
        [ "$("$tool" conntrack "$server4" 22 "$client4" 50040 | cut -d ' ' -f 2,4)" = "$((in - 333)) $((out - 444))" ]
}
until_true flat
ok 'and counts on'
is "$("$tool" snapshot "$server4" 22 "$client4" 50040 3 2>/dev/null | tail -1)" '50042 333 3 444 4' 'it is in a snapshot'
is "$(remove 50042)" 'OK 333 3 444 4' 'and is removed'
is "$("$tool" setup)" OK 'setup'
is "$(sound)" '62 62' 'leaves flat rules alone'
mangle -A PAM_TRAFFIC_IN -s "$client4" -d "$server4" -p tcp --sport 50030 --dport 22 -c 5 555
is "$(place IN 50030)" 'PAM_TRAFFIC_IN PAM_TRAFFIC_IN_22_c34' 'a copy on another level'
is "$("$tool" snapshot "$server4" 22 "$client4" 50030 1 2>/dev/null | tail -1)" '50030 555 5 0 0' 'the upper one is in a snapshot'
is "$(count 50030)" 'OK 555 5 0 0' 'and is read'
remove 50030 >/dev/null
is "$(place IN 50030)" '' 'goes with the rule'
"$tool" teardown >/dev/null
is "$(bare)" "$empty" 'teardown takes flat rules away'

# many, in an order that is none
setup
is "$("$tool" shuffle "$server4" 22 "$client4" 32768 2000)" OK '2000 sessions come and go'
is "$(sound) $(mangle -S | grep -c '^-N PAM')" '0 0 4' 'and nothing of them is left'

finish
