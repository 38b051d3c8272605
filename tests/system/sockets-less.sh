#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets where something is missing: root, accounting, conntrack, the folder of the
# sessions; and processes that vanish meanwhile. What can be shown is shown, what is not known is null,
# and one line says what is missing and what to do.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/sockets.sh
. "$HARNESS_LIB/sockets.sh"

# as_alice ARG...: without root, what it says on standard error is in WORLD/sockets.err
as_alice() {
    world_in server env -i LC_ALL=C setpriv --reuid=alice --regid=alice --clear-groups --inh-caps=-all \
        "$WORLD/pam_traffic" sockets --config "$TRAFFIC_CONFIG" "$@" 2>"$WORLD/sockets.err"
}

# says NAME PATTERN...: there is one line for each, with what to do behind a semicolon, and nothing else
says() {
    local name=$1 pattern

    shift
    sed -i '/nf_conntrack_timestamp/d' "$WORLD/sockets.err"
    for pattern; do
        tap_is "$name: one line says $pattern" "$(grep -c -E "^pam_traffic: .*$pattern.*[;:] " "$WORLD/sockets.err")" 1
    done
    tap_is "$name: and no other" "$(wc -l <"$WORLD/sockets.err")" $#
}

CELLS='"\(.user) \(.uid) \(.pid) \(.program) \(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets) \(.session)"'

# is NAME SELECT WANTED COMMAND...
is() {
    local got

    "${@:4}" --json >"$WORLD/files/rows"
    tap_is "$1: status" "$?" 0
    got=$(jq -r ".sockets[] | select($2) | $CELLS" "$WORLD/files/rows")
    tap_is "$1: what is known, and null" "$got" "$3"
}

pair() {
    sockets_agent "$1" server listen tcp 0.0.0.0 "$2" touch "$2-listens" accept recv 1000 send 2000 touch "$2-done" await end
    sockets_await "$2-listens"
    sockets_agent root client connect tcp "$WORLD_SERVER4" "$2" send 1000 recv 2000 await end
    sockets_await "$2-done"
}

sockets_enter "$@"
traffic_configure

# nothing was set up: this namespace has no conntrack
pair alice 7001
alice=$(world_in server ss -Htnp state established 'sport = :7001' | sed 's/.*pid=\([0-9]*\).*/\1/')
program=$(cat "/proc/$alice/comm")
is 'no conntrack' '.local_port == 7001' "alice 20001 $alice $program null null null null null" sockets
says 'no conntrack' 'bytes are known, because .*conntrack'

traffic_install
world_in server sysctl -qw net.netfilter.nf_conntrack_acct=0
pair alice 7002
alice=$(world_in server ss -Htnp state established 'sport = :7002' | sed 's/.*pid=\([0-9]*\).*/\1/')
is 'accounting is off' '.local_port == 7002' "alice 20001 $alice $program null null null null null" sockets
says 'accounting is off' 'bytes of new connections .*nf_conntrack_acct is 0'
world_in server sysctl -qw net.netfilter.nf_conntrack_acct=1
is 'accounting was off when it began' '.local_port == 7002' "alice 20001 $alice $program null null null null null" sockets
says 'accounting was off when it began' 'bytes of some connections are not known, because they began before'
tap_is 'accounting was off: --by has no numbers of its own' \
    "$(sockets_jq '.sums[] | select(.port == 7002) | "\(.sockets) \(.in_bytes) \(.out_packets)"' --by port)" '1 null null'

yardstick_port 7003 4 tcp local 7003
pair alice 7003
alice=$(world_in server ss -Htnp state established 'sport = :7003' | sed 's/.*pid=\([0-9]*\).*/\1/')
pair bob 7004
mkdir -p "$RECORDS_STATE/sessions"
chmod 700 "$RECORDS_STATE"
sockets_exact 'all is there' '.local_port == 7003' 7003
is 'not root: own socket' '.local_port == 7003' "alice 20001 $alice $program null null null null null" as_alice
is 'not root: another user' '.local_port == 7004' 'bob 20002 null null null null null null null' as_alice
says 'not root' 'bytes are known, because you may not read conntrack' 'program and pid of some sockets' \
    'sessions of the sockets are not known: cannot read '
as_alice --columns user,local_port >"$WORLD/files/table"
tap_is 'not root, a table' "$? $(grep -c '700[34]' "$WORLD/files/table")" '0 2'

# a state folder that is not there
printf 'state_dir = %s\n' "$WORLD/nowhere" >"$WORLD/other.conf"
world_in server env -i LC_ALL=C "$WORLD/pam_traffic" sockets --config "$WORLD/other.conf" --json --port 7003 \
    >"$WORLD/files/rows" 2>"$WORLD/sockets.err"
tap_is 'no state folder' "$? $(jq -r '.sockets[].user' "$WORLD/files/rows")" '0 alice'

# a configuration that is not there is an error: it was named
sockets --config "$WORLD/none.conf" >"$WORLD/files/rows"
tap_is 'no configuration: status, lines' "$? $(wc -l <"$WORLD/sockets.err")" '1 1'

# processes and sockets that vanish while we look
sockets_agent alice server listen tcp 0.0.0.0 7005 touch 7005-listens serve 2000 10
sockets_await 7005-listens
sockets_agent bob client burst 2000 "$WORLD_SERVER4" 7005 10 touch 7005-done
looks=0 failed=''
until [ -e "$SOCKETS_SIGNALS/7005-done" ]; do
    (exec true) & # a process that is gone at once
    sockets_json >"$WORLD/files/rows" || failed+="status $?; "
    jq -e '.sockets | length > 0' "$WORLD/files/rows" >/dev/null || failed+="rows: $(head -c 300 "$WORLD/files/rows"); "
    failed+=$(grep -v -e timestamp -e 'began before' "$WORLD/sockets.err")
    looks=$((looks + 1))
done
tap_is "vanishing while we look, $looks times" "$failed" ''
sockets_signal end
sockets_over
