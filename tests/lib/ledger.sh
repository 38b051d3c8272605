# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The users' ledger in a world: the kernel counts the processes of this world, and none of the host.
#
#   ledger_install [KEY=VALUE...]   after traffic_install: the configuration with the ledger, and setup. The server's
#                              network namespace is the one in which sockets are asked for their uid
#   ledger_try [KEY=VALUE...]  the same; fails where this host cannot
#   ledger_setup               the helper's verb, where the root of cgroup2 is the world's group
#   ledger_at_root COMMAND...  runs it there
#   ledger_resends EARLY MIN   how TCP sends again in both network namespaces (tcp_early_retrans, tcp_rto_min_us); in a
#                              world with the ledger it does so late, because no packet is lost there
#   ledger_mark                from here on ...
#   ledger_read FILTER         reaps; prints the sums of the deltas of the records since the mark whose object the filter
#                              of jq selects: in_bytes in_packets out_bytes out_packets
#   ledger_last FILTER KEY...  reaps; prints these keys of the last such record
#   ledger_as USER COMMAND...  runs it as that user, with no other groups, in the server's network namespace
#   ledger_rows [FILTER]       what is in the kernel's map: ledger_tool's lines, of which awk's filter selects
#   ledger_begin 4|6 tcp|udp   another LEDGER_PORT of the server and yardstick for it, p$LEDGER_PORT; and a mark
#   ledger_serving USER ARG... the server's end of system/ledger.pl in the background, as that user; comes back when it
#                              listens. LEDGER_SERVING is its pid
#   ledger_asks ARG...         the client's end
#   ledger_exact NAME USER YARDSTICK   a case: that user's records since the mark are what the peer counted
#
# The script and all that it starts are in a group of their own below the host's cgroup2, which goes with the world; what
# a killed test has left is taken away by the next one.

LEDGER_GROUP=
LEDGER_FROM=1
LEDGER_PORT=7000
LEDGER_PEERS=${HARNESS_LIB%/lib}/system/ledger.pl
LEDGER_SERVING=
: "${PAM_TRAFFIC_LEDGER:=}" "${PAM_TRAFFIC_LEDGER_TOOL:=}"
PAM_TRAFFIC_LEDGER_PATH=${PAM_TRAFFIC_HELPER_PATH%/*}/pam_traffic_ledger

# where cgroup2 is
ledger_root() {
    local folder

    for folder in /sys/fs/cgroup /sys/fs/cgroup/unified; do
        [ "$(stat -fc %T "$folder" 2>/dev/null)" != cgroup2fs ] || printf '%s\n' "$folder"
    done
}

# groups, and what is below them
ledger_remove() {
    find "$@" -depth -type d -delete 2>/dev/null
}

ledger_group() {
    local group root

    root=$(ledger_root)
    for group in "$root"/pam_traffic_test_*; do
        # in those of tests that run now there are processes
        grep -qs 'populated 1' "$group/cgroup.events" || ledger_remove "$group"
    done
    LEDGER_GROUP=$root/pam_traffic_test_$WORLD_ID
    await ledger_group_begin
}

# one that nobody is in yet, another test may take away
ledger_group_begin() {
    mkdir -p "$LEDGER_GROUP" && echo $$ >"$LEDGER_GROUP/cgroup.procs"
} 2>/dev/null

# no process of the world is needed any more
ledger_leave() {
    echo $$ >"${LEDGER_GROUP%/*}/cgroup.procs"
    # bash is not to tell of each
    disown -a
    echo 1 >"$LEDGER_GROUP/cgroup.kill" 2>/dev/null
    await ledger_remove "$LEDGER_GROUP"
}

ledger_at_root() {
    # shellcheck disable=SC2016  # the inner shell's
    unshare --cgroup --mount -- "$BASH" -c '
        mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup && mkdir /sys/fs/cgroup/unified &&
            mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified &&
            exec nsenter --net="$0" -- env -i "$@"' "/run/netns/server-$WORLD_ID" "$@"
}

ledger_setup() {
    ledger_at_root "$PAM_TRAFFIC_HELPER_PATH" setup --config "$TRAFFIC_CONFIG"
}

ledger_resends() {
    local namespace

    for namespace in server client; do
        world_in "$namespace" sysctl -qw net.ipv4.tcp_early_retrans="$1" net.ipv4.tcp_rto_min_us="$2" 2>/dev/null
    done
}

ledger_try() {
    [ -n "$PAM_TRAFFIC_LEDGER" ] && [ -n "$(ledger_root)" ] && ledger_group || return
    # what is sent twice on a busy machine may come to a socket that is gone
    ledger_resends 0 10000000
    umount -l /sys/fs/bpf
    mount -t bpf -o mode=700 bpf /sys/fs/bpf &&
        install -m 755 "$PAM_TRAFFIC_LEDGER" "$PAM_TRAFFIC_LEDGER_PATH" &&
        traffic_configure users=yes interim_interval=1us "$@" &&
        ledger_setup &&
        [ -e /sys/fs/bpf/pam_traffic/link_out ]
}

ledger_install() {
    [ -n "$PAM_TRAFFIC_LEDGER" ] || tap_skip_all 'built without clang and libbpf'
    [ -n "$(ledger_root)" ] || tap_skip_all 'this host has no cgroup2'
    ledger_try "$@" || tap_bail 'the kernel does not count'
    rules_snapshot
}

ledger_all() {
    grep -a -F '"event":"user"' "$RECORDS_LOG" 2>/dev/null
}

ledger_mark() {
    traffic_reap
    LEDGER_FROM=$(($(ledger_all | wc -l) + 1))
}

ledger_since() {
    ledger_all | tail -n "+$LEDGER_FROM"
}

ledger_read() {
    local before after

    # packets are given back after their programs are gone: until two readings are the same
    after=$(ledger_read_once "$1")
    until before=$after && sleep 0.05 && after=$(ledger_read_once "$1") && [ "$before" = "$after" ]; do :; done
    printf '%s\n' "$after"
}

ledger_read_once() {
    traffic_reap
    # the packets of one record are its totals less those of the one before
    ledger_all | jq -s -r --argjson from "$LEDGER_FROM" "
        INDEX(\"\(.session) \(.seq)\") as \$all | .[\$from - 1:][] | select($1) | . as \$r |
            (\$all[\"\(.session) \(.seq - 1)\"] // { in_packets: 0, out_packets: 0 }) as \$b |
            [ .delta_in_bytes, .in_packets - \$b.in_packets, .delta_out_bytes, .out_packets - \$b.out_packets ]" |
        jq -s -r "[ range(4) as \$i | map(.[\$i]) | add // 0 ] | map(tostring) | join(\" \")"
}

ledger_last() {
    local filter=$1 keys

    shift
    keys=$(printf '.%s, ' "$@")
    traffic_reap
    ledger_since | jq -s -r "[ .[] | select($filter) ] | last | [ ${keys%, } ] | map(tostring) | join(\" \")"
}

ledger_as() {
    world_in server setpriv --reuid="$1" --regid="$1" --clear-groups -- "${@:2}"
}

ledger_rows() {
    "$PAM_TRAFFIC_LEDGER_TOOL" rows | awk "${1:-1}"
}

ledger_begin() {
    LEDGER_PORT=$((LEDGER_PORT + 1))
    yardstick_port "p$LEDGER_PORT" "$1" "$2" local "$LEDGER_PORT"
    ledger_mark
}

ledger_serving() {
    : >"$WORLD/serving"
    ledger_as "$1" perl "$LEDGER_PEERS" "${@:2}" >"$WORLD/serving" 2>>"$WORLD/spawned" </dev/null &
    LEDGER_SERVING=$!
    await grep -q '^ready$' "$WORLD/serving"
}

ledger_asks() {
    world_in client perl "$LEDGER_PEERS" "$@"
}

ledger_exact() {
    local got wanted

    got=$(ledger_read "select(.user == \"$2\")")
    wanted=$(yardstick_port_read "$3")
    tap_is "$1: $2 moved what the peer counted" "$got" "$wanted"
    tap_not "$1: and that is something" test "$wanted" = '0 0 0 0'
}
