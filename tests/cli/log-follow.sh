#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic log --follow: each record once, as it is appended, through rotations of both kinds.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

LOG=$CLI/log
OUT=$CLI/followed

# follow ARG...: in the background; waits until it listens
follow() {
    : >"$OUT"
    # not exec: only then its signals are not ignored
    env -i --default-signal=INT TZ=UTC LC_ALL=C.UTF-8 "$PAM_TRAFFIC_CLI" log --follow "$@" "$LOG" >"$OUT" 2>"$CLI/err" </dev/null &
    PID=$!
    await listens
}

# it has read what is there, and sleeps
listens() {
    [ "$(cat "/proc/$PID/wchan" 2>/dev/null)" = do_sys_poll ] || [ "$(awk '{ print $3 }' "/proc/$PID/stat")" = S ] &&
        [ -n "$(find "/proc/$PID/fd" -lname '*inotify*' 2>/dev/null)" ] &&
        [ "$(grep -c inotify "/proc/$PID/fdinfo"/* | awk -F: '{ n += $2 } END { print n }')" -ge "${LISTENS:-2}" ]
}

# end SIGNAL: how it ended
end() {
    kill "-$1" "$PID"
    wait "$PID"
    STATUS=$?
}

# append N SEQ EVENT
append() {
    cli_record "$@" >>"$LOG"
}

shown() {
    [ "$(wc -l <"$OUT")" -ge "$1" ]
}

seqs() {
    await shown "$1"
    jq -r '"\(.session[-1:])/\(.seq)"' "$OUT" | tr '\n' ' '
}

append 1 0 start
follow --json
append 1 1 interim
tap_is 'from now on' "$(seqs 1)" '1/1 '
append 1 2 stop
append 2 0 start
tap_is 'as they come' "$(seqs 3)" '1/1 1/2 2/0 '
record=$(cli_record 2 1 interim)
printf %s "${record:0:100}" >>"$LOG"
printf '%s\n' "${record:100}" >>"$LOG"
tap_is 'one that is written in two steps' "$(seqs 4)" '1/1 1/2 2/0 2/1 '

# logrotate's own way, and a writer that had the file open
exec 5>>"$LOG"
mv "$LOG" "$LOG.1"
cli_record 2 2 interim >&5
tap_is 'renamed, and a late record in the old file' "$(seqs 5)" '1/1 1/2 2/0 2/1 2/2 '
append 3 0 start
tap_is 'the new file' "$(seqs 6)" '1/1 1/2 2/0 2/1 2/2 3/0 '
cli_record 2 3 stop >&5
tap_is 'a later one in the old file' "$(seqs 7)" '1/1 1/2 2/0 2/1 2/2 3/0 2/3 '
exec 5>&-

# copytruncate
cp "$LOG" "$LOG.2"
: >"$LOG"
append 3 1 stop
tap_is 'truncated' "$(seqs 8)" '1/1 1/2 2/0 2/1 2/2 3/0 2/3 3/1 '
# ... and filled beyond what it was before anybody looks
kill -STOP "$PID"
await grep -q '^State:.T' "/proc/$PID/status"
: >"$LOG"
for n in 4 5 6 7; do append "$n" 0 start; done
kill -CONT "$PID"
tap_is 'truncated and filled again' "$(seqs 12)" '1/1 1/2 2/0 2/1 2/2 3/0 2/3 3/1 4/0 5/0 6/0 7/0 '
printf 'nonsense\n' >>"$LOG"
append 7 1 stop
tap_is 'a bad line' "$(seqs 13)" '1/1 1/2 2/0 2/1 2/2 3/0 2/3 3/1 4/0 5/0 6/0 7/0 7/1 '
tap_is 'a bad line: named' "$(cat "$CLI/err")" "$LOG: a line was skipped: torn, or not a JSON object"
end INT
tap_is 'Ctrl-C' "$STATUS" 0

follow --since 2026-11-22 --user alice --json
tap_is '--since: what is there, too' "$(seqs 5)" '4/0 5/0 6/0 7/0 7/1 '
append 8 0 start
cli_record 9 0 start '.user = "bob"' >>"$LOG"
append 8 1 stop
tap_is 'only what is wanted' "$(seqs 7)" '4/0 5/0 6/0 7/0 7/1 8/0 8/1 '
end TERM
tap_is 'SIGTERM' "$STATUS" 0

# of the log that is configured, also what was rotated
printf 'log_file = %s\n' "$LOG" >"$CLI/conf"
rm "$LOG.2"
: >"$OUT"
env -i "$PAM_TRAFFIC_CLI" log --follow --since 2026 --config "$CLI/conf" --json --user bob --session "$(cli_session 9)" --session "$(cli_session 1)" \
    --user alice >"$OUT" 2>"$CLI/err" </dev/null &
PID=$!
tap_is 'what was rotated before, too' "$(seqs 4)" '1/0 1/1 1/2 9/0 '
await listens
end TERM

follow
append 1 0 start
append 1 1 stop
cli_record 2 0 start '.user = "\u001b[2J\u202e" | .in_bytes = null | .out_bytes = null' >>"$LOG"
await shown 4
tap_is 'a table' "$(head -n 3 "$OUT" | tr -s ' ')" "TIME EVENT USER KEY FROM KIND IN OUT LASTED CAUSE SESSION
2026-11-22 17:00:00 start alice 3cHy3vKqWx8t 10.77.0.2 4.7K 10M $(cli_short 1)
2026-11-22 17:00:00 stop alice 3cHy3vKqWx8t 10.77.0.2 4.7K 10M 2m05s User-Request $(cli_short 1)"
cli_raw "$OUT"
end INT

# nobody reads any more
mkfifo "$CLI/pipe"
env -i "$PAM_TRAFFIC_CLI" log --follow "$LOG" >"$CLI/pipe" 2>"$CLI/err" </dev/null &
PID=$!
exec 6<"$CLI/pipe"
await listens
exec 6<&-
gone() {
    ! kill -0 "$PID" 2>/dev/null
}
tap_ok 'the reader has gone: so does it' await gone
wait "$PID"

rm "$LOG"
LISTENS=1
follow --json
append 1 0 start
tap_is 'a log that is not there yet' "$(seqs 1)" '1/0 '
tap_is 'a log that is not there yet: said' "$(cat "$CLI/err")" "pam_traffic: $LOG does not exist yet; waiting for it"
end INT
cli_over
