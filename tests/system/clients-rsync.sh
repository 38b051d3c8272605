#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# rsync over ssh: a folder up, a change, and down again.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/clients.sh
. "$(dirname "$0")/../lib/clients.sh"

clients_need rsync
world_enter "$@"
traffic_install
sshd_start
host=alice@$WORLD_SERVER4
up=$WORLD/files/up
mkdir "$up"
head -c 10000000 /dev/urandom >"$WORLD/files/big"
split -n 50 "$WORLD/files/big" "$up/"

with_rsync() {
    clients_run rsync -e "$(clients_ssh)" "$@" 2>>"$WORLD/spawned"
}

case_begin 'rsync, a folder up'
tap_ok "$CASE_NAME: it ran" with_rsync -a "$up/" "$host:copy"
tap_ok "$CASE_NAME: it is there" diff -r "$up" "$WORLD/home/alice/copy"
case_end user=alice

# the whole folder is compared, little is sent
case_begin 'rsync, a change'
printf 'more\n' >>"$up/aa"
tap_ok "$CASE_NAME: it ran" with_rsync -a --checksum "$up/" "$host:copy"
tap_ok "$CASE_NAME: it is there" diff -r "$up" "$WORLD/home/alice/copy"
case_end user=alice
tap_ok "$CASE_NAME: less came in than the folder has" test "$(records_get stop in_bytes)" -lt 1000000

case_begin 'rsync, down, compressed'
tap_ok "$CASE_NAME: it ran" with_rsync -az "$host:copy/" "$WORLD/files/down"
tap_ok "$CASE_NAME: it came back" diff -r "$up" "$WORLD/files/down"
case_end user=alice

tap_done
