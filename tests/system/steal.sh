#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The client resets its connection, and somebody uses its port at once, without a login, and is gone before
# anybody looks: while the close of the session is on its way, or while its sshd is stopped. What he moved is
# not in the record, or the record says that it may be wrong.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

FROM=(-o "ProxyCommand=socat - TCP:%h:%p,sourceport=40022,reuseaddr,linger=0")

# steal BYTES: as soon as the port is free; says so, and stays while there is a file
steal() {
    world_in client python3 - "$WORLD_CLIENT4" "$WORLD_SERVER4" "$1" "$WORLD/files/ready" "$WORLD/files/stays" <<'P' >"$WORLD/stolen"
import os, socket, struct, sys, time
source, server, size, ready, stays = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]
open(ready, "w").close()
while True:
    thief = socket.socket()
    thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    thief.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    try:
        thief.bind((source, 40022))
        thief.connect((server, 22))
        break
    except OSError:
        thief.close()
thief.setblocking(False)
data = bytes(size)
if os.path.exists(stays):
    # sshd waits for the rest of a packet
    data = b"SSH-2.0-thief\r\n" + struct.pack(">I", 32764) + bytes(size)
sent, end = 0, time.monotonic() + 0.004
while sent < len(data) and time.monotonic() < end:
    try:
        sent += thief.send(data[sent:])
    except OSError:
        pass
print("stole", sent, flush=True)
while os.path.exists(stays):
    time.sleep(.01)
thief.close()
P
}

# the session's record has alice's bytes, or is not complete; and not less than she moved. If he is gone before he can
# be asked, and conntrack's entry looks like hers, it has her payload at the least.
honest() {
    local got complete least=${1%% *}

    records_wait stop 1
    await traffic_idle
    got=$(records_jq '.[] | select(.event == "stop") | .in_bytes')
    complete=$(records_get stop complete)
    [ "$complete" = true ] || [ -e "$WORLD/files/stays" ] || least=$(records_get stop tcp_in_bytes)
    # the RST, and what conntrack and TCP cannot tell from a repeated handshake (docs/identity.md)
    tap_ok "$CASE_NAME: $got of ${1%% *}, complete $complete" \
        [ $((got >= least && (got < ${1%% *} + 5000 || $([ "$complete" = false ]; echo $((! $?)))))) = 1 ]
}

world_enter "$@"
traffic_install
sshd_start

# thief NAME BYTES COMMAND...: alice's session, filled by COMMAND, and somebody who uses her port for BYTES
thief() {
    local moved

    case_begin "$1"
    rm -f "$WORLD/files/ready" "$WORLD/stolen"
    pump_begin "${FROM[@]}" "alice@$WORLD_SERVER4"
    # without its rules, TCP alone would know what she moved
    records_wait start 1
    await eval '! traffic_works'
    "${@:3}"
    await client_quiet
    moved=$(yardstick_read "$WORLD_CLIENT4")
    # who stays has done all when the close is allowed to read
    [ ! -e "$WORLD/files/stays" ] || gate_workers stays.gate
    world_spawn steal "$2"
    await test -e "$WORLD/files/ready"
    pkill -KILL -x socat
    exec 7>&-
    client_kill KILL
    await grep -q stole "$WORLD/stolen"
    if [ -e "$WORLD/files/stays" ]; then
        await client_quiet
        gate_open stays.gate
    fi
    honest "$moved"
    if [ -e "$WORLD/files/stays" ]; then
        gate_workers_end
        rm -f "$WORLD/files/stays"
    fi
    case_clean
}

keystrokes() {
    for ((i = 0; i < 30; i++)); do pump 10; done
}

thief 'keystrokes, and a thief' 14000 keystrokes
thief 'an upload, and a thief' 60000 pump 5000000
# whose segments are merged: TCP counts more of them than netfilter sees packets
: >"$WORLD/files/stays"
thief 'keystrokes, and a thief who stays' 30000 keystrokes

# who downloads, stops sshd, and comes back without a login with as much as was counted before the download
case_begin 'free traffic'
client_hold "${FROM[@]}" "alice@$WORLD_SERVER4" "head -c 5000000 /dev/zero; echo \$PPID >~/sshd"
await records_has start 1
kill -STOP "$(<"$WORLD/home/alice/sshd")"
pkill -KILL -x socat
client_kill KILL
await client_over "$WORLD_CLIENT4"
OUT=$(yardstick_read "$WORLD_CLIENT4" | cut -d ' ' -f 3)
for i in 1 2 3; do keys+=(-i "$WORLD/key$i") && ssh-keygen -q -t ed25519 -N '' -f "$WORLD/key$i"; done
world_in client ssh -F "$WORLD/ssh_config" -o IdentitiesOnly=yes "${keys[@]}" "${FROM[@]}" "alice@$WORLD_SERVER4" true 2>>"$WORLD/spawned"
await client_over "$WORLD_CLIENT4"
traffic_reap
records_age 120
traffic_reap
records_wait stop 1
GOT=$(records_jq '.[] | select(.event == "stop") | .out_bytes')
tap_ok "$CASE_NAME: $GOT of $OUT are on the bill" [ "$GOT" -ge "$OUT" ]
kill -CONT "$(<"$WORLD/home/alice/sshd")"
await sshd_is_alone
await traffic_idle
case_clean
tap_done
