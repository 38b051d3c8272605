#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sshfs: a mounted folder, written to and read from.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/clients.sh
. "$(dirname "$0")/../lib/clients.sh"

clients_need sshfs
world_enter "$@"
# /dev is the world's own; opening the device may still be denied (containers)
mknod -m 600 /dev/fuse c 10 229
{ : <>/dev/fuse; } 2>/dev/null || tap_skip_all '/dev/fuse cannot be opened here'
traffic_install
sshd_start
mount=$WORLD/files/mount
big=$WORLD/files/big
mkdir "$mount"
head -c 10000000 /dev/urandom >"$big"

case_begin 'sshfs, written and read'
install -o alice -m 644 "$big" "$WORLD/home/alice/there"
clients_background sshfs -f -o "ssh_command=$(clients_ssh)" "alice@$WORLD_SERVER4:" "$mount"
tap_ok "$CASE_NAME: mounted" await mountpoint -q "$mount"
tap_ok "$CASE_NAME: a file is read" cmp "$big" "$mount/there"
cp "$big" "$mount/new"
tap_ok "$CASE_NAME: a file is written" cmp "$big" "$WORLD/home/alice/new"
rm "$mount/new"
tap_not "$CASE_NAME: and removed" test -e "$WORLD/home/alice/new"
tap_is "$CASE_NAME: no stop while it is mounted" "$(records_count stop)" 0
umount "$mount"
wait "$WORLD_PID"
case_end user=alice

tap_done
