#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The counters of all sessions at one moment: the same as those of one session after the other.
set -u
# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

found() { # CONNECTION ... COUNT
    "$tool" snapshot "$@" 2>/dev/null
}

snapshot_reads "$tool"

rule() { # IN|OUT PORT COUNTER [ARGUMENT ...]: the way of a connection of our address and port
    local ends=(-s "$client4" -d "$server4" -p tcp --sport "$2" --dport 2222)

    [ "$1" = OUT ] && ends=(-s "$server4" -d "$client4" -p tcp --sport 2222 --dport "$2")
    iptables-legacy -t mangle -A "PAM_TRAFFIC_$1" "${ends[@]}" -c "$3" "${3}0" "${@:4}"
}

# rules of somebody else's before, between and behind ours; half a pair; copies
"$tool" setup >/dev/null
for way in IN OUT; do
    iptables-legacy -t mangle -I "PAM_TRAFFIC_$way" -p udp -c 91 910
    rule $way 3 92 -j ACCEPT
    rule $way 2 2
    rule $way 3 93 -m comment --comment x
    rule $way 3 94 --syn
    rule $way 1 1
    rule $way 2 95
    iptables-legacy -t mangle -A "PAM_TRAFFIC_$way" -s "$server4/31" -c 96 960
    rule $way 7 7
    rule $way 2 97
done
rule IN 4 4
rule OUT 5 5
tap_is 'pairs are found; no others, no halves, and of copies the first' "$(found "$server4" 2222 "$client4" 0 10)" 'OK
1 10 1 10 1
2 20 2 20 2
7 70 7 70 7'
tap_is 'as read does' "$("$tool" read "$server4" 2222 "$client4" 2)" 'OK 20 2 20 2'
iptables-legacy -t mangle -F
"$tool" teardown >/dev/null

# many, not in order, each with counters of its own; the last line is without a way out
many=10000
restore() { # SERVER CLIENT iptables|ip6tables [tree]: flat as before an upgrade, or all in the last chains
    awk -v many="$many" -v server="$1" -v client="$2" -v tree="${4-}" '
    function chain(way, port) {
        return "PAM_TRAFFIC_" way (tree ? sprintf("_22_%03x", int(port / 64) * 4) : "")
    }
    function branches(way, remote, below,    digits, unit, port, from) {
        for (digits = 1; digits <= 3; digits++) {
            unit = digits == 3 ? 64 : digits == 2 ? 256 : 4096
            for (port = 0; port <= many + 1; port += unit) {
                from = "PAM_TRAFFIC_" way "_22"
                below = from "_" substr(sprintf("%03x", port / 16), 1, digits)
                if (digits > 1)
                    from = substr(below, 1, length(below) - 1)
                print ":" below " - [0:0]"
                gotos = gotos sprintf("-A %s -p tcp -m tcp --%s %d:%d -g %s\n",
                    from, remote, port, port + unit - 1, below)
            }
        }
    }
    BEGIN {
        print "*mangle\n:PAM_TRAFFIC_IN - [0:0]\n:PAM_TRAFFIC_OUT - [0:0]"
        if (tree) {
            print ":PAM_TRAFFIC_IN_22 - [0:0]\n:PAM_TRAFFIC_OUT_22 - [0:0]"
            branches("IN", "sport")
            branches("OUT", "dport")
            print "-A PAM_TRAFFIC_IN -p tcp -m tcp --dport 22 -g PAM_TRAFFIC_IN_22"
            print "-A PAM_TRAFFIC_OUT -p tcp -m tcp --sport 22 -g PAM_TRAFFIC_OUT_22"
            printf "%s", gotos
        }
        tcp = "-p tcp -m tcp --sport %d --dport %d\n"
        for (i = 0; i <= many; i++) {
            port = 1 + (i < many ? i * 7919 % many : i)
            printf "[%d:%d] -A %s -s %s -d %s " tcp,
                port, port * 2, chain("IN", port), client, server, port, 22
            if (i == many)
                break
            printf "[%d:%d] -A %s -s %s -d %s " tcp,
                port * 3, port * 4, chain("OUT", port), server, client, 22, port
        }
        print "COMMIT"
    }' | "$3-legacy-restore" -c
}
restore "$server4" "$client4" iptables
restore "$server6" "$client6" ip6tables tree
tap_is 'a tree' "$(ip6tables-legacy-save -t mangle | awk -f "$(dirname "$0")/sound.awk")" "$((many + 1)) $many"
awk -v many="$many" 'BEGIN {
    print "OK"
    for (port = 1; port <= many; port++)
        print port, port * 2, port, port * 4, port * 3
}' >/run/wanted
for ends in "$server4 22 $client4" "$server6 22 $client6"; do
    # shellcheck disable=SC2086
    "$tool" snapshot $ends 0 20000 >/run/got 2>/run/times
    tap_ok "$many sessions of each family, looked for from $ends" cmp -s /run/got /run/wanted
    sed 's/^/# /' /run/times
done

tap_done
