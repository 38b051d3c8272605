#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The choice of the backend: "auto" is iptables where the kernel has it, else nftables; without both a
# session is counted by conntrack, or by TCP alone. A session keeps the backend that it began with.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
: "${PAM_TRAFFIC_DENY_LIBRARY:=}"

# deny [WORDS]: the kernel, as the helper sees it, has none of them (deny.c)
deny() {
    [ -n "$PAM_TRAFFIC_DENY_LIBRARY" ] || tap_bail 'PAM_TRAFFIC_DENY_LIBRARY is not set: run this by meson test --suite system'
    traffic_place_script \
        "export LD_PRELOAD=$PAM_TRAFFIC_DENY_LIBRARY PAM_TRAFFIC_DENY='${1-}'" \
        "export ASAN_OPTIONS=verify_asan_link_order=0:log_path=$WORLD/sanitizer.helper UBSAN_OPTIONS=halt_on_error=1" \
        "exec $PAM_TRAFFIC_HELPER \"\$@\""
}

legacy() {
    world_in server cat /proc/net/ip_tables_names
}

# alone CASE PREAUTH-SOURCE: the session that is over had no backend
alone() {
    case_settle
    tap_ok "$CASE_NAME: stop record" records_wait stop 1
    await traffic_idle
    tap_is "$CASE_NAME: one start, one stop" "$(records_count start) $(records_count stop)" '1 1'
    tap_is "$CASE_NAME: the backend is null" "$(records_jq '[.[] | .backend] | unique | tostring')" '[null]'
    tap_is "$CASE_NAME: preauth_source" "$(records_get stop preauth_source)" "$1"
    tap_is "$CASE_NAME: complete" "$(records_get stop complete)" "$2"
    case_clean
}

world_enter "$@"
PAM_TRAFFIC_BACKEND=''
traffic_install
sshd_start

case_begin 'with both'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
case_end backend=iptables
traffic_teardown

# nothing of iptables is touched: the names are those from before
before=$(legacy)
deny iptables
tap_ok 'setup without iptables' traffic_setup
tap_is 'touches no table of it' "$(legacy)" "$before"
tap_ok 'but makes one of nftables' eval 'world_in server nft list table inet pam_traffic >/dev/null'
rules_snapshot
for address in "$WORLD_SERVER4" "$WORLD_SERVER6"; do
    client=$WORLD_CLIENT4
    [ "$address" = "$WORLD_SERVER4" ] || client=$WORLD_CLIENT6
    case_begin "without iptables, $address" "$client"
    tap_is "$CASE_NAME: the data came" "$(client_ssh "alice@$address" 'head -c 3000000 /dev/zero' | wc -c)" 3000000
    case_end backend=nftables
done
tap_ok 'teardown without iptables' traffic_teardown
tap_is 'leaves nothing' "$(world_in server nft list ruleset)" ''

# without both; somebody else's rule keeps conntrack on
deny 'iptables nftables'
tap_is 'setup without both fails' "$(traffic_setup 2>&1 | grep -c 'neither legacy iptables .* nor nf_tables')" 1
tap_ok 'teardown without both has nothing to do' traffic_teardown
world_in server iptables-legacy -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
world_in server sysctl -qw net.netfilter.nf_conntrack_acct=1
rules_snapshot
case_begin 'conntrack alone'
pump_begin "alice@$WORLD_SERVER4"
pump 500000
traffic_reap
pump 500000
pump_end
alone conntrack true
case_exact

world_in server iptables-legacy -F INPUT
world_in server conntrack -F 2>/dev/null
rules_snapshot
case_begin 'TCP alone'
tap_is "$CASE_NAME: the data came" "$(client_ssh "alice@$WORLD_SERVER4" 'head -c 1000000 /dev/zero' | wc -c)" 1000000
alone tcp_info false
tap_is "$CASE_NAME: the bytes are TCP's" "$(records_jq '.[] | select(.event == "stop") | .tcp_out_bytes > 1000000')" true

# the configuration changes while sessions are up
deny
traffic_configure backend=iptables
traffic_setup
first=$(client_address 1) second=$(client_address 2)
yardstick_watch "$first"
yardstick_watch "$second"
flush() { world_in server iptables-legacy -t mangle -F; }
rules_snapshot

case_begin 'changed in mid-session' "$first"
pump_begin -b "$first" "alice@$WORLD_SERVER4"
pump 300000
traffic_configure backend=nftables
traffic_reap
port=$(syslog_accepted port)
tap_is "$CASE_NAME: it keeps its rules" "$(rules_count "$port")" 2
tap_is "$CASE_NAME: they are of iptables" "$(world_in server iptables-legacy-save -t mangle | grep -c -w "$port")" 2
client_hold -b "$second" "alice@$WORLD_SERVER4" 'head -c 300000 /dev/zero'
records_wait start 2
port2=$(records_jq '.[] | select(.event == "start" and .backend == "nftables") | .remote_port')
tap_is "$CASE_NAME: the next one has the other backend" "$(world_in server nft list ruleset | grep -c -w "$port2")" 2
flush
pump 100000
traffic_reap
tap_is "$CASE_NAME: a reap puts back the rules of the first" "$(world_in server iptables-legacy-save -t mangle | grep -c -w "$port")" 2
tap_is "$CASE_NAME: and what leads to them" "$(world_in server iptables-legacy-save -t mangle | grep -c -e '-j PAM_TRAFFIC')" 2
# nothing flows: no account tells
world_in server iptables-legacy -t mangle -D INPUT -j PAM_TRAFFIC_IN
traffic_reap
tap_is "$CASE_NAME: also for a session that is idle" "$(world_in server iptables-legacy-save -t mangle | grep -c -e '-j PAM_TRAFFIC')" 2
world_in server nft flush ruleset
pump 100000
traffic_reap
tap_is "$CASE_NAME: and the elements of the second" "$(world_in server nft list ruleset | grep -c -w "$port2")" 2
gate_open release
pump_end
await client_over "$first"
await client_over "$second"
tap_ok "$CASE_NAME: two stops" records_wait stop 2
await traffic_idle
for address in "$first" "$second"; do
    tap_is "$CASE_NAME: $address: bytes and packets are the client's" \
        "$(records_jq --arg a "$address" '.[] | select(.event == "stop" and .remote_addr == $a) | "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets) \(.complete)"')" \
        "$(yardstick_read "$address") true"
done
tap_is "$CASE_NAME: each has its backend to the end" \
    "$(records_jq 'map(select(.event == "stop") | "\(.remote_addr) \(.backend)") | sort | join(", ")')" \
    "$first iptables, $second nftables"
tap_is "$CASE_NAME: no rule is left" "$(rules_count "$port") $(rules_count "$port2")" '0 0'
tap_is 'no sanitizer report' "$(traffic_faults)" ''

tap_ok 'teardown' traffic_teardown
tap_is 'takes away what either backend had' "$(rules_print | grep -i -c 'pam_traffic')" 0
tap_done
