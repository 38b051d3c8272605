#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IPv6 link-local addresses: the client names a scope, the socket has one, netfilter knows none.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

world_enter "$@"
traffic_install
sshd_start
yardstick_watch "$WORLD_CLIENT_LL"

for user in alice root; do
    case_begin "link-local, $user" "$WORLD_CLIENT_LL"
    tap_is "$CASE_NAME: the data came" \
        "$(client_ssh "$user@$WORLD_SERVER_LL%$WORLD_LINK" 'head -c 1000000 /dev/zero' | wc -c)" 1000000
    case_end "user=$user" family=ipv6 "local_addr=$WORLD_SERVER_LL" "rhost=$WORLD_CLIENT_LL%$WORLD_LINK"
done

tap_done
