#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A client on the same host: its segments may be longer than 65,535 bytes, and are cut after conntrack
# has seen them, before the rule of the way in. Conntrack counts; nothing is said to be flushed.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# what conntrack has for a connection from that port: in_bytes in_packets out_bytes out_packets
conntrack_has() {
    world_in server conntrack -L -p tcp --sport "$1" 2>/dev/null |
        sed -n -E 's/.* packets=([0-9]*) bytes=([0-9]*) .* packets=([0-9]*) bytes=([0-9]*) .*/\2 \1 \4 \3/p'
}

world_enter "$@"
traffic_install
sshd_start
# an entry of a connection that is over has to be there when it is looked at
world_in server sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_time_wait=1200
head -c 30000000 /dev/zero >"$WORLD/files/data"
client_configure

for address in 127.0.0.1 "$WORLD_SERVER4" ::1; do
    for way in 'cat >/dev/null' 'head -c 30000000 /dev/zero'; do
        records_mark
        syslog_mark
        world_in server ssh -F "$WORLD/ssh_config" "${CLIENT_IDENTITY[@]}" "alice@$address" "$way" \
            <"$WORLD/files/data" >/dev/null 2>>"$WORLD/spawned"
        records_wait stop 1
        await traffic_idle
        tap_is "$address, $way: bytes and packets are conntrack's" "$(records_moved)" \
            "$(conntrack_has "$(records_get stop remote_port)")"
        tap_is "$address, $way: it is complete" "$(records_get stop complete)" true
        tap_is "$address, $way: nothing is said to be wrong" \
            "$(syslog_since | grep -E 'flushed|differ|did not take|can have moved')" ''
    done
done
case_clean
tap_done
