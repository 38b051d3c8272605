#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# File transfers: sftp put and get of 50 MB; scp in both directions and in both of its protocols.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

CLIENT_KEX=
world_enter "$@"
traffic_install
sshd_start
big=$WORLD/files/big
back=$WORLD/files/back
head -c 50000000 /dev/urandom >"$big"

case_begin 'sftp put and get of 50 MB'
client_sftp "alice@$WORLD_SERVER4" >/dev/null <<END
put $big copy
get copy $back
END
tap_ok "$CASE_NAME: the file came back" cmp "$big" "$back"
case_end user=alice

head -c 10000000 /dev/urandom >"$big"
case_begin 'scp up'
client_scp "$big" "alice@$WORLD_SERVER4:scp"
tap_ok "$CASE_NAME: the file is there" cmp "$big" "$WORLD/home/alice/scp"
case_end user=alice

case_begin 'scp down'
client_scp "alice@$WORLD_SERVER4:scp" "$back"
tap_ok "$CASE_NAME: the file came back" cmp "$big" "$back"
case_end user=alice

case_begin 'scp in its old protocol'
client_scp -O "$big" "alice@$WORLD_SERVER4:scp"
case_end user=alice

tap_done
