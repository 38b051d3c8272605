#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What people use today: traffic of SSH logins by pam_exec and a shell script, for comparison.
#
# It does what is published for it: the sshd process is asked for its sockets (find), they are looked
# up in the kernel's tables (awk), the addresses are turned around (perl), the traffic so far comes
# from conntrack, and two rules count from there on. At the end of the session the rules are read and
# removed. Rules and log are its own: chains BENCH_IN and BENCH_OUT of table filter, $state.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
state=/run/world/pam_exec
iptables='iptables-legacy -w'

# 0100007F:0016 -> 127.0.0.1:22, also of a v4-mapped address in tcp6
parse_address() {
    case $1 in
    00000000000000000000000000000000:* | 00000000:*) return ;;
    0000000000000000FFFF0000*) set -- "${1#0000000000000000FFFF0000}" ;;
    esac
    printf '%s:%s\n' \
        "$(printf %s "${1%:*}" | perl -ne 'print join(".", map(ord, reverse(split(//, pack("H*", $_)))))')" \
        "$(printf %s "${1#*:}" | perl -ne 'print hex($_)')"
}

begin() {
    remote=
    for inode in $(find "/proc/$PPID/fd" -type l -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n'); do
        row=$(awk -v inode="$inode" '$10 == inode { print $2, $3 }' /proc/net/tcp /proc/net/tcp6)
        [ -n "$row" ] || continue
        local=$(parse_address "${row% *}")
        remote=$(parse_address "${row#* }")
        [ -z "$remote" ] || break
    done
    [ -n "$remote" ] || exit 0

    match="src=${remote%:*} dst=${local%:*} sport=${remote#*:} dport=${local#*:}"
    traffic=$(conntrack -L -p tcp -o extended 2>/dev/null | awk -v match_="$match " '
        index($0, match_) { for (i = 1; i <= NF; i++) if ($i ~ /^(packets|bytes)=/) printf "%s ", $i }')

    $iptables -A BENCH_IN -p tcp -s "${remote%:*}" --sport "${remote#*:}" -d "${local%:*}" --dport "${local#*:}"
    $iptables -A BENCH_OUT -p tcp -s "${local%:*}" --sport "${local#*:}" -d "${remote%:*}" --dport "${remote#*:}"
    echo "$local $remote" >"$state/$PPID"
    echo "$PPID $PAM_USER $local $remote begin $traffic" >>"$state/log"
}

end() {
    read -r local remote <"$state/$PPID" || exit 0
    rm -f "$state/$PPID"
    traffic=$(for chain in BENCH_IN BENCH_OUT; do $iptables -nvxL $chain; done | awk -v port="${remote#*:}" '
        index($0 " ", "pt:" port " ") || index($0 " ", "spt:" port " ") { printf "%s %s ", $1, $2 }')
    $iptables -D BENCH_IN -p tcp -s "${remote%:*}" --sport "${remote#*:}" -d "${local%:*}" --dport "${local#*:}"
    $iptables -D BENCH_OUT -p tcp -s "${local%:*}" --sport "${local#*:}" -d "${remote%:*}" --dport "${remote#*:}"
    echo "$PPID $PAM_USER $local $remote end $traffic" >>"$state/log"
}

case $PAM_TYPE in
open_session) begin ;;
close_session) end ;;
esac
