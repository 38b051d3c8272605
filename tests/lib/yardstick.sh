# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The yardstick: the client's own iptables counters, of its connections to one port. What the client's
# OUTPUT counts is "in" for the server.
#
#   yardstick_watch ADDR [PORT]   counts the connections from the client's address ADDR to PORT (22)
#   yardstick_zero                sets every count to 0
#   yardstick_read ADDR           prints: in_bytes in_packets out_bytes out_packets
#   yardstick_handshakes          of CASE_ADDR, apart from now on: SYN and SYN-ACK
#   yardstick_read_once N OUT     yardstick_read of CASE_ADDR, which has made N connections, without the SYNs that
#                                 were repeated: conntrack leaves them out, and a repeated SYN-ACK, too, unless it
#                                 answers one of them; OUT, out_packets of the records, tells how many of those
#   yardstick_port NAME 4|6 tcp|udp local|remote PORT   counts under a name what has that port: at the
#                                 server's end (local) or at the client's (remote)
#   yardstick_port_read NAME      prints the same of it

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

yardstick_handshakes() {
    world_in client iptables-legacy -t raw -F &&
        world_in client iptables-legacy -t raw -A OUTPUT -s "$CASE_ADDR" -p tcp -m tcp --dport 22 --syn &&
        world_in client iptables-legacy -t raw -A PREROUTING -d "$CASE_ADDR" -p tcp -m tcp --sport 22 \
            --tcp-flags SYN,ACK SYN,ACK
}

yardstick_read_once() {
    {
        yardstick_read "$CASE_ADDR"
        world_in client iptables-legacy-save -c -t raw | tr '[:]' '   '
    } | awk -v n="$1" -v got="${2:-0}" '
        NR == 1 { ib = $1; ip = $2; ob = $3; op = $4 }
        /-A OUTPUT/ { ib -= $2 - n * $2 / $1; ip -= $1 - n }
        /-A PREROUTING/ { left = op - got; if (left > 0 && left <= $1 - n) { ob -= left * $2 / $1; op = got } }
        END { print ib, ip, ob, op }'
}

yardstick_port() {
    local tables=iptables-legacy there=dport here=sport

    [ "$2" = 4 ] || tables=ip6tables-legacy
    [ "$4" = local ] || { there=sport here=dport; }
    world_in client "$tables" -t mangle -A OUTPUT -o "$WORLD_LINK" -p "$3" -m "$3" "--$there" "$5" \
        -m comment --comment "yardstick:$1" &&
        world_in client "$tables" -t mangle -A INPUT -i "$WORLD_LINK" -p "$3" -m "$3" "--$here" "$5" \
            -m comment --comment "yardstick:$1"
}

yardstick_port_read() {
    {
        world_in client iptables-legacy-save -c -t mangle
        world_in client ip6tables-legacy-save -c -t mangle
    } | awk -v name="yardstick:$1" '
        { found = 0; for (i = 1; i <= NF; i++) if ($i == name || $i == "\"" name "\"") found = 1 }
        !found { next }
        / OUTPUT / { split(substr($1, 2), n, /[:\]]/); in_[1] += n[1]; in_[2] += n[2] }
        / INPUT / { split(substr($1, 2), n, /[:\]]/); out[1] += n[1]; out[2] += n[2] }
        END { print in_[2] + 0, in_[1] + 0, out[2] + 0, out[1] + 0 }'
}
