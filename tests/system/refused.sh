#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A module behind ours refuses the session: sshd does not close what it has not opened. The record ends with the
# connection all the same, by itself, and not when a reap comes.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

world_enter "$@"
traffic_install
pam_write sshd "$(pam_traffic_line)" 'session required pam_deny.so'
sshd_start

for user in alice root; do
    case_begin "$user: refused"
    tap_not "$CASE_NAME: the command does not run" client_ssh "$user@$WORLD_SERVER4" 'echo it runs; exit 0'
    tap_ok "$CASE_NAME: sshd says so" syslog_has 'pam_open_session\(\): '
    case_end "user=$user"
done
tap_done
