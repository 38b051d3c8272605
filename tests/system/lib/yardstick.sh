# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The yardstick: the client's own iptables counters, of its connections to one port. What the client's
# OUTPUT counts is "in" for the server.
#
#   yardstick_watch ADDR [PORT]   counts the connections from the client's address ADDR to PORT (22)
#   yardstick_zero                sets every count to 0
#   yardstick_read ADDR           prints: in_bytes in_packets out_bytes out_packets

yardstick_table() {
    case $1 in
    *:*) printf 'ip6tables-legacy\n' ;;
    *) printf 'iptables-legacy\n' ;;
    esac
}

yardstick_watch() {
    local tables

    tables=$(yardstick_table "$1")
    world_in client "$tables" -t mangle -A OUTPUT -s "$1" -p tcp -m tcp --dport "${2:-22}" &&
        world_in client "$tables" -t mangle -A INPUT -d "$1" -p tcp -m tcp --sport "${2:-22}"
}

yardstick_zero() {
    world_in client iptables-legacy -t mangle -Z && world_in client ip6tables-legacy -t mangle -Z
}

yardstick_read() {
    world_in client "$(yardstick_table "$1")-save" -c -t mangle | awk -v addr="$1" '
        index($0, "-A OUTPUT -s " addr "/") { split(substr($1, 2), in_, /[:\]]/) }
        index($0, "-A INPUT -d " addr "/") { split(substr($1, 2), out, /[:\]]/) }
        END { print in_[2] + 0, in_[1] + 0, out[2] + 0, out[1] + 0 }'
}
