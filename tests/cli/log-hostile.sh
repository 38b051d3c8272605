#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic log: whatever texts stand in the log, nothing of it reaches a terminal but what can be seen,
# in the order in which it stands there, on one line, and not too long.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

LOG=$CLI/log
# escape sequences, C0, DEL, C1, bidi overrides and isolates, zero width, line separators, tags, newline
HOSTILE='a\u001b[31mb\u001b]0;c\u0007d\u007fe\u009b31mf\u202eg\u2066h\u200bi\u2028j\u2029k\udb40\udc41l\nm\tn\rfg\ufeff'
HOSTILE_SHOWN='a\\x1b\[31mb\\x1b\]0;c\\x07d\\x7fe\\xc2\\x9b31mf\\xe2\\x80\\xaeg'

for key in user auth_key remote_addr terminate_cause host rhost; do
    cli_record 1 1 stop ".$key = \"$HOSTILE\""
done | jq -a -c --arg id "$(cli_session 0)" '.session = ($id[0:30] + "\(100000 + input_line_number)")' >"$LOG"
# the same once more, as bytes in the line and not as JSON's escapes, where JSON allows it
jq -c . "$LOG" | sed 's/\\u007f/\x7f/g; s/"session":"\(.\{30\}\)1/"session":"\12/' >"$LOG.raw"
tap_is 'the fixture has them raw' "$(LC_ALL=C grep -c $'\177e\302\23331mf\342\200\256' "$LOG.raw")" 6
cat "$LOG.raw" >>"$LOG"

for CLI_LOCALE in C.UTF-8 C; do
    cli_is "$CLI_LOCALE" 0 log "$LOG"
    cli_raw "$CLI/out"
    tap_is "$CLI_LOCALE: one row a session" "$(wc -l <"$CLI/out")" 13
    tap_is "$CLI_LOCALE: what was there can be seen" "$(grep -c "$HOSTILE_SHOWN" "$CLI/out")" 8
    cli_is "$CLI_LOCALE, --json" 0 log --json "$LOG"
    cli_raw "$CLI/out"
    tap_is "$CLI_LOCALE, --json: it means the same" "$(jq -S -c . "$CLI/out" | sort)" "$(jq -S -c . "$LOG" | sort)"
done
tap_is 'ASCII only in --json' "$(LC_ALL=C grep -c '[^ -~]' "$CLI/out")" 0

# in bad lines, too
{
    printf '{"user":"\033[31m\n\033]0;title\007\n'
    cli_record 1 0 start '.event = "\u001b[31m"'
    cli_record 1 0 start '. + {"\u001b[31m": 1} | .in_bytes = "\u001b[31m"'
} >"$CLI/bad"
CLI_LOCALE=C.UTF-8
cli_is 'bad lines' 0 log "$CLI/bad"
cli_raw "$CLI/err"
tap_is 'bad lines: all are named' "$(grep -c skipped: "$CLI/err")" 4

# names that are only unusual are shown, where the terminal can
cli_record 1 1 stop '.user = "jürgen" | .remote_addr = "\\x1b"' >"$LOG"
cli log --noheadings "$LOG"
tap_is 'UTF-8' "$(tr -s ' ' <"$CLI/out" | cut -d ' ' -f 4,6)" 'jürgen \x5cx1b'
CLI_LOCALE=C
cli log --noheadings "$LOG"
tap_is 'no UTF-8' "$(tr -s ' ' <"$CLI/out" | cut -d ' ' -f 4,6)" 'j\xc3\xbcrgen \x5cx1b'

cli_record 1 1 stop '.user = ("x" * 100000)' >"$LOG"
cli log --noheadings "$LOG"
tap_is 'a long name is cut, and it shows' "$(tr -s ' ' <"$CLI/out" | cut -d ' ' -f 4)" \
    "$(printf 'x%.0s' {1..61})..."

# keys that nest without an end, and numbers beyond all bounds
{
    printf '%*s' 100000 '' | tr ' ' '['
    printf '\n'
    cli_record 1 0 start '.in_bytes = 1e300'
    cli_record 1 0 start | sed 's/"in_bytes":4829/"in_bytes":9223372036854775808/'
    cli_record 1 0 start '.in_bytes = -1'
    cli_record 1 0 start '.time = "2026-02-30T00:00:00.000000Z"'
    cli_record 2 1 stop | sed 's/"in_bytes":4829/"in_bytes":9223372036854775807/; s/"duration":125.5/"duration":999999999999/'
} >"$LOG"
cli_is 'numbers' 0 log "$LOG"
tap_is 'numbers: five lines are skipped' "$(grep -c skipped: "$CLI/err")" 5
tap_is 'numbers: the largest' "$(sed -n '2s/  */ /gp' "$CLI/out" | cut -d ' ' -f 8,10)" '8.0E 11574074d01h'
cli_over
