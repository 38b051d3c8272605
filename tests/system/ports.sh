#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What sshd's port moves: failed logins, scanners and connections that come to nothing, beside real logins. The
# port's records have the client's numbers, and less those of the sessions they are the others' alone. What
# happens when rules are flushed, the state is damaged, the machine booted, everything taken away.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/ports.sh
. "$HARNESS_LIB/ports.sh"

OTHER_BOOT=01234567-89ab-4cde-8f01-23456789abcd
STATE=$RECORDS_STATE/ports/22.json

# what there is of ours in the kernel, of any kind
left_over() {
    world_in server iptables-legacy-save | grep PAM_TRAFFIC
    world_in server ip6tables-legacy-save | grep PAM_TRAFFIC
    world_in server nft list ruleset | grep pam_traffic
}

# flush NAME: somebody's firewall script
flush() {
    case $1 in
    iptables)
        world_in server iptables-legacy -t mangle -F
        world_in server ip6tables-legacy -t mangle -F
        ;;
    *) world_in server nft flush ruleset ;;
    esac
}

# several that fail, from an address of their own
intruders() {
    client_password -b "$1" -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 \
        "nobody@$WORLD_SERVER4" true 2>/dev/null
    SSHPASS=wrong world_in client sshpass -e ssh -F "$WORLD/ssh_config" -b "$1" -o BatchMode=no \
        -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=2 "alice@$WORLD_SERVER4" true 2>/dev/null </dev/null
    ports_scan "$1"
    # says nothing, and goes
    world_exec client socat -u "TCP:$WORLD_SERVER4:22,bind=$1" - >/dev/null 2>&1 </dev/null &
    silent=$!
    await established "$1"
    kill "$silent"
    # never hears the server's answer
    world_in client iptables-legacy -A INPUT -p tcp --dport 50999 -j DROP
    world_in client socat - "TCP:$WORLD_SERVER4:22,bind=$1:50999,connect-timeout=0.5" >/dev/null 2>&1 </dev/null
}

established() {
    world_in server ss -Htn state established | grep -q -F "$1:"
}

quiet() {
    ! world_in server ss -Htan exclude listening exclude time-wait | grep -q .
}

backend() {
    jq -r .backend "$STATE"
}

world_enter "$@"
traffic_install
world_in server sysctl -qw net.ipv4.tcp_synack_retries=1
world_in client sysctl -qw net.ipv4.tcp_syn_retries=1
ports_begin
sshd_start MaxStartups=500
intruder=$(client_address 9) guest=$(client_address 7)
yardstick_watch "$intruder"

# exact, and whose
yardstick_zero
client_ssh "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero' >/dev/null
intruders "$intruder"
client_ssh "alice@$WORLD_SERVER6" 'head -c 200000 /dev/zero' >/dev/null
records_wait stop 2
await quiet
ports_exact 'logins and intruders'
tap_is 'the difference is what came from the intruders' \
    "$(records_all | jq -s -r --argjson port "$(ports_jq 'max_by(.seq)')" 'map(select(.event == "stop")) as $stop
        | [("in_bytes", "in_packets", "out_bytes", "out_packets") as $key | $port[$key] - ($stop | map(.[$key]) | add)]
        | join(" ")')" "$(yardstick_read "$intruder")"
tap_ok 'which is not nothing' test "$(ports_jq 'map(.delta_in_bytes) | add')" -gt \
    "$(records_jq 'map(select(.event == "stop").in_bytes) | add')"
tap_is 'the keys of other records, null where they do not apply' \
    "$(ports_jq '.[0] | [keys_unsorted[] as $k | select(.[$k] == null) | $k] | join(" ")')" \
    'service user uid pid rhost family local_addr remote_addr remote_port auth_method auth_key audit_session login_session preauth_in_bytes preauth_in_packets preauth_out_bytes preauth_out_packets preauth_source tcp_in_bytes tcp_out_bytes tcp_in_segments tcp_out_segments tcp_retrans_bytes tcp_min_rtt_us wire_in_bytes wire_out_bytes duration terminate_cause incomplete_cause excluded_in_bytes excluded_out_bytes kind socket_owner ssh_session excluded_in_packets excluded_out_packets delta_excluded_in_bytes delta_excluded_out_bytes process_in_bytes process_in_packets process_out_bytes process_out_packets'
tap_is 'and the others' "$(ports_jq --arg boot "$(cat /proc/sys/kernel/random/boot_id)" --arg host "$(uname -n)" \
    'map("\(.v) \(.boot_id == $boot) \(.host == $host) \(.local_port) \(.excluded) \(.complete)") | unique | join(", ")')" \
    '1 true true 22 false true'
tap_is 'one account' "$(ports_jq 'map(.session) | unique | length')" 1
tap_is 'whose id is a UUID version 7' "$(ports_jq 'map(select(.session | test("^[0-9a-f]{8}-[0-9a-f]{4}-7") | not)) | length')" 0
tap_is 'pam_traffic log takes them for no sessions' \
    "$(world_in server "$PAM_TRAFFIC_CLI" log --json "$RECORDS_LOG" 2>&1 | jq -r .event | sort | uniq -c | tr -s ' ')" ' 2 stop'

# sshd is not there, or has enough
sshd_stop
world_in client socat - "TCP:$WORLD_SERVER4:22,bind=$intruder" >/dev/null 2>&1 </dev/null
sshd_start MaxStartups=1
world_exec client socat -u "TCP:$WORLD_SERVER4:22,bind=$intruder" - >/dev/null 2>&1 </dev/null &
silent=$!
await established "$intruder"
ports_scan "$guest"
kill "$silent"
sshd_stop
sshd_start
ports_exact 'refused by the kernel, and by MaxStartups'

# when a record is written
lines() {
    records_ports | wc -l
}
n=$(lines)
was=$(stat -c '%i %y' "$STATE")
traffic_reap
tap_is 'nothing moved: no record, and the state is not written again' "$(lines) $(stat -c '%i %y' "$STATE")" "$n $was"
traffic_configure ports=22 interim_interval=1h
ports_scan "$guest"
await quiet
traffic_reap
tap_is 'before the interval: no record' "$(lines)" "$n"
traffic_configure ports=22 interim_interval=0
traffic_reap
tap_is 'without interim records: none for an hour' "$(lines)" "$n"
traffic_configure ports=22 interim_interval=1us
traffic_reap
tap_is 'behind the interval: one' "$(lines)" $((n + 1))
ports_exact 'an interval later'

# many reaps at once
pids=()
for n in {1..6}; do
    ports_scan "$guest" &
    pids+=($!)
    for reap in 1 2 3; do
        traffic_reap &
        pids+=($!)
    done
    wait "${pids[-$((reap + 1))]}"
done
client_await "${pids[@]}"
tap_is 'reaps side by side: none fails' "$CLIENT_FAILED" 0
ports_exact 'reaps side by side'
tap_is 'reaps side by side: all of it is there' "$(ports_jq 'map(.complete) | unique | join(" ")')" true

# flushed
kind=$(backend)
ports_scan "$guest"
await quiet
traffic_reap
syslog_mark
before=$(ports_jq 'max_by(.seq) | .seq')
flush "$kind"
ports_scan "$guest"
await quiet
traffic_reap
tap_is 'flushed: the record says so' "$(ports_jq --argjson n "$before" '.[-1] | "\(.seq - $n) \(.complete) \(.delta_in_bytes >= 0)"')" \
    '1 false true'
tap_is 'flushed: the admin is told, once' "$(syslog_count 'port 22: its rules were flushed')" 1
yardstick_zero
ports_mark
missed=$(jq -r '.reported | "\(.in_bytes) \(.out_bytes)"' "$STATE")
ports_scan "$guest"
await quiet
counted() {
    traffic_reap
    [ "$(ports_jq --arg before "$missed" '($before | split(" ") | map(tonumber)) as $b | .[-1] // {} |
        "\((.in_bytes // 0) - $b[0]) \((.out_bytes // 0) - $b[1])"')" = "$(yardstick_port_read port | cut -d ' ' -f 1,3)" ]
}
tap_ok 'flushed: from the reap on it is exact again' await counted
tap_is 'flushed: and complete' "$(ports_jq 'map(.complete) | unique | join(" ")')" true

# a login comes before the reap
traffic_reap
ports_mark
flush "$kind"
records_mark
client_hold "alice@$WORLD_SERVER4" true
records_wait start 1
client_release
await traffic_idle
traffic_reap
tap_is 'flushed, and made again by a login' "$(ports_jq 'map("\(.complete) \(.delta_in_bytes > 0)") | join(" ")')" 'false true'

# damaged
for bad in '{' '{"local_port": 23}' '{"local_port": 22, "session": "../../x"}'; do
    : >"$WORLD/reap"
    printf '%s\n' "$bad" >"$STATE"
    ports_mark
    traffic_reap
    tap_is "damaged ($bad): put aside, one line" \
        "$(cat "$STATE.damaged"; grep -c 'port 22: its state file is damaged' "$WORLD/reap"; wc -l <"$WORLD/reap")" \
        "$bad"$'\n1\n1'
done
rm -f "$STATE.damaged"
ports_scan "$guest"
await quiet
traffic_reap
tap_is 'damaged: a new account' "$(ports_jq '.[-1] | "\(.seq) \(.delta_in_bytes > 0)"')" '1 true'

# taken away
ports_scan "$guest"
await quiet
ports_mark
tap_ok 'teardown' traffic_teardown
tap_is 'teardown: a last record' "$(ports_jq 'map("\(.event) \(.complete) \(.delta_in_bytes > 0)") | join(", ")')" 'port true true'
tap_is 'teardown: nothing is left in the tables' "$(left_over)" ''
tap_is 'teardown: the port is remembered, its account is over' "$(jq -c '[.local_port, .session, .pending]' "$STATE")" '[22,null,null]'

# the next boot: known from the state alone
traffic_configure interim_interval=1us
traffic_setup
ports_mark
yardstick_zero
ports_scan "$guest"
await quiet
ports_exact 'set up again'
account=$(ports_jq '.[-1].session') total=$(ports_total)
ports_scan "$guest"
await quiet
cp "$STATE" "$WORLD/kept"
traffic_teardown
ports_mark
jq --arg boot "$OTHER_BOOT" '.boot_id = $boot' "$WORLD/kept" >"$STATE"
tap_ok 'boot' traffic_setup
tap_is 'boot: setup writes no record' "$(ports_jq length)" 0
yardstick_zero
ports_scan "$guest"
await quiet
traffic_reap
tap_is 'boot: the last record of the account before' \
    "$(ports_jq '.[0] | "\(.boot_id) \(.session) \(.complete) \(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets)"')" \
    "$OTHER_BOOT $account false $total"
records_ports | tail -n "+$PORTS_FROM" | jq -c 'select(.boot_id != "'"$OTHER_BOOT"'")' >"$WORLD/files/new"
tap_is 'boot: then a new one, exact from the first packet' \
    "$(jq -r '"\(.seq) \(.complete) \(.session != "'"$account"'") \(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets)"' "$WORLD/files/new")" \
    "0 true true $(yardstick_port_read port)"

# the next boot, and what came last had no room in the state folder
traffic_teardown
ports_mark
jq --arg boot "$OTHER_BOOT" '.boot_id = $boot' "$WORLD/kept" >"$STATE"
chmod 400 "$STATE"
tap_ok 'boot with an older state' traffic_setup
ports_scan "$guest"
await quiet
traffic_reap
tap_is 'boot with an older state: the account before ends with what the log has, and no number comes again' \
    "$(ports_jq '.[0] | "\(.session) \(.seq) \(.complete) \(.delta_in_bytes) \(.delta_out_bytes)"')" "$account 2 false 0 0"
tap_is 'boot with an older state: a new one begins' "$(ports_jq '.[1:] | map("\(.seq) \(.complete)") | join(", ")')" '0 true'

# learnt from a login
traffic_teardown
rm -rf "$RECORDS_STATE/ports"
traffic_setup
ports_scan "$guest"
traffic_reap
tap_is 'nothing is known: nothing is counted' "$(ls "$RECORDS_STATE/ports" 2>/dev/null)" ''
records_mark
client_ssh "alice@$WORLD_SERVER4" true
records_wait stop 1
await quiet
ports_mark
traffic_reap
tap_is 'learnt from a login: its pre-auth traffic is not in it, the rest is' \
    "$(ports_jq --argjson session "$(records_jq '.[-1]')" '.[-1] | "\(.complete) \(.in_bytes > 0 and
        .in_bytes >= $session.in_bytes - $session.preauth_in_bytes - 3000 and .in_bytes <= $session.in_bytes)"')" 'true true'
ports_mark
total=$(jq -r '.total | "\(.in_bytes) \(.out_bytes)"' "$STATE")
yardstick_zero
intruders "$intruder"
client_ssh "alice@$WORLD_SERVER6" true
await quiet
missed=$total
tap_ok 'learnt from a login: from then on it is exact' await counted

tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
