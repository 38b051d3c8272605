# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests of the tree of chains share, to be sourced: the world, with a server on port 22 and
# mangle tables that are there and empty, and a look at the chains.

# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034 # world.sh reads them
taken=70000 given=30000
mangle() {
    iptables-legacy -t mangle "$@"
}

mangle -L >/dev/null
ip6tables-legacy -t mangle -L >/dev/null
bare() { # without the counters of the policies: the host sends packets of its own
    saved -t mangle | sed 's/\[.*//'
}
# shellcheck disable=SC2034 # for those who source this
empty=$(bare)

ours() { # the order of the branches of a chain means nothing
    iptables-legacy-save -t mangle | grep -e '^-A' -e '^:PAM' | LC_ALL=C sort
}

place() { # IN|OUT PORT: the chain, or chains, that a session of our address is counted in
    local end=--sport

    [ "$1" = OUT ] && end=--dport
    mangle -S | sed -n "s/^-A \(PAM_TRAFFIC_$1[^ ]*\) -s .* $end $2\( .*\)\{0,1\}\$/\1/p" | paste -sd ' '
}

places() { # PORT
    place IN "$1"
    place OUT "$1"
}

add() { # PORT [LOCAL-PORT [REMOTE-ADDRESS]]
    "$tool" add "$server4" "${2-22}" "${3-$client4}" "$1"
}

remove() {
    "$tool" remove "$server4" "${2-22}" "${3-$client4}" "$1"
}

count() {
    "$tool" read "$server4" "${2-22}" "${3-$client4}" "$1"
}

sound() { # the number of sessions of each way, or what is wrong
    iptables-legacy-save -t mangle | awk -f "$(dirname "$0")/sound.awk"
}

sound6() {
    ip6tables-legacy-save -t mangle | awk -f "$(dirname "$0")/sound.awk"
}

setup() {
    "$tool" setup >/dev/null
}

# A connection through its rules: they have what conntrack has.
counts_exactly() { # PORT
    dial client "TCP:$server4:22,bind=$client4:$1" || return
    hang_up
    await agree "$tool read $server4 22 $client4 $1" "$tool conntrack $server4 22 $client4 $1"
}

setup
"$tool" account /proc on >/dev/null
serve 22
