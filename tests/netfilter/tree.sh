#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tree of chains: its shape, in the words of iptables-save, how it grows and shrinks, that no
# counter suffers from it, and flat rules from before an upgrade.
set -u
# shellcheck source=tests/netfilter/trees.sh
. "$(dirname "$0")/trees.sh"

# growth: 8 to a chain, then 16, 16 and 4 branches
for port in 49984 49985 49986 49987 49988 49989 49990 49991; do
    add "$port" >/dev/null
done
tap_is 'eight sessions need no chain but the port'"'"'s' "$(mangle -S | grep -c '^-N PAM_TRAFFIC')" 4
tap_is 'and are counted in it' "$(places 49991)" 'PAM_TRAFFIC_IN_22
PAM_TRAFFIC_OUT_22'
add 60000 >/dev/null
tap_is 'the ninth makes a branch' "$(mangle -S | grep -e '^-N.*22_' -e '-g.*22_')" '-N PAM_TRAFFIC_IN_22_e
-N PAM_TRAFFIC_OUT_22_e
-A PAM_TRAFFIC_IN_22 -p tcp -m tcp --sport 57344:61439 -g PAM_TRAFFIC_IN_22_e
-A PAM_TRAFFIC_OUT_22 -p tcp -m tcp --dport 57344:61439 -g PAM_TRAFFIC_OUT_22_e'
tap_is 'and is counted there' "$(places 60000)" 'PAM_TRAFFIC_IN_22_e
PAM_TRAFFIC_OUT_22_e'
remove 49990 >/dev/null
add 49992 >/dev/null
tap_is 'as long as there is a branch, the next goes into one' "$(place IN 49992)" PAM_TRAFFIC_IN_22_c
add 49990 >/dev/null
"$tool" churn "$server4" 22 "$client4" 49984 80 keep >/dev/null
tap_is 'each level looks at fewer ports' "$(mangle -S | grep 'IN_22.*-g' | LC_ALL=C sort)" \
    '-A PAM_TRAFFIC_IN_22 -p tcp -m tcp --sport 49152:53247 -g PAM_TRAFFIC_IN_22_c
-A PAM_TRAFFIC_IN_22 -p tcp -m tcp --sport 57344:61439 -g PAM_TRAFFIC_IN_22_e
-A PAM_TRAFFIC_IN_22_c -p tcp -m tcp --sport 49920:50175 -g PAM_TRAFFIC_IN_22_c3
-A PAM_TRAFFIC_IN_22_c3 -p tcp -m tcp --sport 49984:50047 -g PAM_TRAFFIC_IN_22_c34
-A PAM_TRAFFIC_IN_22_c3 -p tcp -m tcp --sport 50048:50111 -g PAM_TRAFFIC_IN_22_c38'
tap_is 'all sessions stand where they belong' "$(sound)" '81 81'
tap_is 'on both sides of a border' "$(place IN 50047) $(place IN 50048)" 'PAM_TRAFFIC_IN_22_c34 PAM_TRAFFIC_IN_22_c38'
for port in 49984 50030 50062 60000; do
    tap_ok "traffic of $port, in $(place IN "$port"), is counted once" counts_exactly "$port"
done
before=$(count 50030)

# shrinking: from below, and each branch by itself
for ((port = 49984; port < 50064; port++)); do
    [ "$port" = 50030 ] || remove "$port" >/dev/null
done
tap_is 'a chain with a rule keeps those above it' "$(mangle -S | grep -c '^-N PAM_TRAFFIC_IN_22_')" 4
tap_is 'what is left stands where it belongs' "$(sound)" '2 2'
tap_is 'with its counters' "$(count 50030)" "$before"
tap_is 'which remove hands out' "$(remove 50030)" "$before"
tap_is 'the empty chains go' "$(mangle -S | grep -c '^-N PAM_TRAFFIC_IN_22_')" 1
remove 60000 >/dev/null
add 49984 >/dev/null
tap_is 'without branches the upper chain is used again' "$(place IN 49984)" PAM_TRAFFIC_IN_22
remove 49984 >/dev/null
tap_is 'of an unused port, the chain and its counter stay' "$(mangle -S | grep PAM)" '-N PAM_TRAFFIC_IN
-N PAM_TRAFFIC_IN_22
-N PAM_TRAFFIC_OUT
-N PAM_TRAFFIC_OUT_22
-A INPUT -j PAM_TRAFFIC_IN
-A OUTPUT -j PAM_TRAFFIC_OUT
-A PAM_TRAFFIC_IN -p tcp -m conntrack --ctstate NEW
-A PAM_TRAFFIC_IN -p tcp -m tcp --dport 22 -g PAM_TRAFFIC_IN_22
-A PAM_TRAFFIC_OUT -p tcp -m tcp --sport 22 -g PAM_TRAFFIC_OUT_22'
tap_ok 'which has counted' grep -q '^ *[1-9].*dpt:22' <<<"$(mangle -vnxL PAM_TRAFFIC_IN)"

# two addresses with the same port, several local ports
add 50000 >/dev/null
add 50000 2222 >/dev/null
add 50000 22 10.9.0.3 >/dev/null
tap_is 'sessions that differ in one thing are three' "$(sound)" '3 3'
remove 50000 22 10.9.0.3 >/dev/null
tap_is 'and go one by one' "$(count 50000 22 10.9.0.3) $(count 50000) $(count 50000 2222)" \
    'NOT_FOUND OK 0 0 0 0 OK 0 0 0 0'
"$tool" teardown >/dev/null
tap_is 'teardown leaves nothing' "$(bare)" "$empty"

# a stream that flows while others come and go, in the port's chain and in the last
stream() { # WHAT SOCAT-ADDRESS SESSIONS CONNECTION...
    local what=$1 writer

    dial client "$2"
    yes >&"$dial_write" &
    writer=$!
    tap_is "$what: $3 sessions come and go while data flows" "$("$tool" shuffle "${4}" 22 "${6%[0-9]}7" 32768 "$3")" \
        OK
    kill "$writer"
    wait "$writer" 2>/dev/null
    hang_up
    tap_ok "$what: the rules have what conntrack has" await agree "$tool read ${*:4}" "$tool conntrack ${*:4}"
    read -r _ in _ <<<"$("$tool" read "${@:4}")"
    tap_ok "$what: and it is much ($in bytes)" test "$in" -gt 1000000
}

setup
add 50050 >/dev/null
stream 'in the upper chain' "TCP:$server4:22,bind=$client4:50050" 150 "$server4" 22 "$client4" 50050
"$tool" churn "$server4" 22 "$client4" 49984 64 keep >/dev/null
tap_is 'a session in the last chain' "$(place IN 50047)" PAM_TRAFFIC_IN_22_c34
stream 'in the last chain' "TCP:$server4:22,bind=$client4:50047" 60 "$server4" 22 "$client4" 50047
"$tool" churn "$server6" 22 "$client6" 49984 64 keep >/dev/null
stream 'IPv6' "TCP6:[$server6]:22,bind=[$client6]:50047" 60 "$server6" 22 "$client6" 50047
tap_is 'nothing of the others is left' "$(sound) $(sound6)" '65 65 64 64'
"$tool" teardown >/dev/null
tap_is 'teardown takes the trees of both families away' "$(bare)" "$empty"

# flat rules, from before an upgrade
setup
for port in 50040 50041 50042; do
    mangle -A PAM_TRAFFIC_IN -s "$client4" -d "$server4" -p tcp --sport $port --dport 22 -c 3 333
    mangle -A PAM_TRAFFIC_OUT -s "$server4" -d "$client4" -p tcp --sport 22 --dport $port -c 4 444
done
tap_is 'a flat rule is read' "$(count 50040)" 'OK 333 3 444 4'
tap_is 'new sessions' "$("$tool" churn "$server4" 22 "$client4" 49984 64 keep)" OK
tap_is 'with new sessions there is no second rule' "$(sound)" '64 64'
tap_is 'it stays where it is' "$(place IN 50040)" PAM_TRAFFIC_IN
tap_is 'with its counter' "$(count 50040)" 'OK 333 3 444 4'
remove 50041 >/dev/null
dial client "TCP:$server4:22,bind=$client4:50040"
hang_up
flat() {
    read -r _ in _ out _ <<<"$(count 50040)"
    [ "$("$tool" conntrack "$server4" 22 "$client4" 50040 | cut -d ' ' -f 2,4)" = "$((in - 333)) $((out - 444))" ]
}
tap_ok 'and counts on' await flat
tap_is 'it is in a snapshot' "$("$tool" snapshot "$server4" 22 "$client4" 50040 3 2>/dev/null | tail -1)" \
    '50042 333 3 444 4'
tap_is 'and is removed' "$(remove 50042)" 'OK 333 3 444 4'
tap_is 'setup' "$("$tool" setup)" OK
tap_is 'leaves flat rules alone' "$(sound)" '62 62'
mangle -A PAM_TRAFFIC_IN -s "$client4" -d "$server4" -p tcp --sport 50030 --dport 22 -c 5 555
tap_is 'a copy on another level' "$(place IN 50030)" 'PAM_TRAFFIC_IN PAM_TRAFFIC_IN_22_c34'
tap_is 'the upper one is in a snapshot' "$("$tool" snapshot "$server4" 22 "$client4" 50030 1 2>/dev/null | tail -1)" \
    '50030 555 5 0 0'
tap_is 'and is read' "$(count 50030)" 'OK 555 5 0 0'
remove 50030 >/dev/null
tap_is 'goes with the rule' "$(place IN 50030)" ''
"$tool" teardown >/dev/null
tap_is 'teardown takes flat rules away' "$(bare)" "$empty"

# many, in an order that is none
setup
tap_is '1000 sessions come and go' "$("$tool" shuffle "$server4" 22 "$client4" 32768 1000)" OK
tap_is 'and nothing of them is left' "$(sound) $(mangle -S | grep -c '^-N PAM')" '0 0 4'

tap_done
