#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The contract's own paths: no conf= in the PAM line, /etc/pam_traffic.conf or none, the log and the
# state where they belong, with their owners and modes.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

mode() {
    stat -c '%a %U %G' "$1"
}

world_enter "$@"
traffic_install
rm -f "$TRAFFIC_CONFIG" /etc/pam_traffic.conf
TRAFFIC_CONFIG=/etc/pam_traffic.conf
RECORDS_LOG=/var/log/pam_traffic
RECORDS_STATE=/var/lib/pam_traffic
pam_write sshd "session optional $PAM_TRAFFIC_MODULE"
sshd_start

case_begin 'no configuration'
client_hold "alice@$WORLD_SERVER4" ''
tap_ok "$CASE_NAME: start record" records_wait start 1
tap_is "$CASE_NAME: one session on disk" "$(find "$RECORDS_STATE/sessions" -name '*.json' | wc -l)" 1
tap_is "$CASE_NAME: its name is the session's" \
    "$(find "$RECORDS_STATE/sessions" -name '*.json' -printf '%f')" "$(records_get start session).json"
client_release
case_end user=alice
tap_is 'the log is for root and adm' "$(mode "$RECORDS_LOG")" '640 root adm'
tap_is 'the state is for root' "$(mode "$RECORDS_STATE")" '700 root root'

cp "$RECORDS_LOG" "$WORLD/files/before"
traffic_configure
case_begin 'a configuration in /etc'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice
tap_ok 'what was in the log is still there' cmp -n "$(stat -c %s "$WORLD/files/before")" "$WORLD/files/before" "$RECORDS_LOG"

mkdir "$TRAFFIC_CONFIG.d"
printf 'log_file = %s\n' "$WORLD/elsewhere" >"$TRAFFIC_CONFIG.d/10-log.conf"
RECORDS_LOG=$WORLD/elsewhere
case_begin 'a drop-in'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice

# no group adm
rm -rf "$TRAFFIC_CONFIG.d" "$RECORDS_LOG"
sed -i '/^adm:/d' /etc/group
RECORDS_LOG=/var/log/pam_traffic
rm -f "$RECORDS_LOG" "$TRAFFIC_CONFIG"
case_begin 'no group adm'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice
tap_is 'then the log is for root' "$(mode "$RECORDS_LOG")" '640 root root'
tap_done
