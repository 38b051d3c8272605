#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tree of chains when somebody else edits it: what is missing is put back, with the counters, and
# what is not ours is left alone.

# shellcheck source=tests/netfilter/trees.sh
. "$(dirname "$0")/trees.sh"

# nothing is missing: no commit, which would be seen as a replaced table
setup
"$tool" churn "$server4" 22 "$client4" 49984 60 keep >/dev/null
add 60000 >/dev/null
if command -v strace >/dev/null; then
        commits() {
                # the leak detector does not work under ptrace
                ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=setsockopt "$tool" setup 2>&1 | grep -c SO_SET_REPLACE
        }
        is "$(commits)" 0 'setup commits nothing when nothing is missing'
        mangle -D PAM_TRAFFIC_IN_22 -p tcp --sport 49152:53247 -g PAM_TRAFFIC_IN_22_c
        is "$(commits)" 1 'and once when something is'
fi

# foreign edits that lose no session: setup, or add of one session, puts the way to it right
whole=$(ours)
live=50020
mended() { # WHAT
        is "$(ours)" "$whole" "$1: all is as before"
        is "$(sound)" '61 61' "$1: in an order that works"
        counts_exactly "$live"
        ok "$1: the rules count exactly"
        live=$((live + 1))
}

c3=(-p tcp --sport 49920:50175 -g PAM_TRAFFIC_IN_22_c3)
p22=(-p tcp --dport 22 -g PAM_TRAFFIC_IN_22)
survives() { # WHAT, FUNCTION that edits
        "$2"
        is "$("$tool" setup)" OK "$1: setup"
        mended "$1"
        "$2"
        is "$(add "$live")" "OK ${3-kept}" "$1: add"
        counts_exactly "$live"
        ok "$1: with add alone this session's rules count exactly"
        live=$((live + 1))
        setup
}
edit_port_cut() { mangle -D PAM_TRAFFIC_IN "${p22[@]}"; }
edit_cut() { mangle -D PAM_TRAFFIC_IN_22_c "${c3[@]}"; }
edit_cut_all() {
        mangle -S | sed -n 's/^-A \(PAM_TRAFFIC_.*-g .*\)/\1/p' | while read -r rule; do
                # shellcheck disable=SC2086
                mangle -D $rule
        done
}
edit_double() {
        mangle -A PAM_TRAFFIC_IN_22_c "${c3[@]}"
        mangle -A PAM_TRAFFIC_IN_22 -p tcp --sport 57344:61439 -g PAM_TRAFFIC_IN_22_e
}
edit_bury() {
        mangle -D PAM_TRAFFIC_IN_22_c "${c3[@]}"
        mangle -I PAM_TRAFFIC_IN_22_c "${c3[@]}"
        mangle -I PAM_TRAFFIC_OUT_22 -p tcp --dport 49152:53247 -g PAM_TRAFFIC_OUT_22_c
}
edit_flush_base() { mangle -F PAM_TRAFFIC_IN; }
edit_unjump() { mangle -D INPUT -j PAM_TRAFFIC_IN; }
survives 'the branch of the port deleted' edit_port_cut
survives 'a branch deleted' edit_cut
survives 'all branches deleted' edit_cut_all
survives 'a branch doubled' edit_double
survives 'branches put in front' edit_bury
survives 'the base flushed' edit_flush_base made
survives 'the jump deleted' edit_unjump made

# the counter of a rule that no packet reached is kept
edit_cut_all
before=$(count 50020)
setup
is "$(count 50020)" "$before" 'a rule keeps its counter while the way to it is away'
[[ $before == OK\ [1-9]* ]]
ok 'which is not 0'
edit_bury
setup
is "$(mangle -vnxL PAM_TRAFFIC_OUT_22 | grep -c PAM_TRAFFIC_OUT_22_c)" 1 'a branch in front of its rules is moved, its copy goes'
edit_bury
add 49984 >/dev/null
counts_exactly 49984
ok 'add does so for the rule of its session'
setup
mangle -D PAM_TRAFFIC_IN "${p22[@]}"
mangle -I PAM_TRAFFIC_IN -c 77 7777 "${p22[@]}"
mangle -A PAM_TRAFFIC_IN -s 10.9.0.9 -d "$server4" -p tcp --sport 50000 --dport 22
setup
mangle -vnxL PAM_TRAFFIC_IN | grep -q '^ *77  *7777 .*dpt:22'
ok 'a branch that is moved keeps its counter'
is "$(sound)" '62 61' 'and stands behind the rules'
mangle -D PAM_TRAFFIC_IN -s 10.9.0.9 -d "$server4" -p tcp --sport 50000 --dport 22

edit_cut
mangle -A PAM_TRAFFIC_IN_22_c "${c3[@]/#-g/-j}"
setup
mangle -S PAM_TRAFFIC_IN_22_c | grep -q -- '-g PAM_TRAFFIC_IN_22_c3'
ok 'a jump of somebody else is not taken for a branch'
mangle -D PAM_TRAFFIC_IN_22_c "${c3[@]/#-g/-j}"

# foreign edits that lose sessions
mangle -F PAM_TRAFFIC_IN_22_c34
setup
is "$(sound)" '25 61' 'a chain that was flushed goes'
is "$("$tool" churn "$server4" 22 "$client4" 49984 60 keep)" OK 'add'
is "$(ours)" "$whole" 'brings it back'
mangle -F PAM_TRAFFIC_IN_22
setup
is "$(sound)" '53 61' 'the flushed chain of the port has its branches again'
is "$("$tool" churn "$server4" 22 "$client4" 49984 60 keep)" OK 'add'
is "$(sound)" '61 61' 'brings the others back, below'
counts_exactly 50034
ok 'and they count exactly'
mangle -F PAM_TRAFFIC_IN_22_c
mangle -F PAM_TRAFFIC_IN_22
mangle -X PAM_TRAFFIC_IN_22_c
mangle -F PAM_TRAFFIC_IN
mangle -X PAM_TRAFFIC_IN_22
is "$(add 50035)" 'OK made' 'chains above a session deleted: add finds its rule'
is "$(places 50035)" 'PAM_TRAFFIC_IN_22_c34
PAM_TRAFFIC_OUT_22_c34' 'where it is'
counts_exactly 50035
ok 'and makes the way to it'
mangle -F PAM_TRAFFIC_IN
setup
sound | grep -qx '[1-9][0-9]* 61'
ok 'the same by setup'
mangle -F
setup
is "$(mangle -S | grep PAM | grep -v -e -j -e conntrack)" '-N PAM_TRAFFIC_IN
-N PAM_TRAFFIC_IN_22
-N PAM_TRAFFIC_OUT
-N PAM_TRAFFIC_OUT_22
-A PAM_TRAFFIC_IN -p tcp -m tcp --dport 22 -g PAM_TRAFFIC_IN_22
-A PAM_TRAFFIC_OUT -p tcp -m tcp --sport 22 -g PAM_TRAFFIC_OUT_22' 'of a flushed table the base and the ports are left'
"$tool" teardown >/dev/null
is "$(bare)" "$empty" 'and teardown leaves nothing'

# chains that are only called so, and what is not ours in chains that are
for name in IN_zz IN_022 IN_70000 IN_22_C IN_22_c31 IN_22_g IN_22_ IN_33 OUT_33 OUT_22_c; do
        mangle -N "PAM_TRAFFIC_$name"
        mangle -A "PAM_TRAFFIC_$name" -j DROP
done
mangle -N PAM_TRAFFIC_IN_44
mangle -A PAM_TRAFFIC_IN_44 -s "$client4" -d "$server4" -p tcp --sport 5 --dport 45
mangle -A PAM_TRAFFIC_IN_44 -p tcp --sport 49152:53247 -g PAM_TRAFFIC_IN_33
theirs=$(bare)
setup
is "$(bare | grep -v -e 'PUT -j' -e ctstate -e '^:PAM_TRAFFIC_\(IN\|OUT\) ')" "$theirs" 'setup leaves chains alone that are only called as ours'
"$tool" churn "$server4" 22 "$client4" 50000 20 keep >/dev/null
is "$(place IN 50015) $(place OUT 50015)" 'PAM_TRAFFIC_IN_22_c PAM_TRAFFIC_OUT_22' 'a session is counted above one that is not ours'
counts_exactly 50015
ok 'and its packets do not get there'
serve 33
add 50050 33 >/dev/null
dial client "TCP:$server4:33,bind=$client4:50050"
hang_up
until_true agree "$tool read $server4 33 $client4 50050" "$tool conntrack $server4 33 $client4 50050"
ok 'the same with the chain of a port'
is "$("$tool" setup)" OK 'setup with such chains'
"$tool" teardown >/dev/null
is "$(bare)" "$theirs" 'and so does teardown'
mangle -F
mangle -X

setup
"$tool" churn "$server4" 22 "$client4" 49984 30 keep >/dev/null
mangle -I PAM_TRAFFIC_IN_22_c3 1 -p udp -j ACCEPT
mangle -A PAM_TRAFFIC_IN_22_c34 -p udp -j ACCEPT
mangle -A FORWARD -p udp -j PAM_TRAFFIC_OUT_22_c34
mangle -A PAM_TRAFFIC_OUT_22 -p tcp --dport 49152:53247 -j PAM_TRAFFIC_OUT_22_c
for ((port = 49984; port < 50014; port++)); do
        remove "$port" >/dev/null
done
theirs='-N PAM_TRAFFIC_IN
-N PAM_TRAFFIC_IN_22
-N PAM_TRAFFIC_IN_22_c
-N PAM_TRAFFIC_IN_22_c3
-N PAM_TRAFFIC_IN_22_c34
-N PAM_TRAFFIC_OUT
-N PAM_TRAFFIC_OUT_22
-N PAM_TRAFFIC_OUT_22_c
-N PAM_TRAFFIC_OUT_22_c34
-A INPUT -j PAM_TRAFFIC_IN
-A FORWARD -p udp -j PAM_TRAFFIC_OUT_22_c34
-A OUTPUT -j PAM_TRAFFIC_OUT
-A PAM_TRAFFIC_IN -p tcp -m tcp --dport 22 -g PAM_TRAFFIC_IN_22
-A PAM_TRAFFIC_IN_22 -p tcp -m tcp --sport 49152:53247 -g PAM_TRAFFIC_IN_22_c
-A PAM_TRAFFIC_IN_22_c -p tcp -m tcp --sport 49920:50175 -g PAM_TRAFFIC_IN_22_c3
-A PAM_TRAFFIC_IN_22_c3 -p udp -j ACCEPT
-A PAM_TRAFFIC_IN_22_c3 -p tcp -m tcp --sport 49984:50047 -g PAM_TRAFFIC_IN_22_c34
-A PAM_TRAFFIC_IN_22_c34 -p udp -j ACCEPT
-A PAM_TRAFFIC_OUT -p tcp -m tcp --sport 22 -g PAM_TRAFFIC_OUT_22
-A PAM_TRAFFIC_OUT_22 -p tcp -m tcp --dport 49152:53247 -j PAM_TRAFFIC_OUT_22_c'
is "$(mangle -S | grep PAM | grep -v conntrack)" "$theirs" 'rules and jumps of somebody else keep their chains, and the way to them'
"$tool" teardown >/dev/null
is "$(mangle -S | grep PAM)" "$theirs" 'at teardown, too'
mangle -D PAM_TRAFFIC_IN_22_c34 -p udp -j ACCEPT
mangle -D PAM_TRAFFIC_IN_22_c3 -p udp -j ACCEPT
mangle -D FORWARD -p udp -j PAM_TRAFFIC_OUT_22_c34
mangle -D PAM_TRAFFIC_OUT_22 -p tcp --dport 49152:53247 -j PAM_TRAFFIC_OUT_22_c
setup
is "$(mangle -S | grep -c '^-N PAM')" 4 'when they are gone setup takes the chains away'
"$tool" teardown >/dev/null
is "$(bare)" "$empty" 'and teardown the rest'

finish
