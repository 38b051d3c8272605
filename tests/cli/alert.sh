#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic alert: who is over, in which span, the exit status and the line of both dialects.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"
cli_in_one_day

LOG=$CLI/log
printf 'log_file = %s\nstate_dir = %s\nbilling_day = %d\n' "$LOG" "$CLI/state" "$(date -u +%-d | sed 's/29\|30\|31/28/')" \
    >"$CLI/conf"
mkdir "$CLI/state"

# moved N USER WHEN IN OUT [FILTER]: a session of one record
moved() {
    cli_record "$1" 0 stop ".user = $2 | .time = \"$(date -u -d "$3" +%Y-%m-%dT%H:%M:%S.000000Z)\" | .duration = 1
        | .in_bytes = $4 | .out_bytes = $5 | .delta_in_bytes = $4 | .delta_out_bytes = $5 | ${6:-.}"
}

# line NAME STATUS LINE ARG...: the exit status and all that it says
line() {
    cli_is "$1" "$2" alert --config "$CLI/conf" "${@:4}" "$LOG"
    tap_is "$1: the line" "$(cat "$CLI/out" "$CLI/err")" "$3"
}

# the first moments of this day, of which the reporting month is not older than its first day
today=$(date -u +%Y-%m-%d)
since=$today
[ "$(date -u +%-d)" -le 28 ] || since=$(date -u +%Y-%m-28)
{
    moved 1 '"alice"' "$today 00:00:01" 3000 7000
    moved 2 '"bob"' "$today 00:00:01" 9000 2000 '.complete = false'
    moved 3 '"carol"' "$today 00:00:01" 10 20
    moved 4 '"carol"' "$today 00:00:01 45 days ago" 1000000 1000000
    moved 5 '"dave|\u001b[31m\nx"' "$today 00:00:01" 1 1
} >"$LOG"

line 'nobody' 0 "nobody is over 1M on $today: bob at least 11K" --any --over 1M --per day
line 'one' 1 "1 user is over 10K on $today: bob at least 11K (760 over)" --any --over 10K --per day
line 'two' 1 "2 users are over 9999 since $since: bob at least 11K (1001 over), alice 9.8K (1 over)" \
    --any --over 9999 --per month --utc
line 'just at the limit is not over' 0 "not over 10000 on $today: alice 9.8K" --user alice --over 10000 --per day
line 'out' 1 "1 user is over 3000 out on $today: alice 6.8K (3.9K over)" --any --over 3000 --per day --direction out
line 'in' 0 "not over 3000 in on $today: alice 2.9K" --user alice --over 3000 --per day --direction in
line 'what flowed before the month is not counted' 0 "not over 1K since $since: carol 30" --user carol --over 1K --per month
line 'a user of this host who moved nothing' 0 "not over 1K on $today" --user root --over 1K --per day
monday=$(date -u -d "$(($(date -u +%u) - 1)) days ago" +%Y-%m-%d)
line 'this week' 1 "1 user is over 10K since $monday: bob at least 11K (760 over)" --any --over 10K --per week --utc
line 'quiet' 0 '' --any --over 1M --per day --quiet
line 'quiet, over' 1 "1 user is over 10K on $today: bob at least 11K (760 over)" --any --over 10K --per day --quiet

line 'Nagios: below' 0 "PAM_TRAFFIC OK - nobody is over 1M on $today: bob at least 11K | most=11000B;;1048576;0 over=0" \
    --any --over 1M --per day --nagios --quiet
line 'Nagios: over' 2 \
    "PAM_TRAFFIC CRITICAL - 1 user is over 10K on $today: bob at least 11K (760 over) | most=11000B;;10240;0 over=1" \
    --any --over 10K --per day --nagios
line 'Nagios: a name cannot forge the line' 2 \
    "PAM_TRAFFIC CRITICAL - 1 user is over 1 on $today: dave/\\x1b[31m\\x0ax 2 (1 over) | most=2B;;1;0 over=1" \
    --user $'dave|\e[31m\nx' --over 1 --per day --nagios
line 'a stranger' 3 'pam_traffic: user alcie is neither in the log nor a user of this host' \
    --user alcie --over 1K --per day
line 'Nagios: a stranger' 3 'PAM_TRAFFIC UNKNOWN - user alcie is neither in the log nor a user of this host' \
    --user alcie --over 1K --per day --nagios

cli_is 'no log' 3 alert --any --over 1K --per day "$CLI/none"
tap_is 'no log: one line' "$(cat "$CLI/out" "$CLI/err" | sed 's/;.*//')" "pam_traffic: cannot read $CLI/none: No such file or directory"
cli_is 'Nagios: no log' 3 alert --any --over 1K --per day --nagios "$CLI/none"
tap_is 'Nagios: no log: its line' "$(cat "$CLI/out")" 'PAM_TRAFFIC UNKNOWN - the log cannot be read'
for wrong in '--any --over 1K' '--any --per day' '--over 1K --per day' '--any --user alice --over 1K --per day' \
    '--any --over 1.5KB2 --per day' '--any --over 1K --per year' '--any --over 1K --per day --direction up' '--nonsense'; do
    # shellcheck disable=SC2086  # they are words
    cli_is "wrong: $wrong" 2 alert $wrong
    # shellcheck disable=SC2086
    cli_is "Nagios, wrong: $wrong" 3 alert $wrong --nagios
    tap_is "Nagios, wrong: $wrong: its line" "$(cat "$CLI/out")" \
        'PAM_TRAFFIC UNKNOWN - wrong usage; try pam_traffic alert --help'
done

# --once, which is root's, and of the log itself; a host without us says then that nothing is recorded
once() {
    cli alert --config "$CLI/conf" --any --per day --once --over "$@"
    grep -o '^1 user is over [^ ]*' "$CLI/out"
}
if [ "$(id -u)" = 0 ]; then
    if [ -c /dev/full ]; then
        env -i "$PAM_TRAFFIC_CLI" alert --config "$CLI/conf" --any --per day --once --over 10K >/dev/full 2>"$CLI/err"
        tap_is '--once, and it cannot be said: one line says so' "$(cat "$CLI/err")" \
            'pam_traffic: the output could not be written: is the disk full?'
    fi
    tap_is '--once: told, also where it could not be said before' "$(once 10K)" '1 user is over 10K'
    tap_is '--once: not again' "$(once 10K)" ''
    tap_is '--once: another limit is told of' "$(once 10001)" '1 user is over 10001'
    moved 6 '"erin"' "$today 00:00:01" 0 900000 >>"$LOG"
    tap_is '--once: somebody else, too' "$(once 10K)" '1 user is over 10K'
    tap_ok '--once: him alone' grep -q ': erin 879K (869K over)$' "$CLI/out"
else
    tap_skip '--once' 'needs root'
fi
cli_over
