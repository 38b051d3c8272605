#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A bad configuration: one line in the log that names file, key and value, and the login goes on with
# the default.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# bad KEY VALUE: a login with that in the configuration
bad() {
    local line="^<[0-9]+>.*pam_traffic.*${TRAFFIC_CONFIG//./\\.}.*$1.*$2"

    traffic_configure "$1=$2"
    case_begin "$1 = $2"
    tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
    case_end user=alice
    tap_is "$CASE_NAME: lines in the log" "$(syslog_count "$line")" 1
}

world_enter "$@"
traffic_install
sshd_start

bad backend pigeon
bad exclude 10.77.0.0/99
bad exclude nowhere.example
bad interim_interval often
bad linger -3s
bad linger 99999999999999999999s
bad syslog perhaps
bad billing_day 42
traffic_configure colour=green
case_begin 'an unknown key'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice
tap_is "$CASE_NAME: lines in the log" "$(syslog_count "$TRAFFIC_CONFIG.*'colour'")" 1

# paths: the defaults are used
traffic_configure
for setting in log_file state_dir; do
    sed -i "s|^$setting = .*|$setting = relative/path|" "$TRAFFIC_CONFIG"
done
RECORDS_LOG=/var/log/pam_traffic
RECORDS_STATE=/var/lib/pam_traffic
case_begin 'relative paths'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice
tap_is "$CASE_NAME: log_file, lines in the log" "$(syslog_count 'log_file.*relative/path')" 1

# no file at all, and one that is none
rm "$TRAFFIC_CONFIG"
case_begin 'no configuration'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice
head -c 10000 /dev/urandom >"$TRAFFIC_CONFIG"
case_begin 'garbage'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice

tap_done
