# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The rules of the server's namespace: all tables of IPv4 and IPv6, and nftables where nft is installed;
# without what counts a local port (the chain and the rule that leads to it, the elements of two sets), which
# stays when its sessions are over.
#
#   rules_print            prints them without counters and timestamps
#   rules_snapshot         remembers them (traffic_install does, after setup)
#   rules_same             true if they are as remembered
#   rules_difference       prints what is not
#   rules_count PORT       prints how many counting rules, or elements of sets, there are of that remote port

rules_print() {
    # one process enters the namespace; without -t, which would make the table
    world_in server sh -c 'echo iptables; iptables-legacy-save; echo ip6tables; ip6tables-legacy-save' |
        sed -e '/^#/d' -e 's/ \[[0-9]*:[0-9]*\]$//' \
            -e '/^:PAM_TRAFFIC_\(IN\|OUT\)_[0-9]* /d' \
            -e '/^-A PAM_TRAFFIC_IN -p tcp -m tcp --dport \([0-9]*\) -g PAM_TRAFFIC_IN_\1$/d' \
            -e '/^-A PAM_TRAFFIC_OUT -p tcp -m tcp --sport \([0-9]*\) -g PAM_TRAFFIC_OUT_\1$/d'
    # where something was made anew the order is another one
    [ -z "$(type -P nft)" ] || world_in server nft -s list ruleset |
        grep -v -x '[[:space:]]*elements = { [0-9, counter]* }' | sort
}

rules_count() {
    {
        # without -t, which would make the table
        world_in server iptables-legacy-save
        world_in server ip6tables-legacy-save
        [ -z "$(type -P nft)" ] || world_in server nft -s list ruleset
    } | grep -o -w -e "$1" | wc -l
}

rules_snapshot() {
    rules_print >"$WORLD/rules"
}

rules_same() {
    rules_print | cmp -s "$WORLD/rules" -
}

rules_difference() {
    rules_print | diff "$WORLD/rules" -
}
