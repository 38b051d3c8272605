#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets tells how far it is when a look takes more than a second, in one line of a terminal
# that is gone at the end; and nowhere else. conntrack's answer is held back here, so that it takes that long.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

sockets_enter "$@"
type -P script >/dev/null || tap_bail 'script is missing'
traffic_install
sockets_agent alice server listen tcp 0.0.0.0 7001 touch 7001-listens accept recv 1000 send 2000 touch 7001-done await end
sockets_await 7001-listens
sockets_agent bob client connect tcp "$WORLD_SERVER4" 7001 send 1000 recv 2000 await end
sockets_await 7001-done

# under strace there is no look for leaks
cat >"$WORLD/slow" <<END
#!/bin/sh
export LC_ALL=C ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli:detect_leaks=0
exec strace -f -o /dev/null -e trace=recvmsg -e inject=recvmsg:delay_enter=1500000:when=1 \\
    "$WORLD/pam_traffic" sockets --config "$TRAFFIC_CONFIG" --json >"$WORLD/files/rows"
END
chmod 755 "$WORLD/slow"

escape=$'\e'
world_in server script -qec "$WORLD/slow" /dev/null </dev/null >"$WORLD/files/terminal"
tap_is 'a terminal: the rows are there' "$(jq '.sockets | length' "$WORLD/files/rows")" 1
tap_ok 'a terminal: what is read' grep -q "pam_traffic: reading [a-z ]*: [0-9]*${escape}\[K" "$WORLD/files/terminal"
# what is left of the line after the last carriage return that begins one
tap_is 'a terminal: the line is gone at the end' \
    "$(tr -d '\n' <"$WORLD/files/terminal" | sed "s/.*reading [a-z ]*: [0-9]*${escape}\[K//" | tr '\r' '@' | cut -c 1-4)" "@${escape}[K"
world_in server "$WORLD/slow" 2>"$WORLD/files/err"
tap_is 'no terminal: the rows are there' "$(jq '.sockets | length' "$WORLD/files/rows")" 1
tap_is 'no terminal: nothing of it' "$(grep -c -e reading -e "$escape" "$WORLD/files/err")" 0
sockets_signal end
sockets_over
