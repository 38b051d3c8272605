#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Somebody who can send packets with the client's address and port wants its bill to be bigger. The
# rules, which look at addresses and ports alone, count them; what TCP and conntrack do not take is
# not the session's.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

COUNT=500

# spoof checksum|window: COUNT segments of 1,400 bytes from the client's address and port
spoof() {
    world_in client python3 "$HARNESS_LIB/spoof.py" "$1" "$COUNT" "$WORLD_CLIENT4" "$(syslog_accepted port)" \
        "$WORLD_SERVER4" 22
}

# a session of 100,000 bytes each way, and the spoofer in the middle of it
session() {
    case_begin "$1"
    pump_begin "alice@$WORLD_SERVER4"
    pump 50000
    traffic_reap
    spoof "$2"
    await spoofed
    traffic_reap
    pump 50000
    pump_end
    case_settle
    records_wait stop 1
    await traffic_idle
}

# all of it has come to the server: the port's rule counts it, too
spoofed() {
    world_in server iptables-legacy -t raw -L PREROUTING -v -x -n | awk -v n="$COUNT" '$1 >= n { found = 1 } END { exit !found }'
}

world_enter "$@"
traffic_install
sshd_start
# what comes in with such a length is none of ssh's
world_in server iptables-legacy -t raw -A PREROUTING -p tcp --dport 22 -m length --length 1440
rules_snapshot

for how in checksum window; do
    world_in server iptables-legacy -t raw -Z
    session "$how" "$how"
    IN=$(records_jq '.[] | select(.event == "stop") | .in_bytes')
    tap_ok "$how: $IN bytes, as much as its own" [ $((IN > 100000 && IN < 140000)) = 1 ]
    tap_is "$how: it is complete" "$(records_get stop complete)" true
    case_clean
done
tap_done
