#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Both ends close at once, on a slow wire: conntrack is in TIME_WAIT with the first of the two last ACKs,
# the other is late, and so is the answer to the FIN that TCP repeats meanwhile. The record has them all.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

SERVER=10.78.0.1
CLIENT=10.78.0.2
LATE=300 # ms; a FIN is repeated after 200

crossed() {
    grep -q -x "crossed $(syslog_accepted port)" "$WORLD/spawned"
}

# join SIDE DEVICE ADDR: one end of the wire
join() {
    # one packet on the wire is one for netfilter
    await ip link set "$2" netns "$1-$WORLD_ID" 2>/dev/null &&
        world_in "$1" ip link set "$2" gso_max_segs 1 &&
        world_in "$1" ip addr add "$3/24" dev "$2" && world_in "$1" ip link set "$2" up
}

world_enter "$@"
# world_make_dev has no node for it
mknod "$WORLD/tun" c 10 200
world_spawn perl "$HARNESS_LIB/wire.pl" "$WORLD/tun" "$LATE" wire-s wire-c
if ! join server wire-s "$SERVER" || ! join client wire-c "$CLIENT"; then
    tap_skip_all 'no wire: this kernel has no tun'
fi
traffic_install
yardstick_watch "$CLIENT"
sshd_start

for bytes in 0 1000 100000; do
    case_begin "both FINs cross, $bytes bytes" "$CLIENT"
    client_ssh "alice@$SERVER" "head -c $bytes /dev/zero" >/dev/null
    tap_ok "$CASE_NAME: they did" await crossed
    case_end user=alice
done

# a busy machine: how long the end has taken is not known from when the helper began
crossings=$(grep -c ^crossed "$WORLD/spawned")
traffic_place_script "[ \"\$1\" != close ] || until [ \$(grep -c ^crossed $WORLD/spawned) -gt $crossings ]; do sleep 0.02; done" \
    "exec $PAM_TRAFFIC_HELPER \"\$@\""
case_begin 'both FINs cross, and the helper begins late' "$CLIENT"
client_ssh "alice@$SERVER" true
tap_ok "$CASE_NAME: they did" await crossed
case_end user=alice
tap_done
