#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic report: exact sums, each in the hour in which it flowed, in the admin's zone; the index beside it.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

LOG=$CLI/log
ZONE=UTC

# report ARG...: pam_traffic report, in ZONE
report() {
    env -i TZ="$ZONE" LC_ALL="$CLI_LOCALE" XDG_CACHE_HOME="$CLI/cache" "$PAM_TRAFFIC_CLI" report "$@" \
        >"$CLI/out" 2>"$CLI/err" </dev/null
    CLI_STATUS=$?
}

# rows ARG...: the rows of a report of the log, as CSV, without names
rows() {
    report --csv --noheadings "$@" "$LOG"
    [ "$CLI_STATUS" = 0 ] || tap_diag "$(cat "$CLI/err")"
    cut -d , -f "${FIELDS:-1-3}" "$CLI/out"
}

# flow N USER FROM TO IN OUT [FILTER]: a session's start and stop record; what it moved flowed between
flow() {
    cli_record "$1" 0 start ".user = \"$2\" | .time = \"$3.000000Z\" | .in_bytes = 0 | .out_bytes = 0 |
        .delta_in_bytes = 0 | .delta_out_bytes = 0 | ${7:-.}"
    cli_record "$1" 1 stop ".user = \"$2\" | .time = \"$4.000000Z\" | .in_bytes = $5 | .out_bytes = $6 |
        .delta_in_bytes = $5 | .delta_out_bytes = $6 | ${7:-.}"
}

{
    flow 1 alice 2026-10-31T23:00:00 2026-11-01T01:00:00 2000 200
    flow 2 bob 2026-11-14T20:00:00 2026-11-15T04:00:00 800 80 '.auth_key = null | .auth_method = "password" |
        .remote_addr = "2001:db8:1:2:3::4" | .service = "sshd"'
    flow 3 alice 2026-11-15T12:00:00 2026-11-15T12:00:10 7 70 '.remote_addr = "10.77.0.9"'
} >"$LOG"

tap_is 'by user, what moved most first' "$(rows --by user)" $'alice,2007,270\nbob,800,80'
tap_is 'by user is what there is without --by' "$(rows)" "$(rows --by user)"
tap_is 'by day: a session over midnight is split' "$(rows --by day)" \
    $'2026-10-31,1000,100\n2026-11-01,1000,100\n2026-11-14,400,40\n2026-11-15,407,110'
tap_is 'by month' "$(rows --by month)" $'2026-10,1000,100\n2026-11,1807,250'
tap_is 'by hour' "$(rows --by hour --until 2026-11-01)" \
    $'2026-10-31 23:00,1000,100\n2026-11-01 00:00,1000,100'
tap_is 'by two' "$(FIELDS=1-4 rows --by user,month)" \
    $'alice,2026-10,1000,100\nalice,2026-11,1007,170\nbob,2026-11,800,80'
tap_is 'by network: /24 and /64' "$(rows --by network)" $'10.77.0.0/24,2007,270\n2001:db8:1:2::/64,800,80'
tap_is 'by key: its method where there was none' "$(rows --by key | tail -n 1)" 'password,800,80'
tap_is 'by remote' "$(rows --by remote --sort key | head -n 1)" '10.77.0.2,2000,200'
tap_is 'by host and service' "$(FIELDS=1-4 rows --by host,service)" 'vm,sshd,2807,350'
tap_is '--user' "$(rows --by day --user bob)" $'2026-11-14,400,40\n2026-11-15,400,40'
tap_is 'by three' "$(FIELDS=1-5 rows --by user,key,month --sort key | head -n 1 | tr -d ' ')" \
    "$(FIELDS=1-5 rows --by user,key,month | sort | head -n 1 | tr -d ' ')"
tap_is 'by two without a time: what moved most first' "$(FIELDS=1,3,4 rows --by user,host)" $'alice,2007,270\nbob,800,80'
tap_is '--key: the method' "$(rows --by user --key password)" bob,800,80
tap_is '--from: a network' "$(rows --by user --from 2001:db8::/32)" bob,800,80
tap_is '--from and --key: both must hold' "$(rows --by user --from 10.77.0.0/16 --key password)" ''
tap_is '--from, twice' "$(rows --by user --from 10.77.0.0/16 --from 2001:db8::/32)" $'alice,2007,270\nbob,800,80'
cli_is 'a user of whom nothing can be known' 1 report --user alcie "$CLI/log"
tap_is 'a user of whom nothing can be known: said' "$(cat "$CLI/err")" \
    'pam_traffic: user alcie is neither in the log nor a user of this host'
cli_is 'a user of this host who moved nothing' 0 report --user root "$CLI/log"
tap_is '--sort out' "$(rows --by day --sort in | head -n 1)" '2026-10-31,1000,100'
tap_is '--since and --until' "$(rows --by user --since 2026-11-15 --until 2026-11-15)" $'bob,400,40\nalice,7,70'
tap_is 'a session is counted on each of its days, and once in all' \
    "$(FIELDS=1,5 rows --by day) $(FIELDS=1,5 rows --by user)" \
    $'2026-10-31,1\n2026-11-01,1\n2026-11-14,1\n2026-11-15,2 alice,2\nbob,1'

# other zones: their days, with quarters of an hour; and those of UTC all the same
ZONE=NPT-5:45
tap_is 'days of Nepal (+5:45)' "$(rows --by day)" \
    $'2026-11-01,2000,200\n2026-11-15,807,150'
tap_is '--utc' "$(rows --by day --utc | head -n 1)" '2026-10-31,1000,100'
ZONE=EST5
tap_is 'days of New York' "$(rows --by month)" $'2026-10,2000,200\n2026-11,807,150'
ZONE=UTC

# a day of 25 hours, and one of 23
ZONE=CET-1CEST,M3.5.0,M10.5.0/3
{
    flow 1 alice 2026-10-24T22:00:00 2026-10-25T23:00:00 25000 0
    flow 2 alice 2026-03-28T23:00:00 2026-03-29T22:00:00 23000 0
    flow 3 alice 2026-10-25T23:00:00 2026-10-26T00:00:00 1 0
} >"$CLI/clocks"
LOG=$CLI/clocks
tap_is 'days on which clocks are changed' "$(rows --by day)" $'2026-03-29,23000,0\n2026-10-25,25000,0\n2026-10-26,1,0'
tap_is 'the hour that comes twice has two rows' "$(rows --by hour | grep -c '^2026-10-25 02:00,1000,0$')" 2
ZONE=UTC
LOG=$CLI/log

# the month as it is billed
printf 'billing_day = 15\nlog_file = %s\nstate_dir = %s\n' "$LOG" "$CLI/state" >"$CLI/conf"
tap_is 'months from billing_day on, by its date' "$(rows --by month --config "$CLI/conf")" \
    $'2026-10-15,2400,240\n2026-11-15,407,110'

# as jq has it, with interim records, torn lines and lines that are there twice
mkdir "$CLI/state"
awk -v start="$(cli_record 1 0 start)" -v id="$(cli_session 1)" 'BEGIN {
    srand(7)
    for (s = 1; s <= 40; s++) {
        in_bytes = out_bytes = 0
        for (q = 0; q < 6; q++) {
            line = start
            in_bytes += in_now = int(rand() * 3e8)
            out_bytes += out_now = int(rand() * 3e8)
            sub("\"in_bytes\":[0-9]+", sprintf("\"in_bytes\":%d", in_bytes), line)
            sub("\"out_bytes\":[0-9]+", sprintf("\"out_bytes\":%d", out_bytes), line)
            sub(id, substr(id, 1, 24) sprintf("%012x", s), line)
            sub("\"seq\":0", "\"seq\":" q, line)
            sub("alice", "user" s % 7, line)
            sub("2026-11-22T17:00", sprintf("2026-11-%02dT%02d:%02d", 1 + (s + q) % 28, s % 24, q), line)
            sub("\"preauth_in_bytes\"", sprintf("\"delta_in_bytes\":%d,\"delta_out_bytes\":%d,&", in_now, out_now), line)
            sub("\"event\":\"start\"", q == 5 ? "\"event\":\"stop\"" : q ? "\"event\":\"interim\"" : "&", line)
            print line
            if (s % 9 == q) print line
            if (s % 10 == 9 && q == 2) print "{\"torn"
        }
    }
}' | sort -R --random-source=<(yes) >"$CLI/many"
LOG=$CLI/many
tap_is 'the same sums as jq' "$(rows --by user --sort key)" "$(jq -n -r -R '
    [inputs | fromjson? // empty] | unique_by([.session, .seq]) | group_by(.user)[] |
    [.[0].user, (map(.delta_in_bytes) | add), (map(.delta_out_bytes) | add)] | map(tostring) | join(",")' "$LOG")"
tap_is 'bad lines are named' "$(head -n 1 "$CLI/err" | sed 's/.*: skipped/skipped/') $(tail -n 1 "$CLI/err")" \
    'skipped: torn, or not a JSON object 4 lines of the log are not records and were skipped'

# JSON
report --json --by day "$CLI/log"
tap_is '--json: numbers are numbers, and it has all' \
    "$(jq -c '[.layer, .by[0], (.rows | length), .total.in, .total.sessions, .unauthenticated, .records,
        (.rows[0] | .day, .begin, .end, .in)]' "$CLI/out")" \
    '["ip","day",4,2807,3,null,6,"2026-10-31","2026-10-31T23:00:00.000000Z","2026-11-01T00:00:00.000000Z",1000]'
report --by remote --json --limit 1 "$CLI/log"
tap_is '--json: the example of the man page has all keys' \
    "$(sed -n '/^# pam_traffic report .*--json/,/^```/p' "$(dirname "$0")/../../man/pam_traffic-report.1.scd" | sed '1d;$d' |
        jq -c '[keys_unsorted, (.rows[0] | keys_unsorted), (.total | keys_unsorted)]')" \
    "$(jq -c '[keys_unsorted, (.rows[0] | keys_unsorted), (.total | keys_unsorted)]' "$CLI/out")"
report --json --limit 1 "$CLI/log"
tap_is '--limit leaves no bytes out of the total' "$(jq -c '[(.rows | length), .rows_left_out, .total.in]' "$CLI/out")" '[1,1,2807]'

# what is not known
{
    cat "$CLI/log"
    cli_record 7 0 start '.user = "nobody" | .time = "2026-11-22T00:00:00.000000Z" | .in_bytes = null | .out_bytes = null'
    cli_record 8 0 start '.user = "left" | .time = "2026-11-22T00:00:00.000000Z" | .in_bytes = null | .out_bytes = null |
        .excluded = true'
    cli_record 9 0 stop '.user = "half" | .time = "2026-11-22T00:00:00.000000Z" | .in_bytes = 5 | .out_bytes = 6 |
        .complete = false'
} >"$CLI/unknown"
report --csv --noheadings --sort key "$CLI/unknown"
tap_is 'not known is empty, and counted as such' "$(grep -E '^(nobody|left|half)' "$CLI/out")" \
    $'half,5,6,11,1,0.003472,0,1,0\nleft,,,,1,,0,0,1\nnobody,,,,1,,1,0,0'
report --bytes "$CLI/unknown"
tap_is 'the table says so, too' "$(tr -s ' ' <"$CLI/out" | grep -E '^(nobody|total|1 session)')" \
    'nobody 1 1 unknown
total 2812 356 3168 6 100.0% 1 unknown, 1 incomplete, 1 excluded
1 session: not all bytes are known; the known bytes are counted
1 session: bytes may be missing (complete: false)
1 session: not counted, because the configuration excludes their networks'
tap_is 'layers of which nothing is known' "$(LOG=$CLI/log FIELDS=1-5 rows --layer wire)" $'alice,,,,2\nbob,,,,1'

# all of sshd's port
{
    cat "$CLI/log"
    cli_port 50 0 '.time = "2026-10-31T23:00:00.000000Z" | .in_bytes = 0 | .out_bytes = 0 | .delta_in_bytes = 0 |
        .delta_out_bytes = 0'
    cli_port 50 1 '.time = "2026-11-01T01:00:00.000000Z" | .in_bytes = 2600 | .out_bytes = 1000 |
        .delta_in_bytes = 2600 | .delta_out_bytes = 1000'
} >"$CLI/ports"
report --json "$CLI/ports"
tap_is 'what no session moved' "$(jq -c '[.unauthenticated, .total.in]' "$CLI/out")" '[{"in":600,"out":800,"complete":true},2807]'
report --bytes "$CLI/ports"
tap_is '... is a row of its own' "$(tr -s ' ' <"$CLI/out" | grep '^(un')" '(unauthenticated) 600 800 1400 '

# hostile names
cli_record 1 0 start '.user = "a\u001b[31m,\"b\"\n\u202e" | .time = "2026-11-22T00:00:00.000000Z"' >"$CLI/hostile"
for how in '' --json --csv; do
    report ${how:+"$how"} "$CLI/hostile"
    cli_raw "$CLI/out"
done

# a spreadsheet runs what begins so
for sign in = + - @; do
    cli_record 1 0 start ".user = \"${sign}cmd|x\" | .time = \"2026-11-22T00:00:00.000000Z\"" >"$CLI/formula"
    report --csv --noheadings "$CLI/formula"
    tap_is "CSV: a name that begins with $sign is a text" "$(cut -d , -f 1 "$CLI/out")" "'${sign}cmd|x"
done

# a clock that was ahead, or a lie
{
    flow 1 alice 2026-11-22T00:00:00 2026-11-22T00:00:01 1 2
    flow 2 alice 9999-12-31T23:00:00 9999-12-31T23:00:01 7 8
} >"$CLI/ahead"
for by in hour day month; do
    report --csv --noheadings --by "$by" "$CLI/ahead"
    tap_is "by $by: what is dated 9999 is later" "$CLI_STATUS $(tail -n 1 "$CLI/out" | cut -d , -f 1-3)" '0 later,7,8'
done

# what is no number any more
for n in 1 2; do
    flow "$n" "user$n" "2026-11-22T0$n:00:00" "2026-11-22T0$n:00:01" 9000000000000000000 9000000000000000000
done | sed 's/9e+18/9000000000000000000/g' >"$CLI/most"
report --json "$CLI/most"
tap_ok 'a sum that is no number any more' \
    grep -qF '"in":18000000000000000000,"out":18000000000000000000,"total":null' "$CLI/out"
sed 's/"user2"/"user1"/' "$CLI/most" >"$CLI/more"
report --json "$CLI/more"
tap_is 'sums that are none: nothing is told of them' \
    "$(jq -c '[.rows[0], .total] | map(.in, .out, .total, .share, .sessions)' "$CLI/out")" \
    '[null,null,null,null,2,null,null,null,null,2]'
report --csv --noheadings "$CLI/more"
tap_is 'CSV: likewise' "$(cat "$CLI/out")" 'user1,,,,2,,0,0,0'
report --noheadings "$CLI/more"
tap_is 'the table: likewise' "$(sed 's/^ *//; s/  */ /g; s/ $//' "$CLI/out" | sed -n '1p; /^total/p')" $'user1 2\ntotal 2'
cli metrics "$CLI/more"
tap_is 'metrics: likewise' "$(grep -c '^pam_traffic_user_bytes_total{' "$CLI/out") \
$(grep '^pam_traffic_user_sessions_total{' "$CLI/out")" '0 pam_traffic_user_sessions_total{user="user1"} 2'

# the index: in state_dir; deleted, damaged or not to be had, the answer is the same
LOG=$CLI/log
configured() {
    report --csv --noheadings --config "$CLI/conf"
    cut -d , -f 1-3 "$CLI/out"
}
is=$(rows)
tap_is 'through the index' "$(configured)" "$is"
tap_is '... which is in state_dir, for its owner alone' "$(stat -c %a "$CLI/state/index.db")" 600
flow 4 carol 2026-11-16T00:00:00 2026-11-16T00:00:01 1 1 >>"$LOG"
is=$(rows)
tap_is 'what was added is taken in' "$(configured)" "$is"
gzip -c "$LOG" >"$LOG.1.gz"
flow 5 dan 2026-11-16T00:00:00 2026-11-16T00:00:01 1 0 >"$LOG"
tap_is 'a log that was rotated' "$(configured)" "$is"$'\ndan,1,0'
rm "$CLI/state/index.db"
tap_is 'deleted' "$(configured)" "$is"$'\ndan,1,0'
echo damaged >"$CLI/state/index.db"
tap_is 'damaged' "$(configured)" "$is"$'\ndan,1,0'
configured >/dev/null
tap_is '... which is said once' "$(wc -l <"$CLI/err")" 0
# a page of it, of some 20: the first run may fail, and says that the next one will not
cp "$CLI/state/index.db" "$CLI/sound.db"
pages=$(($(stat -c %s "$CLI/sound.db") / 4096)) wrong='' said=0
for ((page = 0; page < pages; page += 1 + pages / 20)); do
    rm -f "$CLI/state/"index.db*
    cp "$CLI/sound.db" "$CLI/state/index.db"
    head -c 4096 /dev/zero | tr '\0' '\377' |
        dd of="$CLI/state/index.db" bs=4096 seek="$page" conv=notrunc status=none
    configured >/dev/null
    [ "$CLI_STATUS" = 0 ] || { said=$((said + 1)) && grep -q 'try again' "$CLI/err"; } || wrong+=" $page said"
    [ "$(configured)" = "$is"$'\ndan,1,0' ] || wrong+=" $page"
done
tap_is 'a damaged page: the second run is right' "$wrong" ''
tap_ok '... and there were pages, and runs that failed' [ $((pages > 5 && said > 0)) = 1 ]
head -c 100 "$LOG.1.gz" >"$LOG.2.gz"
configured >/dev/null
tap_is 'a damaged archive is said once, in a line' "$(sed "s|$CLI/||" "$CLI/err")" \
    'pam_traffic: log.2.gz: the archive ends too early; only the part that could be read is counted'
rm "$LOG.2.gz"
chmod o+w "$CLI/state"
tap_is 'others can write to state_dir' "$(configured)" "$is"$'\ndan,1,0'
configured >/dev/null
tap_ok '... and the index there is not used' \
    grep -q 'the index is not used: other users can write to .*/state; chmod' "$CLI/err"
rm -r "$CLI/cache"
chmod o-w "$CLI/state"
chmod o+w "$CLI/state/index.db"
configured >/dev/null
tap_ok 'others can write to the index: neither' \
    grep -q 'the index is not used: other users can write to .*/state/index.db; chmod' "$CLI/err"
rm -r "$CLI/cache"
rm -r "$CLI/state"
tap_is 'without state_dir' "$(configured)" "$is"$'\ndan,1,0'
tap_is '... it is in the cache' "$(stat -c %a "$CLI/cache/pam_traffic/index.db")" 600
rm -r "$CLI/cache"
echo >"$CLI/cache"
tap_is 'without a place to write' "$(configured)" "$is"$'\ndan,1,0'

# moments inside of a quarter of an hour: all of it counts, and it is said
cli_record 1 0 stop '.time = "2026-11-22T12:06:00.000000Z" | .duration = 180' >"$CLI/quarter"
cli report --json --since 2026-11-22T12:07Z --until 2026-11-22T12:08Z "$CLI/quarter"
tap_is 'a part of a quarter: all of it, and it is said' "$(jq -r '"\(.since[11:16]) \(.until[11:16]) \(.total.out)"' "$CLI/out")" \
    '12:00 12:15 10485760'
cli_record 1 0 stop ".time = \"$(date -u +%Y-%m-%dT%H:%M:%S.000000Z)\" | .duration = 1" >"$CLI/quarter"
cli report --json --since "$(date -u -d '+1 minute' +%Y-%m-%dT%H:%M:%SZ)" "$CLI/quarter"
tap_is 'from a moment to come: nothing' "$(jq '.total.sessions' "$CLI/out")" 0

# usage
for wrong in '--by nobody' '--by user,day,key,remote' '--from host.example' '--by day,month' '--by user,user' '--layer tcp' '--sort size' '--limit 0' \
    '--since never' '--since 2026-11-02 --until 2026-11-01' '--json --csv'; do
    # shellcheck disable=SC2086
    cli_is "wrong: $wrong" 2 report $wrong "$CLI/log"
done
cli_is 'a log that is not there' 1 report "$CLI/none"
echo >"$CLI/empty"
cli_is 'a log without records' 0 report "$CLI/empty"
cli_over
