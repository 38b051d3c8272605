#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A login as root has no separate child in OpenSSH 9.2: the process that opened the PAM session
# serves the session itself.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

world_enter "$@"
traffic_install
sshd_start

case_begin 'root'
parent=$(client_ssh "root@$WORLD_SERVER4" 'echo $PPID')
# sshd hears that the client is done before its FIN is there, and may be the first to close
case_end user=root uid=0 'stop.terminate_cause=User-Request|Admin-Reset'
# OpenSSH 9.2; later releases may separate root's sessions too
tap_diag "sshd that opened the PAM session: $(syslog_accepted pid), parent of the shell: $parent"

case_begin 'root, data both ways'
head -c 5000000 /dev/urandom >"$WORLD/files/big"
client_pipe "root@$WORLD_SERVER4" cat <"$WORLD/files/big" >"$WORLD/files/back"
tap_ok "$CASE_NAME: the data came back" cmp "$WORLD/files/big" "$WORLD/files/back"
case_end user=root uid=0

tap_done
