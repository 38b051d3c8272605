#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic metrics: both text formats by the parsers of Prometheus, hostile names, counters that only grow
# over rotation, and --output.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

LOG=$CLI/log
printf 'log_file = %s\nstate_dir = %s\n' "$LOG" "$CLI/state" >"$CLI/conf"
mkdir "$CLI/state"

# value SAMPLE: its number in the output
value() {
    awk -v name="$1" 'index($0, name " ") == 1 { print substr($0, length(name) + 2) }' "$CLI/out"
}

{
    cli_record 1 0 start '.in_bytes = 100 | .out_bytes = 200 | .delta_in_bytes = 100 | .delta_out_bytes = 200'
    cli_record 1 1 stop '.in_bytes = 1000 | .out_bytes = 2000 | .delta_in_bytes = 900 | .delta_out_bytes = 1800'
    cli_record 2 0 start '.user = "DOM\\bob \"x\"}\n# TYPE y gauge\ny\u001b[1m 1"'
    cli_record 3 0 start '.user = null | .in_bytes = 5 | .out_bytes = 6'
    cli_record 4 0 start '.user = "" | .in_bytes = 7 | .out_bytes = 8'
    cli_record 5 0 stop '.user = "carol" | .complete = false | .terminate_cause = "Lost-Carrier"'
    cli_record 5 0 stop '.user = "carol" | .complete = false | .terminate_cause = "Lost-Carrier"'
    echo nonsense
} >"$LOG"

cli_is 'OpenMetrics' 0 metrics --config "$CLI/conf"
cp "$CLI/out" "$CLI/openmetrics"
cli_raw "$CLI/out"
tap_is 'in' "$(value 'pam_traffic_user_bytes_total{user="alice",direction="in"}')" 1000
tap_is 'out' "$(value 'pam_traffic_user_bytes_total{user="alice",direction="out"}')" 2000
tap_is 'a name that is not known and an empty one are one time series' \
    "$(value 'pam_traffic_user_bytes_total{user="",direction="in"}')" 12
tap_is 'sessions by cause' "$(value 'pam_traffic_sessions_ended_total{terminate_cause="Lost-Carrier"}')" 1
tap_is 'open' "$(value pam_traffic_sessions_open)" 3
tap_is 'lines that are no records' "$(value pam_traffic_log_bad_lines_total)" 1
tap_is 'the newest record' "$(value pam_traffic_last_record_timestamp_seconds)" "$(date -ud 2026-11-22T17:00:00 +%s).000000"
tap_is 'no session, address or key' "$(grep -cE '01a20450|10\.77|SHA256' "$CLI/out")" 0
tap_is 'the end' "$(tail -n 1 "$CLI/out")" '# EOF'
tap_is 'a name cannot end its line' "$(grep -c '^y 1' "$CLI/out")" 0

cli_is 'prometheus' 0 metrics --config "$CLI/conf" --format prometheus
cp "$CLI/out" "$CLI/prometheus"
tap_is 'prometheus: the same numbers' "$(grep -v '^#' "$CLI/prometheus")" "$(grep -v '^#' "$CLI/openmetrics")"
if [ -n "$(type -P promtool)" ]; then
    tap_is 'promtool has nothing against it' "$(promtool check metrics <"$CLI/prometheus" 2>&1)" ''
else
    tap_skip 'promtool has nothing against it' 'promtool is missing (packaging/install-packages metrics)'
fi
if /usr/bin/python3 -c 'import prometheus_client.openmetrics.parser' 2>"$CLI/err"; then
    tap_is "the parser of Prometheus' client reads it: names, types, units" "$(/usr/bin/python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_fd_to_metric_families
for family in text_fd_to_metric_families(sys.stdin):
    print(family.name, family.type, family.unit)' <"$CLI/openmetrics" 2>&1)" 'pam_traffic_user_bytes counter bytes
pam_traffic_user_sessions counter 
pam_traffic_sessions_open gauge 
pam_traffic_sessions_incomplete gauge 
pam_traffic_sessions_ended counter 
pam_traffic_log_records counter 
pam_traffic_log_bad_lines counter 
pam_traffic_last_record_timestamp_seconds gauge seconds'
    tap_is '... and a hostile name as it is, but for what a terminal obeys' "$(/usr/bin/python3 -c '
import json, sys
from prometheus_client.openmetrics.parser import text_fd_to_metric_families
for family in text_fd_to_metric_families(sys.stdin):
    for sample in family.samples:
        if family.name == "pam_traffic_user_sessions" and "bob" in sample.labels["user"]:
            print(json.dumps(sample.labels["user"]))' <"$CLI/openmetrics" 2>&1)" \
        '"DOM\\bob \"x\"}\n# TYPE y gauge\ny\\x1b[1m 1"'
else
    tap_skip 'OpenMetrics by a parser' 'python3-prometheus-client is missing (packaging/install-packages metrics)'
fi

# names that a terminal obeys, and one that looks like such a name when it is written
{
    cli_record 11 0 stop '.user = "\u009b31m"'
    cli_record 12 0 stop '.user = "\u001b[31mred"'
    cli_record 13 0 stop '.user = "\\x1b[31mred"'
} >"$CLI/controls"
cli_is 'controls' 0 metrics "$CLI/controls"
tap_is 'controls: each name is another one, and nothing is obeyed' \
    "$(sed -n 's/^pam_traffic_user_sessions_total{user="\(.*\)"} 1$/\1/p' "$CLI/out" | sort) $(grep -c -P '[\x{80}-\x{9f}\e]' "$CLI/out")" \
    '\\x1b[31mred
\\x5cx1b[31mred
\\xc2\\x9b31m 0'

# what no login moved
{
    cat "$LOG"
    cli_record 7 0 stop '.in_bytes = 1000 | .out_bytes = 1000 | .delta_in_bytes = 1000 | .delta_out_bytes = 1000 | .user = "erin"'
    cli_port 101 0 '.in_bytes = 90000 | .out_bytes = 30000000 | .delta_in_bytes = 90000 | .delta_out_bytes = 30000000'
    cli_port 102 0 '.local_port = 2222 | .in_bytes = 5 | .out_bytes = 6 | .delta_in_bytes = 5 | .delta_out_bytes = 6'
} >"$CLI/ports"
cli_is 'ports' 0 metrics "$CLI/ports"
tap_is 'ports: all' "$(value 'pam_traffic_port_bytes_total{port="22",direction="in"}')" 90000
logins=$(awk '/^pam_traffic_user_bytes_total.*direction="in"/ { sum += $NF } END { print sum }' "$CLI/out")
tap_is "ports: all less logins" "$(value 'pam_traffic_unauthenticated_bytes{port="22",direction="in"}')" $((90000 - logins))
tap_is 'ports: another one' "$(value 'pam_traffic_unauthenticated_bytes{port="2222",direction="out"}')" 6
tap_is 'no records of ports: not 0, but nothing' "$(grep -c 'unauthenticated\|port_bytes' "$CLI/openmetrics")" 0

# rotation: the old file goes, what was in it stays
mv "$LOG" "$LOG.1"
cli_record 6 1 stop '.in_bytes = 11 | .out_bytes = 12 | .delta_in_bytes = 11 | .delta_out_bytes = 12' >"$LOG"
cli_is 'rotated' 0 metrics --config "$CLI/conf"
tap_is 'rotated: it grows' "$(value 'pam_traffic_user_bytes_total{user="alice",direction="in"}')" 1011
tap_is 'rotated: said once' "$(cat "$CLI/err")" ''
rm "$LOG.1"
cli_is 'the old file deleted' 0 metrics --config "$CLI/conf"
tap_is 'deleted: nothing is forgotten' "$(value 'pam_traffic_user_bytes_total{user="alice",direction="in"}')" 1011
tap_is 'deleted: bad lines neither' "$(value pam_traffic_log_bad_lines_total)" 1
rm -rf "$CLI/state"
mkdir "$CLI/state"
cli_is 'index.db deleted' 0 metrics --config "$CLI/conf"
tap_is 'index.db deleted: as of the log that is there' "$(value 'pam_traffic_user_bytes_total{user="alice",direction="in"}')" 11

# a file in one step
cli_is 'to a file' 0 metrics --config "$CLI/conf" --output "$CLI/textfile.prom"
tap_is 'to a file: nothing on standard output' "$(wc -c <"$CLI/out")" 0
tap_is 'to a file: others may read it' "$(stat -c %a "$CLI/textfile.prom")" 644
tap_is 'to a file: nothing is left beside it' "$(echo "$CLI"/textfile.prom*)" "$CLI/textfile.prom"
mkfifo "$CLI/fifo"
ln -s textfile.prom "$CLI/link"
for what in fifo link state; do
    cli_is "to a $what" 1 metrics --config "$CLI/conf" --output "$CLI/$what"
    tap_ok "to a $what: refused" grep -q "^pam_traffic: will not replace $CLI/$what: it is not a regular file" "$CLI/err"
done
cli_is 'to a folder that is not there' 1 metrics --config "$CLI/conf" --output "$CLI/none/textfile"
cli_is 'a format that is none' 2 metrics --format xml
cli_is 'a log that is not there' 1 metrics "$CLI/none"
if [ -c /dev/full ]; then
    env -i "$PAM_TRAFFIC_CLI" metrics --config "$CLI/conf" >/dev/full 2>"$CLI/err"
    tap_is 'a full disk is a failure' "$?" 1
fi
cli_over
