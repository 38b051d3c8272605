#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets, asked of the kernel (BPF) and read from /proc, which is the way where BPF is not
# allowed: the same sockets, users, processes and bytes, also in a pid namespace, with processes that share
# a socket, and sockets of another network namespace.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

# rows NAME COMMAND...: all rows, but for the order of equal ones. Under strace there is no look for leaks.
rows() {
    world_in server env -i LC_ALL=C "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli:detect_leaks=0" "${@:2}" "$WORLD/pam_traffic" sockets \
        --config "$TRAFFIC_CONFIG" --listen --json 2>"$WORLD/sockets.err" |
        jq -c '.sockets[]' | sort >"$WORLD/files/$1"
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

rows proc setpriv --bounding-set=-bpf,-perfmon,-sys_admin
rows told strace -f -e trace=bpf -o "$WORLD/files/calls"
if ! grep -q BPF_ITER_CREATE "$WORLD/files/calls"; then
    tap_diag 'BPF is not in this build, or not possible here: /proc twice'
fi
tap_is 'the same rows' "$(diff "$WORLD/files/proc" "$WORLD/files/told")" ''
tap_is 'and they are there' "$(jq -r '[.local_port, .proto, .state, .user, .pid != null] | map(tostring) | join(" ")' \
    "$WORLD/files/told" | sort | uniq -c | awk '{ $1 = $1; print }')" \
    '1 7001 tcp established alice true
1 7001 tcp listen alice true
1 7002 udp unconnected bob true
5 7003 tcp time_wait null false'
sockets_adds_up 'the sum'
sockets_signal end
sockets_over
