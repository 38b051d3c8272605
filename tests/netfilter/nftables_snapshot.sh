#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The counters of all sessions at one moment, of the backend "nftables": the same as those of one
# session after the other.
set -u
# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

nf() {
    "$tool" -b nftables "$@" 2>/run/times
}

snapshot_reads "$tool" -b nftables

# halves
nf setup >/dev/null
nft add element inet pam_traffic in4 "{ $client4 . 4 . $server4 . 2222 counter packets 4 bytes 40 }"
nft add element inet pam_traffic out4 "{ $server4 . 2222 . $client4 . 5 counter packets 5 bytes 50 }"
nft add element inet pam_traffic in4 "{ $client4 . 6 . $server4 . 2222 counter packets 6 bytes 60 }"
nft add element inet pam_traffic out4 "{ $server4 . 2222 . $client4 . 6 counter packets 7 bytes 70 }"
tap_is 'pairs are found, and no halves' "$(nf snapshot "$server4" 2222 "$client4" 0 10)" 'OK
6 60 6 70 7'

# many, not in order, each with counters of its own; the last one is without a way out
many=10000
fill() { # SERVER CLIENT 4|6
    awk -v many="$many" -v server="$1" -v client="$2" -v family="$3" 'BEGIN {
        for (i = 0; i <= many; i++) {
            port = 1 + (i < many ? i * 7919 % many : i)
            in_ = in_ sprintf("%s . %d . %s . 22 counter packets %d bytes %d, ",
                client, port, server, port, port * 2)
            if (i < many)
                out = out sprintf("%s . 22 . %s . %d counter packets %d bytes %d, ",
                    server, client, port, port * 3, port * 4)
        }
        print "add element inet pam_traffic in" family " { " in_ " }"
        print "add element inet pam_traffic out" family " { " out " }"
    }' | nft -f -
}
fill "$server4" "$client4" 4
fill "$server6" "$client6" 6
awk -v many="$many" 'BEGIN {
    print "OK"
    for (port = 1; port <= many; port++)
        print port, port * 2, port, port * 4, port * 3
}' >/run/wanted
for ends in "$server4 22 $client4" "$server6 22 $client6"; do
    # shellcheck disable=SC2086
    nf snapshot $ends 0 20000 >/run/got
    tap_ok "$many sessions of each family, looked for from $ends" cmp -s /run/got /run/wanted
    sed 's/^/# /' /run/times
done

tap_done
