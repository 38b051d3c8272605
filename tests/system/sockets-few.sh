#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets where each of conntrack's entries is a connection's: they are asked for one by one. With an entry
# more, all of the table is read: the same rows, and that one.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

PORT='[.local_port, .remote_port] | min' # the one that was called

entries() {
    world_in server cat /proc/sys/net/netfilter/nf_conntrack_count
}

# pair PORT SIDE ADDRESS SIDE: a connection, from the second side
pair() {
    sockets_agent alice "$2" listen tcp "$3" "$1" touch "$1-listens" accept recv 1000 send 2000 await end
    sockets_await "$1-listens"
    sockets_agent bob "$4" connect tcp "$3" "$1" send 1000 recv 2000 touch "$1-done" await end
    sockets_await "$1-done"
}

# looked NAME: all rows, and how often conntrack was asked
looked() {
    sockets_jq '.sockets[] | tojson' | sort >"$WORLD/files/$1"
    world_in server env ASAN_OPTIONS=detect_leaks=0 strace -o "$WORLD/files/$1.trace" -e trace=sendto \
        "$WORLD/pam_traffic" sockets --config "$TRAFFIC_CONFIG" >"$WORLD/files/$1.table" 2>/dev/null
    grep -c IPCTNL_MSG_CT_GET "$WORLD/files/$1.trace"
}

WORLD_TOOLS+=' strace'
sockets_enter "$@"
traffic_install
pair 7001 server "$WORLD_SERVER4" client
pair 7002 client "$WORLD_CLIENT6" server
pair 7003 server 127.0.0.1 server
sockets_quiet
tap_is 'an entry of each connection' "$(entries)" 3
tap_is 'each end is asked for' "$(looked few)" 4
tap_is 'each has its bytes, once' "$(jq -r "select(.in_bytes) | $PORT" "$WORLD/files/few" | sort | xargs)" '7001 7002 7003'

world_in client perl -MIO::Socket::INET -e \
    'IO::Socket::INET->new(Proto => "udp", PeerAddr => shift, PeerPort => 7004)->send("x")' "$WORLD_SERVER4"
tap_ok 'an entry without a connection' await eval '[ "$(entries)" -gt 3 ]'
tap_is 'all are asked for' "$(looked all)" 5
tap_is 'one row more' "$(diff "$WORLD/files/few" "$WORLD/files/all" | grep '^[<>]' | jq -Rr ".[2:] | fromjson | $PORT")" 7004
sockets_adds_up 'the sum'
sockets_signal end
sockets_over
