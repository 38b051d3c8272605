#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic log: which sessions are wanted, and the files of a log that was rotated.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

LOG=$CLI/log
printf 'log_file = %s\n' "$LOG" >"$CLI/conf"

# stopped N TIME [FILTER]: a session that ended then, after two minutes
stopped() {
    cli_record "$1" 1 stop ".time = \"$2\" | .duration = 120 | ${3:-.}"
}

# users ARG...: whose sessions are listed, in their order
users() {
    cli log --json "$@"
    jq -r .user "$CLI/out" | tr '\n' ' '
}

# listed NAME WANTED ARG...
listed() {
    tap_is "$1" "$(users "${@:3}")" "$2"
}

cli_began 1 2026-10-31T23:57
cli_began 2 2026-10-31T23:59
cli_began 3 2026-11-20T11:58
cli_began 4 2026-11-30T23:58
cli_began 5 2026-12-02
{
    stopped 1 2026-10-31T23:59:00.000000Z '.user = "ann"'
    stopped 2 2026-11-01T00:01:00.000000Z '.user = "bob" | .remote_addr = "fd00:77::2" | .auth_key = null | .auth_method = "password"'
    stopped 3 2026-11-20T12:00:00.000000Z '.user = "cat" | .remote_addr = "192.0.2.9" | .rhost = "Host.Example" |
        .auth_key = "SHA256:zzzz"'
    stopped 4 2026-12-01T00:00:00.000000Z '.user = "dan"'
    cli_record 5 0 start '.user = "eve" | .time = "2026-12-02T00:00:00.000000Z"'
} >"$LOG"

listed 'everything' 'ann bob cat dan eve ' "$LOG"
listed 'a user' 'cat ' --user cat "$LOG"
listed 'two users' 'ann cat ' --user cat --user ann "$LOG"
listed 'a user is no pattern' '' --user 'c*' "$LOG"
listed 'a key' 'cat ' --key SHA256:zzzz "$LOG"
listed 'the begin of a key, as it is shown' 'ann dan eve ' --key 3cHy3vKqWx8t "$LOG"
listed 'a method where there was no key' 'bob ' --key password "$LOG"
listed 'a method where there was one' '' --key publickey "$LOG"
listed 'an address' 'cat ' --from 192.0.2.9 "$LOG"
listed 'a network' 'ann dan eve ' --from 10.77.0.0/16 "$LOG"
listed 'a network of the other family' 'bob ' --from fd00::/8 "$LOG"
listed 'a mapped address' 'cat ' --from ::ffff:192.0.2.9 "$LOG"
listed 'a name' 'cat ' --from host.example "$LOG"
listed 'a session' 'cat ' --session "$(cli_session 3)" "$LOG"
session=$(cli_session 3)
listed 'the begin of some' 'ann bob cat dan eve ' --session "${session:0:3}" "$LOG"
listed 'one of each kind must hold' 'cat ' --user cat --user dan --from 192.0.2.0/24 "$LOG"
listed 'one of each kind must hold: none does' '' --user dan --from 192.0.2.0/24 "$LOG"
tap_is 'none: said' "$(cat "$CLI/err")" "pam_traffic: no session of user dan is in $LOG, and this host has no such user"
cli_is 'none of a user who is not of this host' 1 log --user nixda "$LOG"
cli_is 'none of a user of this host' 0 log --user root "$LOG"
tap_is '... said' "$(cat "$CLI/err")" "pam_traffic: no session matches the options in $LOG"

# a session counts where it was open; ann's and bob's cross or end at a month's end
listed 'since a month' 'bob cat dan eve ' --since 2026-11 "$LOG"
listed 'until a month' 'ann bob ' --until 2026-10 "$LOG"
listed 'a month' 'bob cat dan ' --since 2026-11 --until 2026-11 "$LOG"
listed 'a day' 'cat ' --since 2026-11-20 --until 2026-11-20 "$LOG"
listed 'since a moment' 'cat dan eve ' --since '2026-11-20 12:00' "$LOG"
listed 'behind its end' 'dan eve ' --since 2026-11-20T12:00:00.000001 "$LOG"
listed 'before its begin' 'ann bob ' --until 2026-11-20T11:58:00Z "$LOG"
listed 'until its begin is past' 'ann bob cat ' --until 2026-11-20T11:58:00.000001Z "$LOG"
listed 'in another zone' 'cat dan ' --since 2026-11-20T13:00+01:00 --until 2026-11-30 "$LOG"
listed 'what is open' 'eve ' --since 2026-12-03 "$LOG"
zone() {
    env -i TZ=Asia/Tokyo "$PAM_TRAFFIC_CLI" log "$@" "$LOG"
}
tap_is 'days of the time zone' "$(zone --json --since 2026-12-01 --until 2026-12-01 | jq -r .user)" dan
tap_is 'times of the time zone' "$(zone --user cat --noheadings | cut -c 1-16)" '2026-11-20 20:58'
tap_is '--utc: days' "$(zone --utc --json --since 2026-12-01 --until 2026-12-01 | jq -r .user)" dan
tap_is '--utc: times' "$(zone --utc --user cat --noheadings | cut -c 1-16)" '2026-11-20 11:58'

# wrong PATTERN ARG...
wrong() {
    cli_is "wrong: ${*:2}" 2 log "${@:2}"
    tap_is "wrong: ${*:2}: said" "$(cat "$CLI/err")" "pam_traffic: $1; try pam_traffic log --help"
}
wrong "option --since: 'sometime' is not a day or time such as today, 2026-11-22, 14:00 or -2h" --since sometime
wrong "option --until: '2026-02-30' is not a day or time that exists" --until 2026-02-30
wrong "option --until: '2026-01' is not after --since '2026-02'" --since 2026-02 --until 2026-01
wrong "option --session: 'alice' is not a session's id, nor its first or last characters" --session alice
network='an address, a host name or a network such as 10.0.0.0/8 (the bits behind the prefix must be 0)'
wrong "option --from: '10.0.0.1/8' is not $network" --from 10.0.0.1/8
wrong "option --user: '' is empty" --user ''
wrong '--follow has no end: do not give --until with it' --follow --until today

# rotated, and compressed; a session over two files; a stop record in an older one
{
    stopped 1 2026-10-31T23:59:00.000000Z '.user = "ann"'
    cli_record 2 0 start '.user = "bob" | .time = "2026-10-31T23:59:30.000000Z"'
} >"$CLI/log.3"
{
    stopped 2 2026-11-01T00:01:00.000000Z '.user = "bob"'
    stopped 3 2026-11-20T12:00:00.000000Z '.user = "cat"'
} >"$CLI/log.2"
stopped 4 2026-12-01T00:00:00.000000Z '.user = "dan"' >"$CLI/log.1"
cli_record 5 0 start '.user = "eve" | .time = "2026-12-02T00:00:00.000000Z"' >"$LOG"
touch -d 2026-10-31T23:59:31Z "$CLI/log.3"
touch -d 2026-11-20T12:00:01Z "$CLI/log.2"
touch -d 2026-12-01T00:00:01Z "$CLI/log.1"
listed 'rotated files' 'ann bob cat dan eve ' --config "$CLI/conf"
listed 'a file that is named is that one alone' 'eve ' --config "$CLI/conf" "$LOG"
gzip "$CLI/log.3"
if [ -n "$(type -P zstd)" ]; then
    zstd -q --rm "$CLI/log.2"
else
    gzip "$CLI/log.2"
fi
listed 'compressed files' 'ann bob cat dan eve ' --config "$CLI/conf"
listed 'a compressed file by its name' 'ann bob ' "$CLI/log.3.gz"
cli_is 'a table of them' 0 log --config "$CLI/conf"
tap_is 'a table of them: one row each' "$(grep -c '^20' "$CLI/out")" 5
cli_is 'one of them' 0 show --config "$CLI/conf" "$(cli_session 2)"
tap_is 'one of them: its records of two files' "$(grep -c '^2026-.* \(start\|stop\) ' "$CLI/out")" 2

chmod 0 "$CLI/log.3.gz"
if [ "$(id -u)" = 0 ]; then
    # root reads it all the same: one that is no archive is noticed when it is read
    printf '\037\213damaged' >"$CLI/log.3.gz"
    touch -d 2026-10-31T23:59:31Z "$CLI/log.3.gz"
fi
listed 'a file that ended before is not read' 'cat dan eve ' --config "$CLI/conf" --since 2026-11-20
tap_is 'a file that ended before is not read: nothing is said' "$(cat "$CLI/err")" ''
chmod 600 "$CLI/log.3.gz"
printf '\037\213damaged' >"$CLI/log.3.gz"
listed 'a damaged archive' 'bob cat dan eve ' --config "$CLI/conf"
tap_ok 'a damaged archive: named' \
    grep -q "^pam_traffic: $CLI/log.3.gz: .*; only the part before that is read$" "$CLI/err"
rm "$LOG"
listed 'rotated just now' 'bob cat dan ' --config "$CLI/conf"
env -i TMPDIR="$CLI/nothing" "$PAM_TRAFFIC_CLI" log --json --config "$CLI/conf" >"$CLI/out" 2>"$CLI/err"
tap_is 'nowhere to unpack: in memory' "$? $(sed 's/pam_traffic: .* cannot be unpacked into //' "$CLI/err" | sort -u | head -n 1)" \
    "0 $CLI/nothing: No such file or directory; it is unpacked into memory (TMPDIR names another folder)"
tap_is '... and all is there' "$(jq -r .user "$CLI/out" | tr '\n' ' ')" 'bob cat dan '
cli_over
