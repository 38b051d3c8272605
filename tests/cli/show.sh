#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic show: all that made-up records say of one session, in words; ids and their begins.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

LOG=$CLI/log
more='.preauth_in_bytes = 2000 | .preauth_out_bytes = 2500 | .preauth_source = "conntrack"'
cli_began 1 2026-11-22T16:57:54.500
cli_began 2 2026-11-22T17:00
{
    cli_record 1 0 start "$more"' | .time = "2026-11-22T16:57:54.500000Z" | .in_bytes = 2100 | .out_bytes = 2600 |
        .delta_in_bytes = 2100 | .delta_out_bytes = 2600'
    cli_record 2 0 start
    cli_record 1 2 stop "$more"' | .delta_in_bytes = 2000 | .delta_out_bytes = 10480000 | .tcp_in_bytes = 4000 |
        .tcp_out_bytes = 10000000 | .tcp_retrans_bytes = 1448 | .tcp_min_rtt_us = 1250 | .wire_in_bytes = 5000 |
        .wire_out_bytes = 11000000 | .tcp_in_segments = 21 | .tcp_out_segments = 7000 | .rhost = "host.example"'
    cli_record 1 1 interim "$more"' | .time = "2026-11-22T16:59:00.000000Z" | .duration = 64.5 | .in_bytes = 2829 |
        .out_bytes = 5760 | .delta_in_bytes = 729 | .delta_out_bytes = 3160'
    cli_record 1 1 interim '.in_bytes = 1'
} >"$LOG"

cli_is 'a session' 0 show "$(cli_session 1)" "$LOG"
tap_is 'it is quiet otherwise' "$(cat "$CLI/err")" ''
tap_is 'all of it' "$(sed 's/ *$//' "$CLI/out")" "Session   $(cli_session 1) on vm
User      alice, uid 1000, by sshd
Process   7
Key       publickey, SHA256:3cHy3vKqWx8tabcdefghijklmnopqrstuvwxyz01234
From      10.77.0.2 port 5000, called host.example
To        10.77.0.1 port 22
Begin     2026-11-22 16:57:54
End       2026-11-22 17:00:00, after 2m05s: User-Request, the client ended it
Complete  yes: no byte is missing
Counted   by conntrack and the rules of iptables
Records   3 in the log

                          IN  OUT
IP: bytes               4.7K  10M
IP: packets               21   17
before the login: bytes 2.0K 2.4K
on the wire: bytes      4.9K  10M
on the wire: segments     21 7000
payload: bytes          3.9K 9.5M
sent again: bytes            1.4K
The fastest round trip took 1.250 ms.

TIME                EVENT    IN+ OUT+   IN  OUT
2026-11-22 16:57:54 start   2.1K 2.5K 2.1K 2.5K
2026-11-22 16:59:00 interim  729 3.1K 2.8K 5.6K
2026-11-22 17:00:00 stop    2.0K  10M 4.7K  10M"
cli show --bytes "$(cli_session 1)" "$LOG"
tap_is '--bytes' "$(tail -n 1 "$CLI/out" | tr -s ' ')" '2026-11-22 17:00:00 stop 2000 10480000 4829 10485760'
cli_is '--json' 0 show --json "$(cli_session 1)" "$LOG"
tap_is '--json: its records, in their order, once' "$(jq -S -c . "$CLI/out")" "$(jq -s -S -c '.[0, 3, 2]' "$LOG")"

# ending FILTER: what End, Complete and Counted say of a session whose last record is changed by it
ending() {
    cli_record 3 4 stop "$1" >"$CLI/ending"
    cli show "$(cli_session 3)" "$CLI/ending"
    sed -n 's/^\(End\|Complete\|Counted\|Records\)  *//p' "$CLI/out"
}
tap_is 'incomplete, lost' "$(ending '.complete = false | .terminate_cause = "Lost-Carrier" | .backend = null')" \
    '2026-11-22 17:34:14, after 2m05s: Lost-Carrier, the connection was lost: it was reset, or there was no answer
no: bytes may be missing: for some time neither the rules nor conntrack
only by conntrack, if it was on; without rules
1 in the log, 4 are missing: they were in a file that is gone, or are not written yet'
tap_is 'excluded, no cause' "$(ending '.excluded = true | .in_bytes = null | .terminate_cause = null')" \
    '2026-11-22 17:34:14, after 2m05s: it is not known why
not counted: the address is in an excluded network
1 in the log, 4 are missing: they were in a file that is gone, or are not written yet'
tap_is 'a cause of another release' "$(ending '.terminate_cause = "Novel\u001b[2J" | .complete = false | .in_bytes = null' | head -n 2)" \
    '2026-11-22 17:34:14, after 2m05s: Novel\x1b[2J
no: neither the rules nor conntrack could count it'
cli show "$(cli_session 2)" "$LOG"
tap_is 'open' "$(sed -n 's/^\(End\|Complete\)  *//p' "$CLI/out")" \
    'not recorded: it is open, or will be ended by a reap; the last record is from 2026-11-22 17:00:00
not known yet: its next record will say'

# ids
long=$(cli_session 1)
cli_is 'a begin that no other has' 0 show "${long:0:36}" "$LOG"
cli_is 'the end of an id, as log has it' 0 show "$(cli_short 1)" "$LOG"
tap_is 'the end of an id: it is that session' "$(grep -c "$long" "$CLI/out")" 1
CLI_BEGAN=()
several=$(cli_session 1)
several=${several:0:30}
for id in 1 2 3 4 5 6 7; do cli_record "$id" 0 start; done >"$CLI/many"
cli_is 'a begin of several' 1 show "$several" "$CLI/many"
ids=$(for id in 1 2 3 4 5; do printf ' %s' "$(cli_session "$id")"; done)
tap_is 'a begin of several: one line, with them' "$(cat "$CLI/err")" \
    "pam_traffic: '$several' stands for several sessions:$ids and perhaps more; give more of the id"
tap_is 'a begin of several: nothing else' "$(cat "$CLI/out")" ''
cli_is 'upper case' 0 show "${long^^}" "$LOG"
cli_is 'none' 1 show ffff "$LOG"
tap_is 'none: what to do' "$(cat "$CLI/err")" \
    "pam_traffic: no session's id begins or ends with 'ffff'; pam_traffic log lists them"
cli_is 'no id' 2 show
cli_is 'an empty id' 2 show ''
cli_is 'no id at all' 2 show 'alice' "$LOG"
cli_is 'one that is too long' 2 show "${long}0" "$LOG"
tap_is 'one that is too long: said' "$(cat "$CLI/err")" \
    "pam_traffic: '${long}0' is not a session's id, nor its first or last characters; try pam_traffic show --help"

# one that was not counted
cli_record 10 0 stop '.excluded = true | .in_bytes = null | .out_bytes = null | .in_packets = null | .out_packets = null |
    .excluded_in_bytes = 5000 | .excluded_out_bytes = 70000' >"$CLI/excluded"
cli_is 'an excluded one' 0 show "$(cli_session 10)" "$CLI/excluded"
tap_is 'an excluded one: what it moved, under a name of its own' "$(grep '^excluded' "$CLI/out" | tr -s ' ')" \
    'excluded from all sums: bytes 4.9K 68K'
cli_record 10 0 stop '.excluded = true | .in_bytes = null | .out_bytes = null' >"$CLI/excluded"
cli show "$(cli_session 10)" "$CLI/excluded"
tap_is 'nothing is known: one blank line, not two' "$(grep -c '^$' "$CLI/out")" 1

# hostile text, everywhere
hostile='"\u001b[31m\u202e\u0000\r\n" + ("x" * 3000)'
cli_record 8 0 stop ".user = $hostile | .host = $hostile | .service = $hostile | .auth_key = $hostile | .rhost = $hostile |
    .auth_method = $hostile | .backend = $hostile | .terminate_cause = $hostile | .login_session = $hostile" |
    sed 's/\\u0000/\\u0001/g' >"$CLI/hostile"
for locale in C C.UTF-8; do
    CLI_LOCALE=$locale
    cli_is "hostile text in $locale" 0 show "$(cli_session 8)" "$CLI/hostile"
    cli_raw "$CLI/out"
done
cli show --json "$(cli_session 8)" "$CLI/hostile"
cli_raw "$CLI/out"
cli_over
