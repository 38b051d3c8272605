#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Counters that go away in mid-session, as admins and firewalls do it: as long as either the rules or
# conntrack saw the bytes, the record is exact; else it says that it is not complete.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# the end of a session; the last reset took away what setup makes
over() {
    pump_end
    case_settle
    records_wait stop 1
    traffic_setup
}

# data flows all the while
survives_flow() {
    case_begin "$1, while data flows"
    pump_begin "alice@$WORLD_SERVER4"
    rm -f "$WORLD/files/enough"
    until [ -e "$WORLD/files/enough" ]; do head -c 1000000 /dev/zero; done | tee "$WORLD/files/sent" >&7 &
    await flows 1000000
    "$2"
    traffic_reap
    tap_ok "$CASE_NAME: the rules are there after a reap" pump_has_rules
    tap_ok "$CASE_NAME: data flows on" await flows $(($(stat -c %s "$WORLD/files/back") + 5000000))
    : >"$WORLD/files/enough"
    wait $!
    PUMPED=$(stat -c %s "$WORLD/files/sent")
    await pump_has_come_back
    traffic_reap
    pump_at_last "$2"
    over
    case_end user=alice
}

flows() {
    [ "$(stat -c %s "$WORLD/files/back")" -ge "$1" ]
}

# loses NAME BYTES COMMAND...: nobody saw them all; the estimate is near the truth
loses() {
    local wanted got bytes=$2

    case_begin "$1"
    shift 2
    pump_begin "alice@$WORLD_SERVER4"
    pump "$bytes"
    traffic_reap
    "$@"
    pump "$bytes"
    traffic_reap
    pump "$bytes"
    over
    tap_is "$CASE_NAME: one stop" "$(records_count start) $(records_count stop)" '1 1'
    tap_is "$CASE_NAME: it says that it is not complete" "$(records_get stop complete)" false
    got=$(records_jq '.[] | select(.event == "stop") | .in_bytes')
    wanted=$(yardstick_read "$CASE_ADDR" | cut -d ' ' -f 1)
    tap_ok "$CASE_NAME: $got of $wanted bytes" [ $((got >= wanted * 9 / 10 && got <= wanted * 11 / 10)) = 1 ]
    case_clean
}

# the same by the means of each backend
if [ "$PAM_TRAFFIC_BACKEND" = nftables ]; then
    FLUSH='nft flush ruleset' ZERO='every counter of nft at 0'
    nft_in() { world_in server nft "$@"; }
    flush() { nft_in flush ruleset; }
    zero() { (printf 'flush ruleset\n' && nft_in -s list ruleset) | nft_in -f -; }
    flush_ours() { nft_in flush set inet pam_traffic in4 && nft_in flush set inet pam_traffic out4; }
    delete_all() { nft_in delete table inet pam_traffic; }
    restore_empty() {
        (printf 'flush ruleset\n' && nft_in -s list ruleset | sed '/^table inet pam_traffic/,/^}/d') | nft_in -f -
    }
    restore_same() { (printf 'flush ruleset\n' && nft_in list ruleset) | nft_in -f -; }
    unjump() { nft_in flush chain inet pam_traffic input; }
    flush_base() { nft_in flush chain inet pam_traffic input && nft_in flush chain inet pam_traffic output; }
else
    FLUSH='iptables -t mangle -F' ZERO='iptables -t mangle -Z'
    flush() { world_in server iptables-legacy -t mangle -F; }
    zero() { world_in server iptables-legacy -t mangle -Z; }
    flush_ours() {
        local chain

        world_in server iptables-legacy -t mangle -S | sed -n 's/^-N \(PAM_TRAFFIC_[^ ]*\)$/\1/p' | while read -r chain; do
            world_in server iptables-legacy -t mangle -F "$chain"
        done
    }
    flush_base() {
        world_in server iptables-legacy -t mangle -F PAM_TRAFFIC_IN
        world_in server iptables-legacy -t mangle -F PAM_TRAFFIC_OUT
    }
    delete_all() {
        flush
        world_in server iptables-legacy -t mangle -X
    }
    restore_empty() {
        printf '*mangle\n:PREROUTING ACCEPT\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\nCOMMIT\n' |
            world_in server iptables-legacy-restore
    }
    restore_same() {
        world_in server iptables-legacy-save -t mangle | world_in server iptables-legacy-restore
    }
    unjump() { world_in server iptables-legacy -t mangle -D INPUT -j PAM_TRAFFIC_IN; }
fi
conntrack_quietly() { world_in server conntrack "$@" >/dev/null 2>&1; }
conntrack_flush() { conntrack_quietly -F; }
conntrack_zero() { conntrack_quietly -L -z; }
conntrack_delete() { conntrack_quietly -D -p tcp --orig-src "$CASE_ADDR" --sport "$(syslog_accepted port)"; }

both() {
    flush
    conntrack_flush
}

# as firewalld does with iptables: everything flushed, then its own rules
firewalld() {
    local table

    # for a moment nobody counts; a late ACK is all there would be
    await client_quiet
    [ "$PAM_TRAFFIC_BACKEND" != nftables ] || flush
    for table in security raw mangle nat filter; do
        world_in server iptables-legacy -t "$table" -F
        world_in server iptables-legacy -t "$table" -X
        world_in server iptables-legacy -t "$table" -Z
    done 2>/dev/null
    firewall
}

# as every firewall has it; it keeps conntrack on
firewall() { world_in server iptables-legacy -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; }

world_enter "$@"
traffic_install
sshd_start

loses 'both in one interval' 100000 both
loses 'both in one interval, little traffic' 2000 both
pump_survives 'conntrack -F' conntrack_flush
pump_survives 'conntrack -L -z' conntrack_zero
pump_survives 'conntrack -D' conntrack_delete
pump_survives "$ZERO" zero
pump_survives "$ZERO, and conntrack -F in turns" zero conntrack_flush
pump_survives 'the same rules restored' restore_same

pump_survives "$FLUSH" flush
pump_survives 'our chains flushed' flush_ours
pump_survives 'the base chains flushed' flush_base
pump_survives 'our chains, or table, deleted' delete_all
pump_survives 'all restored, without ours' restore_empty
pump_survives 'what leads to the counters deleted' unjump

firewalld
traffic_setup
rules_snapshot
pump_survives 'firewalld reload' firewalld
pump_survives "conntrack -z and $FLUSH in turns" conntrack_zero flush
survives_flow "$FLUSH" flush
survives_flow "$ZERO" zero
survives_flow 'conntrack -F' conntrack_flush
survives_flow 'conntrack -L -z' conntrack_zero
tap_done
