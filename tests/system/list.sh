#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic list: the sessions that are open now, with totals that are the client's, difference 0, of
# either backend and where one source was flushed; it changes nothing and waits for nobody; without root
# it has the last records; a hostile state file costs its own row. `show` has the same of one of them.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

SIZE=3000000

TRACED=()

# list ARG...: as root, in the server's namespace, traced by TRACED. Under strace there is no look for leaks.
list() {
    world_in server env -i TZ=UTC LC_ALL=C "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli${TRACED:+:detect_leaks=0}" "${TRACED[@]}" \
        "$WORLD/pam_traffic" \
        list --config "$TRAFFIC_CONFIG" "$@" 2>"$WORLD/list.err"
}

show() {
    world_in server env -i TZ=UTC LC_ALL=C "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli" "$WORLD/pam_traffic" \
        show --config "$TRAFFIC_CONFIG" "$@" 2>"$WORLD/show.err"
}

# rows FILTER: of each session, the oldest first
rows() {
    list --json | jq -r "$1"
}

counters() {
    list --json | jq -r --arg session "$1" \
        'select(.session == $session) | "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets) \(.complete)"'
}

agree() {
    [ "$(counters "$1")" = "$(yardstick_read "$2") true" ]
}

# exact NAME SESSION ADDR: at the first quiet moment, and then once more
exact() {
    await agree "$2" "$3"
    tap_is "$1: bytes and packets are the client's, complete" "$(counters "$2")" "$(yardstick_read "$3") true"
}

# begin NAME USER ADDR: a login from there that moves SIZE both ways, and stays; its id is in SESSION
begin() {
    records_mark
    gate_shut "$1"
    yardstick_watch "$3"
    head -c "$SIZE" /dev/zero | client_pipe -b "$3" "$2@$WORLD_SERVER4" "
        head -c $SIZE | wc -c; head -c $SIZE /dev/zero; echo moved
        for stage in 1 2; do
            flock 3 3<$WORLD/files/more\$stage
            head -c $SIZE /dev/zero; echo stage\$stage
        done
        $(gate_wait "$1")" >"$WORLD/$1.out" 2>>"$WORLD/spawned" &
    await grep -a -q moved "$WORLD/$1.out" || tap_diag "$1: the login does not come"
    records_wait start 1
    SESSION=$(records_get start session)
}

# more STAGE: both move SIZE
more() {
    gate_open "more$1"
    await grep -a -q "stage$1" "$WORLD/one.out"
    await grep -a -q "stage$1" "$WORLD/two.out"
}

# everything that a look could change: states (bytes, times), the log, rules
things() {
    (cd "$RECORDS_STATE" && find . -printf '%p %s %m %i %T@ %C@\n' | sort && cat sessions/*.json)
    stat -c '%s %Y %Z %i' "$RECORDS_LOG"
    rules_print
}

hold() {
    gate_shut unlock
    world_spawn flock /run/xtables.lock sh -c "$(gate_wait unlock)"
    await held
}

held() {
    ! flock -n /run/xtables.lock true
}

WORLD_TOOLS+=' strace'
world_enter "$@"
[ -n "$PAM_TRAFFIC_CLI" ] || tap_bail 'PAM_TRAFFIC_CLI is not set: run this by meson test --suite system'
install -m 755 "$PAM_TRAFFIC_CLI" "$WORLD/pam_traffic"
traffic_install
sshd_start

tap_is 'nobody is here' "$(list; echo $?; cat "$WORLD/list.err")" $'0\npam_traffic: no session is open'
tap_is 'nobody is here: no object' "$(list --json)" ''

gate_shut more1
gate_shut more2
first_addr=$(client_address 7)
second_addr=$(client_address 8)
traffic_configure backend=iptables
begin one alice "$first_addr"
first=$SESSION
traffic_configure backend=nftables
begin two bob "$second_addr"
second=$SESSION

exact 'iptables' "$first" "$first_addr"
exact 'nftables' "$second" "$second_addr"
tap_is 'who, from where, by what' "$(rows '"\(.user) \(.remote_addr) \(.backend) \(.event) \(.complete)"')" \
    "alice $first_addr iptables live true
bob $second_addr nftables live true"
tap_is 'every key of a record, and the rates' \
    "$(rows 'del(.in_rate, .out_rate) | keys_unsorted | join(" ")' | sort -u)" \
    "$(records_jq '.[0] | keys_unsorted | join(" ")')"
tap_is 'payload, too' "$(rows '.tcp_in_bytes >= '$SIZE' and .tcp_out_bytes >= '$SIZE' and .wire_out_bytes > .tcp_out_bytes' | sort -u)" true
tap_is 'a table' "$(list --bytes --sort user | awk '{ print $1, $3, $NF }')" \
    "USER FROM SESSION
alice $first_addr ${first: -8}
bob $second_addr ${second: -8}"
tap_is 'nothing is said' "$(cat "$WORLD/list.err")" ''

# their helpers note what they are for, up to a second later
await eval '! traffic_works'
# the rate is of the time since the checkpoint, which is a moment that is still to come here, and then one long ago
traffic_reap
records_age -1000
tap_is 'no rate in the first second' "$(rows '"\(.in_rate) \(.out_rate)"' | sort -u)" 'null null'
records_age 2000
tap_is 'an idle session moves nothing' "$(rows '"\(.in_rate) \(.out_rate)"' | sort -u)" '0 0'
records_age -1000

things >"$WORLD/before"
exact 'once more: iptables' "$first" "$first_addr"
list >/dev/null
show "$first" >/dev/null
things >"$WORLD/after"
tap_is 'no state, no rule, no record was changed' "$(diff "$WORLD/before" "$WORLD/after")" ''

# the lock of the tables is somebody else's, and so are those of the sessions
hold
TRACED=("$(type -P strace)" -f -e 'trace=open,openat,flock' -o "$WORLD/files/calls")
tap_is 'the lock of the tables is held: the counters are told' "$(counters "$first")" "$(yardstick_read "$first_addr") true"
TRACED=()
tap_ok 'the lock of the tables: it is still held' held
tap_is 'the lock of the tables: nobody asked for it' \
    "$(grep -c -e xtables -e flock "$WORLD/files/calls") $(grep -c -F "$RECORDS_STATE" "$WORLD/files/calls")" '0 1'
gate_open unlock
wait "$WORLD_PID"

# conntrack lost everything: the rules have it
world_in server conntrack -F >/dev/null 2>&1
more 1
exact 'conntrack flushed: iptables' "$first" "$first_addr"
exact 'conntrack flushed: nftables' "$second" "$second_addr"
traffic_reap

# the rules are gone: conntrack has it
world_in server iptables-legacy -t mangle -F
world_in server nft flush ruleset
more 2
exact 'rules flushed: iptables' "$first" "$first_addr"
exact 'rules flushed: nftables' "$second" "$second_addr"
tap_is 'rules flushed: none is put back' "$(world_in server nft list tables; world_in server iptables-legacy-save -t mangle | grep -c -e '-A')" 0
traffic_configure backend=iptables
traffic_reap

tap_is 'show: who and what' "$(show "${first:0:35}" | grep -c -e alice -e 'publickey' -e "$first_addr" -e 'still open')" 4
tap_is 'show: it is live' "$(show --json "$first" | jq -r .event | tr '\n' ' ')" "$(
    records_all | jq -r --arg session "$first" 'select(.session == $session).event' | tr '\n' ' ')live "

# the oldest of the last records of the two
counted() {
    records_all | jq -r -s --arg first "$first" --arg second "$second" \
        '[group_by(.session)[] | last | select(.session == $first or .session == $second).time] | min | .[:19] | sub("T"; " ")'
}

# a user who may read the log, but not the state
chmod 644 "$RECORDS_LOG"
chmod 755 "$WORLD"
mortal() {
    world_in server setpriv --reuid 20001 --regid 20001 --clear-groups env -i TZ=UTC LC_ALL=C \
        "$WORLD/pam_traffic" "$@" --config "$TRAFFIC_CONFIG" 2>"$WORLD/mortal.err"
}
tap_is 'without root: the last records' "$(mortal list --json | jq -r '"\(.session) \(.in_rate) \(.event)"' | sed 's/ \(start\|interim\)$/ record/')" \
    "$first null record
$second null record"
tap_is 'without root: said in a line' "$(cat "$WORLD/mortal.err")" \
    "pam_traffic: these are the last records of the log, counted to $(counted); run it as root for the present counters"

# what is no state costs its own row
printf '{"session": "\033[2J' >"$RECORDS_STATE/sessions/01a20485-6846-7000-8000-000000000001.json"
mkdir "$RECORDS_STATE/sessions/01a20485-6846-7000-8000-000000000002.json"
mkfifo "$RECORDS_STATE/sessions/01a20485-6846-7000-8000-000000000003.json"
head -c 300000 /dev/zero >"$RECORDS_STATE/sessions/01a20485-6846-7000-8000-000000000004.json"
jq -c '.session = "01a20485-6846-7000-8000-000000000005" | .boot_id = "another"' \
    "$RECORDS_STATE/sessions/$first.json" >"$RECORDS_STATE/sessions/01a20485-6846-7000-8000-000000000005.json"
tap_is 'hostile states: the others are listed' "$(rows .session)" "$first
$second"
shown='^pam_traffic: 4 sessions are not shown, because their state cannot be read, for example '
tap_is 'hostile states: one line' "$(wc -l <"$WORLD/list.err") $(grep -c "$shown" "$WORLD/list.err")" '1 1'
rm -r "$RECORDS_STATE"/sessions/01a20485-6846-7000-8000-*

gate_open one
gate_open two
await client_over 10.77.1
tap_is 'gone with its connection' "$(list --json)" ''
await traffic_idle
records_wait stop 1
tap_is 'show: the end' "$(show "$second" | grep -c -E 'User-Request|Admin-Reset')" 1
tap_is 'nothing wrong' "$(traffic_faults)" ''
tap_done
