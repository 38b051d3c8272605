#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic log: one row a session, whatever stands in the log; what is no record is named; which log
# it is, and what is said when it cannot be read.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

LOG=$CLI/log

# columns FILE...: the table, blanks squeezed
columns() {
    cli log "$@"
    tr -s ' ' <"$CLI/out" | sed 's/ $//'
}

cli_began 1 2026-11-22T16:57:54.500
cli_began 2 2026-11-22T17:05
cli_began 3 2026-11-22T16:00
{
    cli_record 1 0 start '.in_bytes = 700'
    cli_record 2 0 start '.user = "bob" | .time = "2026-11-22T17:05:00.000000Z" | .auth_key = null |
        .auth_method = "password" | .remote_addr = "fd00:77::2" | .in_bytes = null | .out_bytes = null'
    cli_record 1 1 interim '.time = "2026-11-22T16:59:00.000000Z" | .duration = 65.5'
    cli_record 3 0 start '.user = "carol" | .time = "2026-11-22T16:00:00.000000Z"'
    cli_record 1 2 stop '.kind = "sftp"'
    cli_record 3 1 interim '.user = "carol" | .time = "2026-11-22T18:00:30.000000Z" | .duration = 7230 |
        .in_bytes = 0 | .out_bytes = 1047527424 | .complete = false'
} >"$LOG"
cli_is 'a table' 0 log "$LOG"
tap_is 'it is quiet otherwise' "$(cat "$CLI/err")" ''
tap_is 'one row a session: its stop record, or the last; the newest last' "$(cat "$CLI/out")" \
    "START            END   USER  KEY          FROM       KIND   IN   OUT LASTED CAUSE        SESSION
2026-11-22 16:00       carol 3cHy3vKqWx8t 10.77.0.2         ~0 ~999M   open              $(cli_short 3)
2026-11-22 16:57 17:00 alice 3cHy3vKqWx8t 10.77.0.2  sftp 4.7K   10M  2m05s User-Request $(cli_short 1)
2026-11-22 17:05       bob   password     fd00:77::2                   open              $(cli_short 2)

2 sessions open, counted to 2026-11-22 17:05:00"
cli log --bytes --noheadings "$LOG"
tap_is '--noheadings, --bytes' "$(tr -s ' ' <"$CLI/out" | cut -d ' ' -f 3- | head -n 2)" \
    "carol 3cHy3vKqWx8t 10.77.0.2 ~0 ~1047527424 open $(cli_short 3)
17:00 alice 3cHy3vKqWx8t 10.77.0.2 sftp 4829 10485760 2m05s User-Request $(cli_short 1)"

# what is not needed most gives way: first END, then KEY and KIND, then CAUSE; what has room then comes back; LASTED
# stays, and tells what is open
cli log "$LOG"
widest=$(awk 'length > most { most = length } END { print most }' "$CLI/out")
for less in 0:11 1:10 6:10 7:9 24:8 25:9 41:7; do
    width=$((widest - ${less%:*}))
    cli_terminal "$width" log "$LOG"
    tap_is "a terminal of $width columns: columns of the table, and no row is longer" \
        "$(awk -v most="$width" 'NR == 1 { n = NF } length > most { n = "long" } END { print n }' "$CLI/out")" \
        "${less#*:}"
    tap_is "a terminal of $width columns: what is open" "$(grep -c ' open ' "$CLI/out")" 2
done

cli_is '--csv' 0 log --csv "$LOG"
tap_is '--csv: a row each' "$(cut -d , -f 1-7,14-20,21 "$CLI/out")" \
    "session,start,end,host,service,user,uid,in_bytes,out_bytes,duration,terminate_cause,complete,excluded,kind,time
$(cli_session 3),2026-11-22T16:00:00.000000Z,,vm,sshd,carol,1000,0,1047527424,7230.000000,,false,false,,2026-11-22T18:00:30.000000Z
$(cli_session 1),2026-11-22T16:57:54.500000Z,2026-11-22T17:00:00.000000Z,vm,sshd,alice,1000,4829,10485760,125.500000,User-Request,true,false,sftp,2026-11-22T17:00:00.000000Z
$(cli_session 2),2026-11-22T17:05:00.000000Z,,vm,sshd,bob,1000,,,,,,false,,2026-11-22T17:05:00.000000Z"
cli log --csv --noheadings --limit 1 "$LOG"
tap_is '--csv: --noheadings, and --limit leaves the last' "$(cut -d , -f 6 "$CLI/out")" bob
cli_is '--csv and --json' 2 log --csv --json "$LOG"

sorted() {
    cli log --json "$@" "$LOG"
    jq -r .user "$CLI/out" | tr '\n' ' '
}
tap_is '--sort start: the newest last' "$(sorted --sort start)" 'carol alice bob '
tap_is '--sort end: those without one are the last' "$(sorted --sort end)" 'alice carol bob '
for column in out total duration; do
    tap_is "--sort $column: the most first, what is not known last" "$(sorted --sort "$column")" 'carol alice bob '
done
tap_is '--sort in' "$(sorted --sort in)" 'alice carol bob '
tap_is '--limit: the last' "$(sorted --limit 2)" 'alice bob '
tap_is '-n: more than there are' "$(sorted -n 9)" 'carol alice bob '
tap_is '-n and --sort: those with most' "$(sorted -n 1 --sort out)" 'carol '
tap_is '-n and --since: of those' "$(sorted -n 1 --until '2026-11-22 17:00')" 'alice '
cli_is '-n 0' 2 log -n 0 "$LOG"
tap_is '-n 0: the option is called as it was typed' "$(cut -d ';' -f 1 "$CLI/err")" \
    "pam_traffic: option -n: '0' is not a number from 1 to 4294967295"
cli_is '--follow and --limit' 2 log --follow --limit 1 "$LOG"

cli_is '--json' 0 log --json "$LOG"
tap_is '--json: the same records, as they are in the log' "$(jq -S -c . "$CLI/out")" \
    "$(jq -s -S -c '[.[5, 4, 1]][]' "$LOG")"
tap_is '--json: numbers are numbers, unknown is null' \
    "$(jq -r '[.in_bytes, .seq, .duration, .preauth_in_bytes | type] | unique | join(" ")' "$CLI/out" | sort -u)" \
    $'null number'

# by (session, seq) the first counts; and nothing comes after a stop record
{
    cat "$LOG" "$LOG"
    cli_record 1 2 stop '.in_bytes = 1'
    cli_record 1 9 interim '.in_bytes = 2'
} >"$CLI/twice"
tap_is 'lines that are there twice count once' "$(columns "$CLI/twice")" "$(columns "$LOG")"
tap_is 'the same in two files' "$(columns "$LOG" "$CLI/twice")" "$(columns "$LOG")"
tap_is 'a rotated log first or last' "$(head -n 3 "$LOG" >"$CLI/log.1"; tail -n +4 "$LOG" >"$CLI/log.0"
    columns "$CLI/log.0" "$CLI/log.1")" "$(columns "$LOG")"
tac "$LOG" >"$CLI/reverse"
tap_is 'the order of the lines does not matter' "$(columns "$CLI/reverse")" "$(columns "$LOG")"

# what a local port moved is no session's, and no bad line either
{
    cat "$LOG"
    cli_port 9 0
    cli_port 9 1
} >"$CLI/ports"
tap_is 'records of ports are passed over' "$(columns "$CLI/ports")" "$(columns "$LOG")"
cli log --json "$CLI/ports"
tap_is 'in --json, too, and silently' "$(jq -r .event "$CLI/out" | sort -u | tr '\n' ' '; cat "$CLI/err")" 'interim start stop '

# of what time the log cannot tell anything
mark() {
    cli_record "$1" 0 "$2" "(keys - [\"v\", \"event\", \"session\", \"seq\", \"host\", \"excluded\"]) as \$keys |
        reduce \$keys[] as \$key (.; .[\$key] = null) | .time = \"$3\" | .complete = (.event == \"on\") |
        .incomplete_cause = ${4:-null}"
}
{
    cat "$LOG"
    mark 20 off 2026-11-22T10:00:00.000000Z '"reboot"'
    mark 21 on 2026-11-22T12:30:00.000000Z
    mark 22 off 2026-11-23T08:00:00.000000Z '"off"'
} >"$CLI/gaps"
cli_is 'marks are no bad lines' 0 log "$CLI/gaps"
tap_is 'marks: said below the table' "$(sed -n '5,$p' "$CLI/out")$(cat "$CLI/err")" '
2 sessions open, counted to 2026-11-22 17:05:00
Not recorded: vm, 2026-11-22 10:00 to 12:30 (2h30m): the host was down
Not recorded: vm, since 2026-11-23 08:00: pam_traffic was off'
tap_is 'marks: the table is as without them' "$(columns "$CLI/gaps" | grep -v '^Not')" "$(columns "$LOG")"
cli log --since 2026-11-22T13:00 --until 2026-11-22 "$CLI/gaps"
tap_is 'marks: of that time alone' "$(grep -c Not "$CLI/out")" 0
cli log -n 1 "$CLI/gaps"
tap_is 'marks: -n leaves those since the first that is shown' "$(grep '^Not' "$CLI/out")" \
    'Not recorded: vm, since 2026-11-23 08:00: pam_traffic was off'
cli log --json "$CLI/gaps"
tap_is 'marks: not in --json' "$(jq -r .event "$CLI/out" | sort -u | tr '\n' ' ')" 'interim start stop '
cli report --json --since 2026-11-22 --until 2026-11-22 "$CLI/gaps"
tap_is 'marks: in a report' "$(jq -c .gaps "$CLI/out")" \
    '[{"host":null,"begin":"2026-11-22T00:00:00.000000Z","end":"2026-11-22T10:00:00.000000Z","cause":"begin"},{"host":"vm","begin":"2026-11-22T10:00:00.000000Z","end":"2026-11-22T12:30:00.000000Z","cause":"reboot"}]'
cli report --since 2026-11-22 "$CLI/gaps"
tap_is 'marks: in its table' "$(grep -c '^Not recorded: vm, ' "$CLI/out")" 2
tap_is '... and that the log begins later' "$(grep '^Not recorded: ' "$CLI/out" | head -n 1)" \
    'Not recorded: before 2026-11-22 10:00, when the log begins'
cli report --since 2026-11-22 --html - "$CLI/gaps"
tap_is 'marks: on the page' "$(grep -c '<li>Not recorded: vm, 2026-11-22 10:00 to 12:30 (2h30m): the host was down.</li>' "$CLI/out")" 1

# what is no record, each with its line number and its reason
{
    cli_record 1 0 start
    printf '{"v":1,"event":"start","session":"torn\n\n'
    printf 'a\0b\n\0\0\0\n'
    printf '{"user":"\377"}\n'
    cli_record 5 0 start '.v = 2'
    cli_record 5 0 start '.event = "begin"'
    cli_record 5 0 start '.session = "torn"'
    cli_record 5 0 start 'del(.seq)'
    cli_record 5 0 start '.in_bytes = "many"'
    cli_record 1 1 stop '.novel = {"key": [1, 2]}'
} >"$CLI/bad"
cli_is 'bad lines' 0 log "$CLI/bad"
tap_is 'each is named' "$(sed "s|$CLI/||" "$CLI/err")" 'bad:2: skipped: torn, or not a JSON object
bad:3: skipped: empty line
bad:4: skipped: NUL bytes
bad:5: skipped: NUL bytes
bad:6: skipped: not UTF-8
bad:7: skipped: v is not 1: another release wrote it
bad:8: skipped: event is missing or wrong
bad:9: skipped: session is missing or wrong
bad:10: skipped: seq is missing or wrong
bad:11: skipped: in_bytes is missing or wrong
10 lines of bad are not records and were skipped'
tap_is 'the others are read, new keys or not' "$(grep -c User-Request "$CLI/out") $(wc -l <"$CLI/out")" '1 2'
cli log --json "$CLI/bad"
tap_is '--json keeps new keys' "$(jq -c .novel "$CLI/out")" '{"key":[1,2]}'

{
    cat "$LOG"
    cli_record 9 0 start | tr -d '\n'
} >"$CLI/torn"
cli_is 'no newline at the end' 0 log "$CLI/torn"
tap_is 'no newline at the end: named' "$(sed "s|$CLI/||" "$CLI/err")" \
    'torn:7: skipped: torn, or just being written: no newline at its end
1 line of torn is not a record and was skipped'
tap_is 'no newline at the end: the others are listed' "$(grep -c '^20' "$CLI/out")" 3

{
    cat "$LOG"
    head -c 300000 /dev/zero | tr '\0' x
    printf '\n'
    cli_record 9 0 start
} >"$CLI/long"
cli_is 'a line that is too long' 0 log "$CLI/long"
tap_is 'a line that is too long: named' "$(sed "s|$CLI/||" "$CLI/err" | head -n 1)" \
    'long:7: skipped: longer than 262144 bytes'
tap_is 'a line that is too long: the others are listed' "$(grep -c '^20' "$CLI/out")" 4

yes '{' | head -n 25 >"$CLI/many"
cli_is 'many bad lines' 0 log "$CLI/many"
tap_is 'many bad lines: ten are named' "$(grep -c ': skipped: ' "$CLI/err")" 10
tap_ok 'many bad lines: the rest is counted' \
    grep -q '^25 lines of .* are not records and were skipped; 15 of them are not named here$' "$CLI/err"

: >"$CLI/empty"
cli_is 'an empty log' 0 log "$CLI/empty"
tap_is 'an empty log: said' "$(cat "$CLI/out" "$CLI/err")" "pam_traffic: no sessions in $CLI/empty"
cli_is 'an empty log, --json' 0 log --json "$CLI/empty"
tap_is 'an empty log, --json: no object' "$(cat "$CLI/out")" ''

# which log: that of the configuration
printf 'log_file = %s\n' "$LOG" >"$CLI/conf"
cli_is 'log_file' 0 log --config "$CLI/conf"
tap_is 'log_file is read' "$(grep -c '^20' "$CLI/out")" 3
printf 'log_file = %s\n' "$CLI/missing" >"$CLI/conf"

# refused NAME PATTERN ARG...: fails with one line
refused() {
    cli_is "$1" 1 "${@:3}"
    tap_is "$1: one line, nothing else" "$(wc -l <"$CLI/err") $(wc -c <"$CLI/out")" '1 0'
    tap_ok "$1: which says what to do" grep -q "$2" "$CLI/err"
}

refused 'a missing log' "cannot read $CLI/missing: No such file or directory; no login was recorded yet, or log_file" \
    log --config "$CLI/conf"
refused 'a missing file' "cannot read $CLI/nothing: No such file" log "$LOG" "$CLI/nothing"
refused 'a missing configuration' "cannot read the configuration $CLI/nothing: No such" log --config "$CLI/nothing"
refused 'a folder' "cannot read $CLI: it is not a file" log "$CLI"
mkfifo "$CLI/fifo"
refused 'a fifo' "cannot read $CLI/fifo: it is not a file" log "$CLI/fifo"
chmod 0 "$LOG"
if [ "$(id -u)" != 0 ]; then
    refused 'a log of others' 'Permission denied; run it as root or as a member of group adm' log "$LOG"
elif [ -n "$(type -P setpriv)" ]; then
    chmod 755 "$CLI"
    setpriv --reuid 65534 --regid 65534 --clear-groups "$PAM_TRAFFIC_CLI" log "$LOG" >"$CLI/out" 2>"$CLI/err"
    tap_is 'a log of others' "$? $(cat "$CLI/err")" \
        "1 pam_traffic: cannot read $LOG: Permission denied; run it as root or as a member of group adm"
else
    tap_skip 'a log of others' 'no setpriv'
fi
chmod 600 "$LOG"

# sessions PREFIX: a thousand stop records
sessions() {
    cli_record 1 1 stop | jq -c --arg prefix "$1" \
        '.session as $id | range(1000) as $i | .session = $id[0:31] + $prefix + "\($i + 1000)"'
}

truncated() {
    truncate -s 0 "$CLI/rotated"
}

# ... and others have written since: there is a record in each old place, but it is another one
refilled() {
    dd if="$CLI/others" of="$CLI/rotated" bs=4M conv=notrunc status=none
}
sessions b >"$CLI/others"

# rotated HOW: copytruncate between the two readings, while the pipe is full: it holds less than the list has
mkfifo "$CLI/pipe"
rotated() {
    local first rest

    sessions a >"$CLI/rotated"
    {
        env -i "$PAM_TRAFFIC_CLI" log --json "$CLI/rotated" >"$CLI/pipe" 2>"$CLI/err"
        echo $? >"$CLI/status"
    } &
    exec 3<"$CLI/pipe"
    read -r first <&3
    "$1"
    rest=$(wc -l <&3)
    wait
    exec 3<&-
    tap_is "$1 meanwhile: it fails" "$(cat "$CLI/status")" 1
    tap_ok "$1 meanwhile: what was read before is a part" \
        test "$(jq -r .event <<<"$first")" = stop -a "$rest" -lt 999
    tap_is "$1 meanwhile: why" "$(cat "$CLI/err")" \
        'pam_traffic: the log was truncated while it was read (by logrotate?); try again'
}

rotated truncated
rotated refilled

env -i "$PAM_TRAFFIC_CLI" log "$LOG" >/dev/full 2>"$CLI/err"
tap_is 'a full disk behind standard output' "$? $(cut -c 1-42 "$CLI/err")" '1 pam_traffic: the output could not be writt'
cli_over
