#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# su and sudo inside a session, and outside of any: no record, even with the module in their stacks
# and told to serve them. The user's own session stays one.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# su and sudo would have to be started with the runtime, too
[ -z "$PAM_TRAFFIC_PRELOAD" ] || tap_skip_all 'su and sudo cannot load a module with sanitizers'
world_enter "$@"
traffic_install
pam_write su "$(pam_traffic_line service=su service=sudo service=sshd)"
pam_write sudo "$(pam_traffic_line service=su service=sudo service=sshd)"
printf '%s\n' 'root ALL=(ALL) ALL' 'alice ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers
chmod 440 /etc/sudoers
sshd_start

case_begin 'sudo in a session'
tap_is "$CASE_NAME: it ran" "$(client_ssh "alice@$WORLD_SERVER4" 'sudo -n id -un')" root
tap_is "$CASE_NAME: with its PAM session" "$(syslog_count 'pam_unix\(sudo:session\): session opened')" 1
case_end user=alice service=sshd

case_begin 'su in a session'
tap_is "$CASE_NAME: it ran" "$(client_ssh "root@$WORLD_SERVER4" 'su bob -c "id -un"')" bob
tap_is "$CASE_NAME: with its PAM session" "$(syslog_count 'pam_unix\(su:session\): session opened')" 1
case_end user=root service=sshd

case_begin 'su on a terminal, with sudo in it'
tap_is "$CASE_NAME: it ran" \
    "$(client_ssh -tt "root@$WORLD_SERVER4" 'su - alice -c "sudo -n id -un"' | tr -d '\r')" root
case_end user=root service=sshd

case_begin 'su outside of any session'
tap_is "$CASE_NAME: it ran" "$(su bob -c 'id -un')" bob
case_silent

tap_done
