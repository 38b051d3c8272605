#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets where the kernel has no socket diagnosis, and reads /proc/net instead: the same sockets, users,
# processes and bytes. Whose a socket is that no process of this network namespace has, or a thread alone; and that a
# file system that does not answer holds up nobody.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

: "${PAM_TRAFFIC_DENY_LIBRARY:=}"

# rows NAME VARIABLE...: all rows, but for the order of equal ones
rows() {
    world_in server env -i LC_ALL=C "${@:2}" "$WORLD/pam_traffic" sockets --config "$TRAFFIC_CONFIG" --listen --json \
        2>"$WORLD/sockets.err" | jq -c '.sockets[]' | sort >"$WORLD/files/$1"
    tap_is "$1: nothing on standard error" "$(grep -v timestamp "$WORLD/sockets.err")" ''
}

sockets_enter "$@"
traffic_install
sockets_agent alice server listen tcp :: 7001 touch 7001-listens accept fork recv 1000 send 2000 touch 7001-done await end
sockets_await 7001-listens
sockets_agent bob client connect tcp "$WORLD_SERVER4" 7001 send 1000 recv 2000 await end
sockets_agent bob server listen udp 0.0.0.0 7002 touch 7002-listens collect 3 touch 7002-done await end
sockets_await 7002-listens
sockets_agent alice client connect udp "$WORLD_SERVER4" 7002 datagrams 3 100 await end
sockets_agent alice server listen tcp 0.0.0.0 7003 touch 7003-listens serve 5 3000
sockets_await 7003-listens
sockets_agent bob client burst 5 "$WORLD_SERVER4" 7003 3000 touch 7003-done
for signal in 7001-done 7002-done 7003-done; do
    sockets_await "$signal"
done
sockets_quiet

rows told
rows proc "LD_PRELOAD=${PAM_TRAFFIC_PRELOAD:+$PAM_TRAFFIC_PRELOAD:}$PAM_TRAFFIC_DENY_LIBRARY" PAM_TRAFFIC_DENY=sock_diag
tap_is 'the same rows' "$(diff "$WORLD/files/proc" "$WORLD/files/told")" ''
tap_is 'and they are there' "$(jq -r '[.local_port, .proto, .state, .user, .pid != null] | map(tostring) | join(" ")' \
    "$WORLD/files/told" | sort | uniq -c | awk '{ $1 = $1; print }')" \
    '1 7001 tcp established alice true
1 7001 tcp listen alice true
1 7002 udp unconnected bob true
5 7003 tcp time_wait null false'
sockets_adds_up 'the sum'

# holder NAME STEP: a process of root's with a connection of its own; the step is Python, and makes it
holder() {
    world_in server python3 -c 'import ctypes, os, socket, sys, threading, time

def connect():
    global connection, port
    connection = socket.create_connection((sys.argv[1], 7004))
    port = connection.getsockname()[1]

def unshare(what):
    if ctypes.CDLL(None, use_errno=True).unshare(what):
        os._exit(1)

'"$2"'
open(sys.argv[2], "w").write(str(port))
os.rename(sys.argv[2], sys.argv[3])
time.sleep(3600)' "$WORLD_SERVER4" "$WORLD/files/port" "$SOCKETS_SIGNALS/$1"
}

# held FILE: who has the connection from the port that the file has
held() {
    sockets_rows ".local_port == $(<"$1")" '"\(.program) \(.pid == null)"'
}

sockets_agent alice server listen tcp 0.0.0.0 7004 touch 7004-listens await end
sockets_await 7004-listens
world_spawn holder left 'connect()
unshare(0x40000000)'
sockets_await left
tap_is 'a process that has left for another network namespace' "$(held "$SOCKETS_SIGNALS/left")" 'python3 false'

world_spawn holder thread 'made = threading.Event()
def run():
    unshare(0x400)
    connect()
    made.set()
    time.sleep(3600)
threading.Thread(target=run, daemon=True).start()
made.wait()'
sockets_await thread
tap_is 'a thread with descriptors of its own' "$(held "$SOCKETS_SIGNALS/thread")" 'python3 false'

# /dev is the world's own; opening the device may still be denied (containers)
mknod -m 600 /dev/fuse c 10 229
if { : <>/dev/fuse; } 2>/dev/null; then
    mkdir "$WORLD/stalled"
    world_spawn world_in server python3 "$HARNESS_LIB/stalled.py" "$WORLD/stalled" "$WORLD_SERVER4" 7004
    await test -e "$WORLD/stalled.ready"
    world_spawn stat "$WORLD/stalled/file"
    tap_ok 'a file system that does not answer' await test -s "$WORLD/stalled.asked"
    asked=$(wc -l <"$WORLD/stalled.asked")
    tap_is 'a process with a file open there' "$(held "$WORLD/stalled.ready")" 'python3 false'
    tap_is 'it was not asked' "$(wc -l <"$WORLD/stalled.asked")" "$asked"
    umount -l "$WORLD/stalled"
else
    tap_diag '/dev/fuse cannot be opened here: no file system that does not answer'
fi
sockets_signal end
sockets_over
