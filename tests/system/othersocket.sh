#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Another module of the stack keeps a TCP connection of its own open inside sshd, before ours looks
# for the client's: to a server nearby, and to the very host that the client comes from; with a
# descriptor above and one below the client's.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

serves() {
    world_in "$1" ss -Hltn 'sport = :389' | grep -q .
}

held() {
    world_in server ss -Htnp state established 'dport = :389' | grep -c sshd
}

world_enter "$@"
traffic_install
sshd_start
for side in server client; do
    world_spawn world_in "$side" socat TCP6-LISTEN:389,ipv6only=0,reuseaddr,fork PIPE
    await serves "$side"
done

for user in alice root; do
    for other in '127.0.0.1 389' '::1 389' "$WORLD_CLIENT4 389" "$WORLD_CLIENT4 389 0" "$WORLD_CLIENT6 389 0"; do
        pam_write sshd "session required $PAM_TRAFFIC_PAM_HOLD $other" "$(pam_traffic_line)"
        case_begin "connection to $other, $user"
        client_hold "$user@$WORLD_SERVER4" 'head -c 1000000 /dev/zero'
        tap_is "$CASE_NAME: sshd holds it" "$(held)" 1
        client_release
        case_end "user=$user" family=ipv4 local_port=22
    done
done

tap_done
