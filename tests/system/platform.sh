#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What all other tests lean on: without our module, the server's conntrack counters of an SSH
# connection equal the client's iptables counters, to the byte and the packet, and sshd runs in
# the world of the harness (with the sanitizer runtime too, where the build has it).
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# prints in the order of yardstick_read
conntrack_read() {
    local family=ipv4

    [ "$1" = "$WORLD_CLIENT4" ] || family=ipv6
    world_in server conntrack -L -f "$family" -p tcp -s "$1" 2>/dev/null | perl -ne '
        print "$2 $1 $4 $3\n" if /packets=(\d+) bytes=(\d+) .*packets=(\d+) bytes=(\d+)/'
}

exact() {
    case_settle
    tap_is "$CASE_NAME: conntrack is the yardstick" "$(conntrack_read "$CASE_ADDR")" "$(yardstick_read "$CASE_ADDR")"
    world_in server conntrack -F 2>/dev/null
}

world_enter "$@"
pam_write sshd
for tables in iptables-legacy ip6tables-legacy; do
    world_in server "$tables" -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
done
world_in server sysctl -qw net.netfilter.nf_conntrack_acct=1
yardstick_watch "$WORLD_CLIENT4"
yardstick_watch "$WORLD_CLIENT6"
sshd_start
head -c 10000000 /dev/urandom >"$WORLD/files/big"

case_begin 'true over IPv4'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
tap_is "$CASE_NAME: sshd logged it" "$(syslog_accepted user)" alice
exact

case_begin 'true over IPv6' "$WORLD_CLIENT6"
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER6" true
exact

case_begin 'sftp put and get'
client_sftp "alice@$WORLD_SERVER4" >/dev/null <<END
put $WORLD/files/big copy
get copy $WORLD/files/back
END
tap_ok "$CASE_NAME: the file came back" cmp "$WORLD/files/big" "$WORLD/files/back"
exact

case_begin 'killed client'
world_spawn client_ssh "alice@$WORLD_SERVER4" 'cat /dev/zero'
await syslog_has 'Starting session'
client_kill KILL
exact

tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
