#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The users' ledger under attack: a user in namespaces of his own is nobody else; nobody but root can read or change what
# was counted.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# moved USER    what a user's records since the mark say
moved() {
    ledger_read "select(.user == \"$1\")"
}

# own MAP PROTOCOL    as bob, in namespaces of his own where he is the uids of MAP: both ends of some traffic
own() {
    ledger_as bob "$BASH" -c '
        export PATH NOTES
        exec unshare --user --net --keep-caps "$@"' - "$1" -- "$BASH" -c '
        ip link set lo up
        [ -z "${NOTES:-}" ] || echo "$NOTES" >/proc/sys/net/core/optmem_max
        rm -f ready
        perl "$1" "$2" 127.0.0.1 7000 5 50000 >ready &
        until grep -q ready ready 2>/dev/null; do sleep 0.02; done
        perl "$1" "$3" 127.0.0.1 7000 5 ${4:-50000} || { kill %1; exit 1; }
        wait' - "$LEDGER_PEERS" "${@:2}"
}

# without_notes PROTOCOL    the same where the kernel has no memory for what is noted of sockets
without_notes() {
    NOTES=0 own --map-root-user "$@"
}

# multipath    the same over MPTCP
multipath() {
    LD_PRELOAD=$PAM_TRAFFIC_MPTCP_LIBRARY own "$1" serve connect
}

world_enter "$@"
traffic_install
ledger_install
cd "$WORLD/home/bob" || exit 1
sysctl -qw user.max_user_namespaces=10000 2>/dev/null

if ! ledger_as bob unshare --user --map-root-user true 2>/dev/null; then
    tap_skip 'namespaces of users' 'this host lets no user make one'
else
    # whatever he is in there: root, another user's number, nobody
    for map in '--map-root-user' '--map-user=20001' '--map-user=0' '--map-user=65534'; do
        for protocol in 'serve connect' 'echo ask 1000'; do
            ledger_mark
            # shellcheck disable=SC2086  # words
            tap_ok "bob, $map, $protocol: it flowed" own "$map" $protocol
            read -r ib _ ob _ < <(moved bob)
            tap_ok "bob, $map, $protocol: it is his" test "$ib" -gt 4000 -a "$ob" -gt 4000
            tap_is "bob, $map, $protocol: nothing is alice's" "$(moved alice)" '0 0 0 0'
        done
    done
    # in a network namespace of his own he may leave no memory for notes on sockets
    for kind in 'serve connect' 'echo ask 1000'; do
        ledger_mark
        # shellcheck disable=SC2086  # words
        tap_ok "bob, no notes, $kind: it flowed" without_notes $kind
        read -r ib _ ob _ < <(moved bob)
        tap_ok "bob, no notes, $kind: it is his" test "$ib" -gt 4000 -a "$ob" -gt 4000
        tap_is "bob, no notes, $kind: nothing is nobody's" "$(ledger_read 'select(.user == null)')" '0 0 0 0'
    done
    ledger_mark
    tap_ok 'bob, a raw socket: sent' ledger_as bob unshare --user --map-root-user --net sh -c '
        ip link set lo up && echo 0 >/proc/sys/net/core/optmem_max
        "$0" raw 127.0.0.1 10' "$PAM_TRAFFIC_LEDGER_TOOL"
    read -r _ _ _ op < <(moved bob)
    tap_ok 'bob, a raw socket: it is his' test "$op" -ge 10
    tap_is 'bob, a raw socket: it is not the kernel'"'"'s' "$(ledger_read 'select(.socket_owner == "kernel")' | cut -d ' ' -f 3)" 0

    ledger_mark
    tap_ok 'bob as alice over MPTCP: it flowed' multipath --map-user=20001
    tap_is 'bob as alice over MPTCP: nothing is hers' "$(moved alice)" '0 0 0 0'
    read -r ib _ ob _ < <(ledger_read 'select(.user == "bob" or .socket_owner == "unknown")')
    tap_ok 'bob as alice over MPTCP: it is his, or unknown' test "$ib" -gt 200000 -a "$ob" -gt 200000
fi

# nobody but root
tap_not 'a user cannot see the maps' ledger_as alice ls /sys/fs/bpf/pam_traffic
tap_not 'a user cannot read them' ledger_as alice "$PAM_TRAFFIC_LEDGER_TOOL" rows
tap_not 'a user cannot take them away' ledger_as alice rm -rf /sys/fs/bpf/pam_traffic

tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
