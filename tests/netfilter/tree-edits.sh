#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tree of chains when somebody else edits it: what is missing is put back, with the counters, and
# what is not ours is left alone.
set -u
# shellcheck source=tests/netfilter/trees.sh
. "$(dirname "$0")/trees.sh"

# nothing is missing: no commit, which would be seen as a replaced table
setup
"$tool" churn "$server4" 22 "$client4" 49984 60 keep >/dev/null
add 60000 >/dev/null
commits() {
    # the leak detector does not work under ptrace
    ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=setsockopt "$tool" setup 2>&1 | grep -c SO_SET_REPLACE
}
tap_is 'setup commits nothing when nothing is missing' "$(commits)" 0
mangle -D PAM_TRAFFIC_IN_22 -p tcp --sport 49152:53247 -g PAM_TRAFFIC_IN_22_c
tap_is 'and once when something is' "$(commits)" 1

# foreign edits that lose no session: setup, or add of one session, puts the way to it right
whole=$(ours)
live=50020
mended() { # WHAT
    tap_is "$1: all is as before" "$(ours)" "$whole"
    tap_is "$1: in an order that works" "$(sound)" '61 61'
    tap_ok "$1: the rules count exactly" counts_exactly "$live"
    live=$((live + 1))
}

c3=(-p tcp --sport 49920:50175 -g PAM_TRAFFIC_IN_22_c3)
p22=(-p tcp --dport 22 -g PAM_TRAFFIC_IN_22)
survives() { # WHAT, FUNCTION that edits
    "$2"
    tap_is "$1: setup" "$("$tool" setup)" OK
    mended "$1"
    "$2"
    tap_is "$1: add" "$(add "$live")" "OK ${3-kept}"
    tap_ok "$1: with add alone this session's rules count exactly" counts_exactly "$live"
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
tap_is 'a rule keeps its counter while the way to it is away' "$(count 50020)" "$before"
tap_ok 'which is not 0' counted "$before"
edit_bury
setup
tap_is 'a branch in front of its rules is moved, its copy goes' \
    "$(mangle -vnxL PAM_TRAFFIC_OUT_22 | grep -c PAM_TRAFFIC_OUT_22_c)" \
    1
edit_bury
add 49984 >/dev/null
tap_ok 'add does so for the rule of its session' counts_exactly 49984
setup
mangle -D PAM_TRAFFIC_IN "${p22[@]}"
mangle -I PAM_TRAFFIC_IN -c 77 7777 "${p22[@]}"
mangle -A PAM_TRAFFIC_IN -s 10.9.0.9 -d "$server4" -p tcp --sport 50000 --dport 22
setup
tap_is 'a branch that is moved keeps its counter' "$(mangle -vnxL PAM_TRAFFIC_IN | grep -c '^ *77  *7777 .*dpt:22')" 1
tap_is 'and stands behind the rules' "$(sound)" '62 61'
mangle -D PAM_TRAFFIC_IN -s 10.9.0.9 -d "$server4" -p tcp --sport 50000 --dport 22

edit_cut
mangle -A PAM_TRAFFIC_IN_22_c "${c3[@]/#-g/-j}"
setup
tap_is 'a jump of somebody else is not taken for a branch' \
    "$(mangle -S PAM_TRAFFIC_IN_22_c | grep -c -- '-g PAM_TRAFFIC_IN_22_c3$')" 1
mangle -D PAM_TRAFFIC_IN_22_c "${c3[@]/#-g/-j}"

# foreign edits that lose sessions
mangle -F PAM_TRAFFIC_IN_22_c34
setup
tap_is 'a chain that was flushed goes' "$(sound)" '25 61'
tap_is 'add' "$("$tool" churn "$server4" 22 "$client4" 49984 60 keep)" OK
tap_is 'brings it back' "$(ours)" "$whole"
mangle -F PAM_TRAFFIC_IN_22
setup
tap_is 'the flushed chain of the port has its branches again' "$(sound)" '53 61'
tap_is 'add' "$("$tool" churn "$server4" 22 "$client4" 49984 60 keep)" OK
tap_is 'brings the others back, below' "$(sound)" '61 61'
tap_ok 'and they count exactly' counts_exactly 50034
mangle -F PAM_TRAFFIC_IN_22_c
mangle -F PAM_TRAFFIC_IN_22
mangle -X PAM_TRAFFIC_IN_22_c
mangle -F PAM_TRAFFIC_IN
mangle -X PAM_TRAFFIC_IN_22
tap_is 'chains above a session deleted: add finds its rule' "$(add 50035)" 'OK made'
tap_is 'where it is' "$(places 50035)" 'PAM_TRAFFIC_IN_22_c34
PAM_TRAFFIC_OUT_22_c34'
tap_ok 'and makes the way to it' counts_exactly 50035
mangle -F PAM_TRAFFIC_IN
setup
tap_is 'the same by setup' "$(sound | sed 's/^[1-9][0-9]* 61$/some of 61/')" 'some of 61'
mangle -F
setup
tap_is 'of a flushed table the base and the ports are left' "$(mangle -S | grep PAM | grep -v -e -j -e conntrack)" \
    '-N PAM_TRAFFIC_IN
-N PAM_TRAFFIC_IN_22
-N PAM_TRAFFIC_OUT
-N PAM_TRAFFIC_OUT_22
-A PAM_TRAFFIC_IN -p tcp -m tcp --dport 22 -g PAM_TRAFFIC_IN_22
-A PAM_TRAFFIC_OUT -p tcp -m tcp --sport 22 -g PAM_TRAFFIC_OUT_22'
"$tool" teardown >/dev/null
tap_is 'and teardown leaves nothing' "$(bare)" "$empty"

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
tap_is 'setup leaves chains alone that are only called as ours' \
    "$(bare | grep -v -e 'PUT -j' -e ctstate -e '^:PAM_TRAFFIC_\(IN\|OUT\) ')" \
    "$theirs"
"$tool" churn "$server4" 22 "$client4" 50000 20 keep >/dev/null
tap_is 'a session is counted above one that is not ours' "$(place IN 50015) $(place OUT 50015)" \
    'PAM_TRAFFIC_IN_22_c PAM_TRAFFIC_OUT_22'
tap_ok 'and its packets do not get there' counts_exactly 50015
serve 33
add 50050 33 >/dev/null
dial client "TCP:$server4:33,bind=$client4:50050"
hang_up
tap_ok 'the same with the chain of a port' await agree "$tool read $server4 33 $client4 50050" "$tool conntrack $server4 33 $client4 50050"
tap_is 'setup with such chains' "$("$tool" setup)" OK
"$tool" teardown >/dev/null
tap_is 'and so does teardown' "$(bare)" "$theirs"
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
tap_is 'rules and jumps of somebody else keep their chains, and the way to them' \
    "$(mangle -S | grep PAM | grep -v conntrack)" \
    "$theirs"
"$tool" teardown >/dev/null
tap_is 'at teardown, too' "$(mangle -S | grep PAM)" "$theirs"
mangle -D PAM_TRAFFIC_IN_22_c34 -p udp -j ACCEPT
mangle -D PAM_TRAFFIC_IN_22_c3 -p udp -j ACCEPT
mangle -D FORWARD -p udp -j PAM_TRAFFIC_OUT_22_c34
mangle -D PAM_TRAFFIC_OUT_22 -p tcp --dport 49152:53247 -j PAM_TRAFFIC_OUT_22_c
setup
tap_is 'when they are gone setup takes the chains away' "$(mangle -S | grep -c '^-N PAM')" 4
"$tool" teardown >/dev/null
tap_is 'and teardown the rest' "$(bare)" "$empty"

tap_done
