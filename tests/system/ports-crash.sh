#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A reap is killed at each of its steps while something has moved on sshd's port. Each record is in the log
# once, none is missing, and their sum is the client's.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/kill.sh
. "$HARNESS_LIB/kill.sh"
# shellcheck source=../lib/ports.sh
. "$HARNESS_LIB/ports.sh"

world_enter "$@"
traffic_install
ports_begin
sshd_start
yardstick_zero

kill_each_reap ports_scan "$WORLD_CLIENT4"
ports_exact 'reaps that were killed'
tap_is 'reaps that were killed: all of it is there' "$(ports_jq 'map(.complete) | unique | join(" ")')" true
tap_is 'reaps that were killed: one account' "$(ports_jq 'map(.session) | unique | length')" 1

tap_is 'no helper is left' "$(traffic_helpers)" ''
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
