#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The users' ledger is off for a while, in each way that there is, and something moves meanwhile that nobody counts: the log
# has from when to when, and no sum over that time says that it is complete. What was never kept is not 0.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

PINS=/sys/fs/bpf/pam_traffic
SEND='socket S, PF_INET, SOCK_DGRAM, 0; send S, "x" x 72, 0, sockaddr_in(7001, inet_aton($ARGV[0])) or die'

# one datagram of alice's
move() {
    ledger_as alice perl -MSocket -e "$SEND" "$WORLD_CLIENT4"
}

# one that nobody counts; MOVED is when
uncounted() {
    move
    MOVED=$(date -u +%FT%T.%6NZ)
}

keeps() {
    traffic_configure users="$1" interim_interval=1us
}

marks() {
    grep -aE '"event":"users-(on|off)"' "$RECORDS_LOG"
}

cli() {
    "$PAM_TRAFFIC_CLI" "$@" --config "$TRAFFIC_CONFIG" 2>>"$WORLD/spawned"
}

report() {
    cli report --ledger users --json "$@"
}

disable() {
    cli disable >>"$WORLD/spawned"
}

# what usage (of this month), metrics and alert say of what may be missing
sums() {
    cli usage --user alice --json | sed -n 2p | jq -c .all_complete
    cli metrics | awk '/^pam_traffic_host_uncounted_seconds/ { print ($2 > 0 ? "uncounted" : "counted") }'
    cli alert --ledger users --user alice --over 1G --per month | grep -oE 'at least|not counted all the time' | paste -sd ' '
}

# begin NAME    a log of its own; alice is counted, as if that were so for long
begin() {
    keeps yes
    traffic_teardown 2>>"$WORLD/spawned"
    rm -rf "$RECORDS_STATE/users" "$RECORDS_STATE/users.db"
    : >"$RECORDS_LOG"
    tap_ok "$1: setup" ledger_setup
    move
    traffic_reap
    sed -i '/"users-on"/s/"time":"[^"]*"/"time":"2020-01-01T00:00:00.000000Z"/' "$RECORDS_LOG"
    traffic_reap
    tap_is "$1: before that the log has one mark" "$(marks | jq -r '.event, .complete' | paste -sd ' ')" 'users-on true'
    tap_is "$1: before that nothing is missing" \
        "$(report | jq -c '[.total.out, .total.sessions > 0, .total.incomplete, (.gaps | length)]')" '[100,true,0,0]'
}

# again NAME CAUSE [OUT]    it is on again, and a reap has seen that
again() {
    local when

    tap_ok "$1: setup again" ledger_setup
    traffic_reap
    move
    traffic_reap
    tap_is "$1: the log has both marks, once" \
        "$(marks | tail -n +2 | jq -r '.event, .complete, .incomplete_cause' | paste -sd ' ')" \
        "users-off false $2 users-on true null"
    when=$(marks | tail -n +2 | jq -r .time | paste -sd ' ')
    tap_ok "$1: what was not counted moved between the two" \
        [ "${when% *}" '<' "$MOVED" -a "$MOVED" '<' "${when#* }" ]
    tap_is "$1: what was counted; report says of each account that it may miss bytes, and from when to when" \
        "$(report | jq -c '[.total.out, .total.incomplete > 0 and .total.incomplete == .total.sessions,
            all(.rows[]; .incomplete == .sessions), (.gaps | map("\(.begin) \(.end) \(.cause)"))]')" \
        "[${3:-200},true,true,[\"$when $2\"]]"
}

# said NAME    so say all that show it
said() {
    tap_is "$1: usage, metrics and alert say it" "$(sums | paste -sd ' ')" \
        'false uncounted at least not counted all the time'
    tap_is "$1: CSV says it" "$(cli report --ledger users --csv | awk -F , 'NR > 1 && $5 != $8 { print "complete" }')" ''
    tap_ok "$1: the table says it" grep -q '^Not counted: .* to .*: ' <(cli report --ledger users)
    tap_ok "$1: the page says it" grep -q '<li>Not counted: ' <(cli report --ledger users --html -)
    tap_is "$1: what was before that time is complete" \
        "$(report --since '2 days ago' --until '1 hour ago' | jq -c '[.total.in, .gaps]')" '[0,[]]'
    tap_is "$1: of each day" "$(report --by day,user | jq -c 'all(.rows[]; .incomplete == .sessions)')" true
    tap_is "$1: nothing of it is of SSH sessions" \
        "$("$PAM_TRAFFIC_CLI" log --config "$TRAFFIC_CONFIG" 2>/dev/null | grep -c '[Nn]ot recorded')" 0
}

world_enter "$@"
traffic_install
ledger_install

name='users = no, and yes again'
begin "$name"
tap_is "$name: before that nothing is missing in the other sums" "$(sums | paste -sd ' ')" 'true counted '
keeps no
traffic_reap
tap_is "$name: off: to be read at once" "$(report | jq -c '.gaps | map([.end, .cause])')" '[[null,"off"]]'
tap_ok "$name: off: how to go on" grep -q 'Not counted: .* since .*set users = yes' <(cli report --ledger users)
uncounted
keeps yes
again "$name" off
said "$name"

name=disable # which runs teardown
begin "$name"
tap_ok "$name: it can" disable
uncounted
again "$name" off

for link in link_create link_out; do
    name="$link was detached, and attached again before the next reap"
    begin "$name"
    rm "$PINS/$link"
    uncounted
    tap_is "$name: to be read before a reap has seen it" "$(report | jq -c '.gaps | map([.end, .cause])')" '[[null,"lost"]]'
    # without the first, packets are counted, but not for whom
    again "$name" lost "$([ $link = link_out ] || echo 300)"
done

name='a link was detached, and a reap saw it'
begin "$name"
rm "$PINS/link_out"
traffic_reap
uncounted
traffic_reap
again "$name" lost

name='the maps were made anew before the next reap'
begin "$name"
rm -rf "$PINS"
uncounted
again "$name" lost

name='a boot without the programs'
begin "$name"
rm -rf "$PINS"
sed -i 's/"boot_id":"[0-9a-f]*/"boot_id":"00000000/' "$RECORDS_STATE/users/accounts.json"
traffic_reap
uncounted
again "$name" reboot

name='the accounts are gone'
begin "$name"
rm -rf "$RECORDS_STATE/users"
uncounted
traffic_reap
tap_is "$name: what was not in the log is not counted, and not complete" \
    "$(report | jq -c '[.total.incomplete == .total.sessions, (.gaps | map(.cause))]')" '[true,["lost"]]'

# nothing of that
name='nothing happens'
begin "$name"
tap_ok "$name: setup" ledger_setup
move
traffic_reap
traffic_reap
tap_is "$name: no other mark" "$(marks | wc -l)" 1
tap_is "$name: all of it is complete" "$(report | jq -c '[.total.out, .total.incomplete, .gaps]')" '[200,0,[]]'
tap_is "$name: in all sums" "$(sums | paste -sd ' ')" 'true counted '

# who cannot read what the kernel has now is told to when all is counted
tap_is 'root: counted until now' "$(report | jq -c '[.open, .open_until]')" '[0,null]'
tap_ok 'who has only the log: counted to its last records' \
    grep -q '^Accounts that are open are counted to ' <("$PAM_TRAFFIC_CLI" report --ledger users "$RECORDS_LOG")
tap_is 'nothing is excluded: 0' "$(report | jq -c .excluded)" '{"in":0,"out":0}'
traffic_configure users=yes interim_interval=1us exclude="$WORLD_CLIENT4/32"
traffic_reap
move
tap_is 'an excluded network: what moved with it is in no row, and beside them' \
    "$(report | jq -c '[.total.out, .excluded]')" '[200,{"in":0,"out":100}]'
traffic_reap
tap_is 'an excluded network: so it is in the log' "$(report | jq -c '[.total.out, .excluded]')" '[200,{"in":0,"out":100}]'

# the log has no users at all
keeps no
traffic_teardown 2>>"$WORLD/spawned"
rm -rf "$RECORDS_STATE/users" "$RECORDS_STATE/users.db"
: >"$RECORDS_LOG"
tap_is 'never kept: null, and not 0' \
    "$(report | jq -c '[.total.in, .total.out, .total.total, .total.share, (.gaps | map([.end, .cause]))]')" \
    '[null,null,null,null,[[null,"begin"]]]'
tap_is 'never kept: of any time' "$(report --since '2 days ago' --until '1 hour ago' | jq -c '[.total.in, (.gaps | map(.cause))]')" \
    '[null,["begin"]]'
tap_ok 'never kept: the next step' \
    grep -q "never kept; to count users, set users = yes and run pam_traffic_helper setup" <(cli report --ledger users)
tap_is 'never kept: usage' "$(cli usage --user alice --json | jq -c .all_in_bytes | sort -u)" null
tap_is 'never kept: metrics' "$(cli metrics | grep -c pam_traffic_host)" 0

tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
