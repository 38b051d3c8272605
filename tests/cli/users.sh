#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The users' ledger in the commands, with a made-up log: report, usage, metrics and alert have it apart from SSH sessions,
# and never add the two.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"
cli_in_one_day

LOG=$CLI/log
printf 'log_file = %s\nstate_dir = %s\n' "$LOG" "$CLI/state" >"$CLI/conf"
mkdir "$CLI/state"
TODAY=$(date -u +%F)

# account N SEQ IN OUT [FILTER]: a record of account N; its deltas are IN and OUT
account() {
    cli_record "$1" "$2" user '
        with_entries(if .key | IN("service", "pid", "rhost", "family", "local_addr", "local_port", "remote_addr",
            "remote_port", "auth_method", "auth_key", "duration", "backend", "terminate_cause") then .value = null else . end) |
        .complete = true | .socket_owner = "user" | .ssh_session = null | .excluded_in_bytes = 5 | .excluded_out_bytes = 6 |
        .in_bytes = '"$3"' * (.seq + 1) | .out_bytes = '"$4"' * (.seq + 1) | .delta_in_bytes = '"$3"' | .delta_out_bytes = '"$4"' |
        .time = "'"$TODAY"'T00:01:0\(.seq).000000Z" | '"${5:-.}"
}

{
    # alice: one login that we recorded, by SSH and by its programs; and what is of no login
    cli_record 1 0 start ".time = \"${TODAY}T00:00:00.000000Z\" | .in_bytes = 0 | .out_bytes = 0 | .delta_in_bytes = 0 | .delta_out_bytes = 0"
    cli_record 1 1 stop ".time = \"${TODAY}T00:00:01.000000Z\" | .in_bytes = 7000 | .out_bytes = 8000 | .delta_in_bytes = 7000 |
        .delta_out_bytes = 8000 | .process_in_bytes = 200 | .process_in_packets = 2 | .process_out_bytes = 40 | .process_out_packets = 4"
    account 11 0 100 20 ".audit_session = 7 | .ssh_session = \"$(cli_session 1)\""
    account 11 1 100 20 ".audit_session = 7 | .ssh_session = \"$(cli_session 1)\""
    account 11 1 100 20 ".audit_session = 7 | .ssh_session = \"$(cli_session 1)\"" # twice in the log
    account 12 0 1000 2000
    # of bob: a subordinate uid, an audit session that is no login of ours, and what he had too many rows for
    account 21 0 30 3 '.user = "bob" | .uid = 100005'
    account 22 0 40 4 '.user = "bob" | .uid = 1001 | .audit_session = 9 | .complete = false | .incomplete_cause = "lost"'
    account 23 0 50 5 '.user = "bob" | .uid = 1001 | .socket_owner = "rest"'
    # nobody's
    account 31 0 9 1 '.user = null | .uid = null | .socket_owner = "kernel"'
    account 32 0 8 1 '.user = null | .uid = null | .socket_owner = "unknown"'
    account 33 0 7 1 '.user = null | .uid = 4242'
} >"$LOG"

# rows ARG...: of the users' ledger, as CSV, without names
rows() {
    cli report --ledger users --csv --noheadings "$@" "$LOG"
    tap_is "$*: exit status" "$CLI_STATUS" 0
    cut -d , -f "${FIELDS:-1-3}" "$CLI/out"
}

tap_is 'by user: names; those who have none' "$(rows --by user | grep -v '^ok')" \
    $'alice,1200,2040\nbob,120,12\n(kernel),9,1\n(unknown),8,1\n4242,7,1'
tap_is 'by uid' "$(rows --by uid --sort key | grep -v '^ok')" \
    $'(kernel),9,1\n(unknown),8,1\n1000,1200,2040\n100005,30,3\n1001,90,9\n4242,7,1'
tap_is 'by login: SSH sessions, other audit sessions, and what is of none' \
    "$(FIELDS=1-4 rows --by user,login --user bob --sort key | grep -v '^ok')" $'bob,audit session 9,40,4\nbob,,80,8'
tap_is 'by login: the SSH session by its id' "$(rows --by login --user alice --sort key | grep -v '^ok' | head -n 1)" \
    "$(cli_session 1),200,40"
tap_is 'by day and host' "$(FIELDS=1-4 rows --by day,host | grep -v '^ok')" "$TODAY,vm,1344,2055"
cli_is 'sessions are accounts' 0 report --ledger users --json "$LOG"
tap_is 'JSON says which ledger' "$(jq -c '[.ledger, .total.in, .total.sessions, .total.incomplete, .open, .unauthenticated]' "$CLI/out")" \
    '["users",1344,8,1,8,null]'
tap_is 'JSON: what moved with excluded networks is in no row' "$(jq -c .excluded "$CLI/out")" '{"in":40,"out":48}'
tap_is 'JSON: to when the open accounts are counted' "$(jq -c .open_until "$CLI/out")" "\"${TODAY}T00:01:00.000000Z\""
# uids ARG...: the keys of the rows, by the first one
uids() {
    cli report --ledger users --json "$@" "$LOG"
    jq -c '[.rows[] | [.uid, .user, .login, .day]]' "$CLI/out" | jq -c 'map(map(select(. != null))) | sort'
}
tap_is 'JSON: a uid is a number, and the kernel has none' "$(uids --by uid)" '[[],[],[1000],[1001],[4242],[100005]]'
tap_is 'JSON: the key is there, null' "$(jq -c '[.rows[] | has("uid")] | unique' "$CLI/out")" '[true]'
tap_is 'JSON: so it is beside other words' "$(uids --by user,uid,day --user bob)" \
    "[[1001,\"bob\",\"$TODAY\"],[100005,\"bob\",\"$TODAY\"]]"
cli_is 'a table' 0 report --ledger users "$LOG"
tap_ok 'a table says so' grep -q '^ip bytes of all programs, ' "$CLI/out"
tap_is 'a table: accounts may miss bytes, no sessions' "$(grep -E '^[0-9]+ (session|account)' "$CLI/out")" \
    '1 account: bytes may be missing (complete: false)'
tap_is 'a table: what moved with excluded networks' "$(grep -E '^\(excluded\) ' "$CLI/out" | xargs)" '(excluded) 40 48 88'
tap_ok 'a table: to when the open accounts are counted' \
    grep -qE '^Accounts that are open are counted to .* ..:01:00$' "$CLI/out"
cli_is 'of one user' 0 report --ledger users --user bob --json "$LOG"
tap_is 'of one user: what he moved with excluded networks' "$(jq -c .excluded "$CLI/out")" '{"in":15,"out":18}'
# an account that had its last record an interim_interval before the newest one has moved nothing since
{
    cat "$LOG"
    account 34 0 1 1 '.time = "'"$TODAY"'T01:00:00.000000Z"'
    account 35 0 1 1 '.time = "'"$TODAY"'T01:03:00.000000Z"'
} >"$CLI/open"
cli_is 'which are open' 0 report --ledger users --json "$CLI/open"
tap_is 'which are open' "$(jq -c '[.open, .open_until]' "$CLI/out")" "[2,\"${TODAY}T01:00:00.000000Z\"]"

cli_is 'SSH' 0 report --json "$LOG"
tap_is 'the SSH ledger has nothing of it' "$(jq -c '[.ledger, .total.in, .total.out, .total.sessions]' "$CLI/out")" '["ssh",7000,8000,1]'
cli_is 'log' 0 log --json "$LOG"
tap_is 'nor has log' "$(wc -l <"$CLI/out")" 1

for wrong in '--by key' '--by user,kind' '--key x' '--from 10.0.0.1' '--layer wire'; do
    # shellcheck disable=SC2086  # words
    cli_is "--ledger users $wrong" 2 report --ledger users $wrong "$LOG"
done
for wrong in '--by uid' '--by login' '--ledger both'; do
    # shellcheck disable=SC2086  # words
    cli_is "$wrong" 2 report $wrong "$LOG"
done

cli_is '--html' 0 report --html "$CLI/page" "$LOG"
tap_is 'the page has both, each with two charts and a table' \
    "$(grep -o 'id="[a-z-]*"' "$CLI/page" | sort | paste -sd ' ')" \
    'id="bars" id="by-day" id="table" id="users" id="users-bars" id="users-by-day" id="users-table"'
tap_ok 'and says why they are never added' grep -q 'Do not add it to the figures above' "$CLI/page"
tap_is 'and of which accounts bytes may be missing' "$(grep -oE '<li>(Session|Account)s that may miss bytes: [0-9]+' "$CLI/page")" \
    '<li>Accounts that may miss bytes: 1'
tap_ok 'and to when the open accounts are counted' grep -q '; open accounts are counted to ' "$CLI/page"
tap_is 'and what moved with excluded networks' \
    "$(grep -oE 'Not included: excluded networks</td>(<td data-value="[0-9]+"){1}' "$CLI/page" | grep -oE '[0-9]+')" 40
tap_ok 'and what is counted once' grep -q '; a session or an account that was open on two days' "$CLI/page"
cli_is '--html of users alone' 0 report --ledger users --html "$CLI/page" "$LOG"
tap_is 'users alone: nothing of it is of SSH sessions, or counted by netfilter' \
    "$(grep -oiE '.{,20}(client|session|netfilter).{,20}' "$CLI/page")" ''
tap_is 'users alone: accounts' "$(grep -oiE 'an? account that was|<dt>Accounts|>Accounts</th>' "$CLI/page" | paste -sd ' ')" \
    '<dt>Accounts >Accounts</th> an account that was'
tap_is 'users alone: in and out' "$(grep -oE 'out, (from|to) [a-z ]+|IP bytes, [a-z ]+' "$CLI/page" | sort -u | paste -sd '|')" \
    'IP bytes, as the kernel counts them|out, from this host'
grep -v '"event":"user"' "$LOG" >"$CLI/ssh-only"
cli_is '--html without records of users' 0 report --html "$CLI/page" "$CLI/ssh-only"
tap_is 'no second part then' "$(grep -c 'id="users' "$CLI/page")" 0

cli_is 'usage' 0 usage --user alice --bytes --noheadings --config "$CLI/conf"
tap_is 'usage: SSH, and all programs' "$(head -n 1 "$CLI/out" | tr -s ' ' | cut -d ' ' -f 4-5,9-)" '7000 8000 yes ~1200 ~2040'
cli_is 'usage --json' 0 usage --user alice --json --config "$CLI/conf"
tap_is 'usage --json' "$(head -n 1 "$CLI/out" | jq -c '[.in_bytes, .all_in_bytes, .all_out_bytes, .all_complete]')" '[7000,1200,2040,false]'
tap_is 'usage --json: what was before the ledger began is not known' \
    "$(tail -n 1 "$CLI/out" | jq -c '[.all_in_bytes, .all_out_bytes]')" '[null,null]'
cli_is 'usage of one who has no session' 0 usage --user bob --json --config "$CLI/conf"
tap_is 'usage of one who has no session: his programs' \
    "$(head -n 1 "$CLI/out" | jq -c '[.in_bytes, .all_in_bytes, .all_complete]')" '[0,120,false]'

# a log in which nobody has come by SSH yet: what is known is since `pam_traffic enable`, which leaves a mark
sed "s|^log_file.*|log_file = $CLI/none|; s|^state_dir.*|state_dir = $CLI/none.state|" "$CLI/conf" >"$CLI/none.conf"
mkdir "$CLI/none.state"
{
    cli_record 6 0 on ".time = \"$(date -u -d '4 months ago' +%FT%T.000000Z)\""
    grep '"event":"user"' "$LOG"
} >"$CLI/none"
# none_yet KEY...: these keys of bob's first and last periods
none_yet() {
    cli usage --user bob --json --config "$CLI/none.conf"
    sed -n '1p;$p' "$CLI/out" | jq -c "[ $(printf '.%s, ' "$@" | sed 's/, $//') ]" | paste -sd ' '
}
tap_is 'nobody came by SSH: nothing is missing of nothing' "$(none_yet in_bytes out_bytes sessions complete all_in_bytes)" \
    '[0,0,0,true,120] [0,0,0,true,null]'
sed -i 1d "$CLI/none"
rm -r "$CLI/none.state"
mkdir "$CLI/none.state"
tap_is 'nobody says that SSH is recorded: what it moved is not known' "$(none_yet in_bytes out_bytes sessions all_in_bytes)" \
    '[null,null,null,120] [null,null,null,null]'
cli_is 'nobody says that SSH is recorded: a table' 0 usage --user bob --noheadings --config "$CLI/none.conf"
tap_is 'nobody says that SSH is recorded: and not that anything is missing' "$(grep -cwE 'yes|no' "$CLI/out")" 0
cli_is 'usage --watch --export' 2 usage --watch --export --config "$CLI/conf"

cli_is 'metrics' 0 metrics --config "$CLI/conf"
tap_is 'metrics' "$(grep '^pam_traffic_host_user_bytes_total{user="alice"' "$CLI/out" | paste -sd ' ')" \
    'pam_traffic_host_user_bytes_total{user="alice",direction="in"} 1200 pam_traffic_host_user_bytes_total{user="alice",direction="out"} 2040'
tap_is 'metrics of SSH have nothing of it' \
    "$(grep '^pam_traffic_user_bytes_total{user="alice",direction="in"' "$CLI/out")" \
    'pam_traffic_user_bytes_total{user="alice",direction="in"} 7000'

cli_is 'alert: over' 1 alert --ledger users --any --over 3000 --per day "$LOG"
# the day began before the first record, and no mark says that users were counted by then
tap_is 'alert: the line' "$(cat "$CLI/out")" \
    "1 user is over 3000 on $TODAY: alice at least 3.2K (240 over); by all programs, which were not counted all the time; open accounts are counted to $TODAY 00:01:00"
cli_is 'alert: all users' 1 alert --ledger users --any --over 1 --per day "$LOG"
tap_not 'alert: the kernel is no user' grep -qE '\((kernel|unknown)\)' "$CLI/out"
tap_ok 'alert: one without a name is' grep -q 4242 "$CLI/out"
cli_is 'alert: users were never counted: it cannot tell' 3 alert --ledger users --any --over 1 --per day "$CLI/ssh-only"
tap_ok 'alert: users were never counted: why' grep -q 'the ledger is off, or was never kept$' "$CLI/err"
{
    cat "$LOG"
    cli_record 74 0 users-off ".time = \"${TODAY}T00:02:00.000000Z\" | .incomplete_cause = \"off\""
} >"$CLI/off"
cli_is 'alert: users are not counted any more: it cannot tell' 3 alert --ledger users --any --over 1G --per day "$CLI/off"
cli_is 'alert: ... but of who is over' 1 alert --ledger users --any --over 3000 --per day "$CLI/off"
cli_is 'alert: SSH alone' 0 alert --any --over 15000 --per day "$LOG"

# a name that was not known at first: once a record has it, the whole account is its user's; but what a counter has counted
# for the uid stays there
mkdir "$CLI/late.state"
sed "s|^log_file.*|log_file = $CLI/late|; s|^state_dir.*|state_dir = $CLI/late.state|" "$CLI/conf" >"$CLI/late.conf"
# late CONF: what report, usage, metrics and alert have of it, each by the index of that configuration
late() {
    cli report --ledger users --csv --noheadings --by user,uid --config "$1"
    cut -d , -f 1-4 "$CLI/out"
    cli usage --user dora --json --config "$1"
    head -n 1 "$CLI/out" | jq -c '[.all_in_bytes, .all_out_bytes]'
    cli metrics --config "$1"
    sed -n 's/^pam_traffic_host_user_bytes_total{user="\(.*\)",direction="in"}/\1/p' "$CLI/out"
    cli alert --ledger users --user dora --over 1000 --per day --config "$1"
    printf 'alert %s\n' "$CLI_STATUS"
}
{
    cli_record 5 0 on ".time = \"$(date -u -d '4 months ago' +%FT%T.000000Z)\""
    account 51 0 700 70 '.user = null | .uid = 20001'
    account 52 0 5 1 '.user = null | .uid = 20001 | .audit_session = 3'
} >"$CLI/late"
tap_is 'no name yet: the uid; nobody knows that user' "$(late "$CLI/late.conf")" $'20001,20001,705,71\n20001 705\nalert 3'
account 51 1 700 70 '.user = "dora" | .uid = 20001' >>"$CLI/late"
LATE=$'dora,20001,1400,140\n20001,20001,5,1\n[1400,140]\n20001 705\ndora 700\nalert 1'
tap_is 'a later record has the name: the account is its' "$(late "$CLI/late.conf")" "$LATE"
account 51 2 700 70 '.user = null | .uid = 20001 | .in_bytes = 1400 | .out_bytes = 140' >>"$CLI/late"
account 51 3 700 70 '.user = "other" | .uid = 20001 | .in_bytes = 1400 | .out_bytes = 140' >>"$CLI/late"
tap_is 'and stays its' "$(late "$CLI/late.conf")" "$LATE"
rm -r "$CLI/late.state"
mkdir "$CLI/late.state"
tap_is 'an index that is made anew says the same' "$(late "$CLI/late.conf")" "$LATE"

# of one who is known already, by accounts of other logins: nothing is counted twice, or taken back
account 53 0 30 3 '.user = "dora" | .uid = 20001 | .audit_session = 4' >>"$CLI/late"
account 52 1 5 1 '.user = "dora" | .uid = 20001 | .audit_session = 3' >>"$CLI/late"
cli_is 'metrics of two accounts whose name came late' 0 metrics --config "$CLI/late.conf"
tap_is 'the counters only grow, by what came' \
    "$(sed -n 's/^pam_traffic_host_user_bytes_total{user="\(.*\)",direction="\(.*\)"}/\1 \2/p' "$CLI/out" | paste -sd ,)" \
    '20001 in 705,20001 out 71,dora in 735,dora out 74'
# the log has no begin of the account: what its first record adds counts, and not its total
account 54 7 11 1 '.user = null | .uid = 20001 | .in_bytes = 5000 | .out_bytes = 5000' >>"$CLI/late"
account 54 8 11 1 '.user = "dora" | .uid = 20001 | .in_bytes = 5011 | .out_bytes = 5001' >>"$CLI/late"
cli_is 'metrics of an account that began before the log' 0 metrics --config "$CLI/late.conf"
tap_is 'the counters only grow, by what came then' \
    "$(sed -n 's/^pam_traffic_host_user_bytes_total{user="\(.*\)",direction="\(.*\)"}/\1 \2/p' "$CLI/out" | paste -sd ,)" \
    '20001 in 716,20001 out 72,dora in 746,dora out 75'

# a record says what may be missing since the one before it, and that stays missing in the sums
{
    account 41 0 10 1 '.complete = false | .incomplete_cause = "lost"'
    account 41 1 10 1
} >"$CLI/missed"
cli_is 'missed' 0 report --ledger users --json "$CLI/missed"
tap_is 'a later record that is complete does not bring back what was missed' "$(jq .total.incomplete "$CLI/out")" 1
{
    account 41 1 10 1
    account 41 0 10 1 '.complete = false | .incomplete_cause = "lost"'
} >"$CLI/missed"
cli_is 'missed, the other way round' 0 report --ledger users --json "$CLI/missed"
tap_is 'nor does one that stands before it' "$(jq .total.incomplete "$CLI/out")" 1

# which login is which SSH session: by boot and audit session, in whatever order they are recorded
{
    account 81 0 1000 1 '.audit_session = 5 | .boot_id = "one"'
    account 82 0 100 1 '.audit_session = 5 | .boot_id = "two"'
    account 83 0 10 1 '.audit_session = 6 | .boot_id = "one"'
    account 84 0 1 1 ".audit_session = 8 | .boot_id = \"one\" | .ssh_session = \"$(cli_session 9)\""
    cli_record 2 0 start '.audit_session = 5 | .boot_id = "one"'
    cli_record 2 0 start '.audit_session = 5 | .boot_id = "one"'
    # sshd without pam_loginuid, in somebody's login
    cli_record 3 0 start '.audit_session = 6 | .boot_id = "one"'
    cli_record 4 0 start '.audit_session = 6 | .boot_id = "one"'
    cli_record 3 0 start '.audit_session = 6 | .boot_id = "one"'
} >"$CLI/logins"
LOGINS="$(cli_session 2),1000
audit session 5,100
audit session 6,10
$(cli_session 9),1"
tap_is 'by login: sessions are known by boot and audit session, unless several have it' \
    "$(cli report --ledger users --by login --csv --noheadings "$CLI/logins"; cut -d , -f 1,2 "$CLI/out")" "$LOGINS"
tac "$CLI/logins" >"$CLI/logins.tac"
tap_is 'by login: so they are in another order' \
    "$(cli report --ledger users --by login --csv --noheadings "$CLI/logins.tac"; cut -d , -f 1,2 "$CLI/out")" "$LOGINS"

# times in which users were not counted: whatever a row is of, it may miss bytes if its time touches one of its host
YESTERDAY=$(date -u -d yesterday +%F)
{
    cli_record 7 0 users-on '.time = "2020-01-01T00:00:00.000000Z"'
    cli_record 7 0 users-on '.time = "2020-01-01T00:00:00.000000Z" | .host = "other"'
    account 61 0 100 20 ".time = \"${YESTERDAY}T01:00:00.000000Z\""
    account 62 0 100 20 ".time = \"${TODAY}T00:00:01.000000Z\""
    account 63 0 100 20 ".time = \"${TODAY}T00:00:01.000000Z\" | .host = \"other\""
    account 64 0 100 20 ".time = \"${YESTERDAY}T01:00:00.000000Z\" | .host = \"other\""
    # in the other order, twice, and a mark of SSH
    cli_record 71 0 users-on ".time = \"${YESTERDAY}T03:00:00.000000Z\""
    cli_record 72 0 users-off ".time = \"${YESTERDAY}T02:00:00.000000Z\" | .incomplete_cause = \"reboot\""
    cli_record 72 0 users-off ".time = \"${YESTERDAY}T02:00:00.000000Z\" | .incomplete_cause = \"reboot\""
    cli_record 73 0 off ".time = \"${TODAY}T00:00:00.000000Z\" | .incomplete_cause = \"stopped\""
} >"$CLI/gaps"
# gaps ARG...    accounts and those that may miss bytes, of each row, and of all
gaps() {
    cli report --ledger users --utc --json "$@" "$CLI/gaps"
    jq -r '(.rows[], .total) | "\(.day // .host // "all") \(.sessions) \(.incomplete)"' "$CLI/out" | paste -sd ,
}
tap_is 'gaps: by day' "$(gaps --by day)" "$YESTERDAY 2 2,$TODAY 2 0,all 4 4"
tap_is 'gaps: what they are' "$(jq -c '.gaps' "$CLI/out")" \
    "[{\"host\":\"vm\",\"begin\":\"${YESTERDAY}T02:00:00.000000Z\",\"end\":\"${YESTERDAY}T03:00:00.000000Z\",\"cause\":\"reboot\"}]"
tap_is 'gaps: by host' "$(gaps --by host --sort key)" 'other 2 0,vm 2 2,all 4 4'
tap_is 'gaps: today is not touched' "$(gaps --since "$TODAY")" 'all 2 0,all 2 0'
tap_is 'gaps: nobody was there, and nobody would have been seen' \
    "$(gaps --since "$YESTERDAY 02:00" --until "$YESTERDAY 03:00")" 'all 0 0'
tap_is 'gaps: so nothing is known' "$(jq -c '[.total.in, .total.out, .total.total]' "$CLI/out")" '[null,null,null]'
tap_is 'gaps: where all was counted, nothing is 0' \
    "$(gaps --since "$YESTERDAY 04:00" --until "$YESTERDAY 05:00"; jq -c '[.total.in, .gaps]' "$CLI/out")" $'all 0 0\n[0,[]]'
cli_is 'gaps: the page' 0 report --utc --since "$YESTERDAY 02:00" --until "$YESTERDAY 03:00" --html "$CLI/page" "$CLI/gaps"
tap_is 'gaps: the page has when, though it has nothing of users' \
    "$(grep -oE 'id="users"|<li>Not counted: vm, .* \(1h00m\)' "$CLI/page" | cut -d , -f 1 | paste -sd ' ')" 'id="users" <li>Not counted: vm'
cli_is 'gaps: alert' 0 alert --utc --ledger users --user alice --over 3000 --per day "$CLI/gaps"
tap_is 'gaps: alert of another day' "$(cat "$CLI/out")" "not over 3000 on $TODAY: alice 240; by all programs; open accounts are counted to $TODAY 00:00:01"
cli_is 'gaps: log' 0 log --json "$LOG" "$CLI/gaps"
tap_is 'gaps: SSH sessions know nothing of them' "$(cli report --json "$CLI/gaps"; jq -c '[.gaps[].cause]' "$CLI/out")" '["stopped"]'

# a name that is hostile; a record without a number
{
    account 1 0 1 1 '.user = "eve\u001b[31m\n<b>" | .uid = 66'
    account 2 0 1 1 'del(.seq)'
} >"$CLI/hostile"
cli_is 'hostile' 0 report --ledger users "$CLI/hostile"
cli_raw "$CLI/out"
tap_ok 'a bad line is named' grep -q 'hostile:2: ' "$CLI/err"
cli_is 'hostile: the page' 0 report --ledger users --html "$CLI/page" "$CLI/hostile"
tap_is 'hostile: nothing of it is HTML' "$(grep -c '<b>' "$CLI/page")" 0
cli_over
