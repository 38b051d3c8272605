#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lftp: put and get, a folder, and one file over several connections at once.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/clients.sh
. "$(dirname "$0")/../lib/clients.sh"

clients_need lftp
world_enter "$@"
traffic_install
sshd_start
big=$WORLD/files/big
back=$WORLD/files/back
head -c 10000000 /dev/urandom >"$big"

# with_lftp COMMANDS
with_lftp() {
    clients_run lftp --norc -c "set cmd:fail-exit yes; set net:max-retries 1; set net:timeout 300
        set sftp:connect-program '$(clients_ssh) -a -x'
        open -u alice, sftp://$WORLD_SERVER4
        $1" </dev/null >>"$WORLD/spawned" 2>&1
}

case_begin 'lftp, put and get'
with_lftp "put $big -o copy; get copy -o $back"
tap_ok "$CASE_NAME: the file came back" cmp "$big" "$back"
case_end user=alice

case_begin 'lftp, a folder up'
mkdir "$WORLD/files/folder"
split -n 50 "$big" "$WORLD/files/folder/"
with_lftp "mirror -R $WORLD/files/folder folder"
tap_ok "$CASE_NAME: it is there" diff -r "$WORLD/files/folder" "$WORLD/home/alice/folder"
case_end user=alice

# slowly, or it has all of the file before the other connections have logged in, and drops them
case_begin 'lftp, one file in three parts'
rm "$back"
with_lftp "set net:limit-rate 500K; pget -n 3 copy -o $back"
tap_ok "$CASE_NAME: the file came back" cmp "$big" "$back"
clients_end user=alice

tap_done
