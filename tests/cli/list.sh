#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic list without root: what the last records of a made-up log say; orders; and what is said where
# neither state nor log can be read. (With root: tests/system/list.sh.)
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

printf 'log_file = %s\nstate_dir = %s\n' "$CLI/log" "$CLI/state" >"$CLI/conf"
mkdir -m 0 "$CLI/state"
if [ "$(id -u)" = 0 ]; then
    [ -n "$(type -P setpriv)" ] || tap_skip_all 'no setpriv'
    chmod 1777 "$CLI"
    printf '#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups %s "$@"\n' "$PAM_TRAFFIC_CLI" >"$CLI/cli"
    chmod 755 "$CLI/cli"
    PAM_TRAFFIC_CLI=$CLI/cli
fi

boot='.boot_id = "'$(cat /proc/sys/kernel/random/boot_id)'" | '
cli_began 1 2026-11-22T16:00
cli_began 2 2026-11-22T17:00
cli_began 3 2026-11-22T17:00
{
    cli_record 1 0 start "$boot"'.time = "2026-11-22T16:00:00.000000Z" | .in_bytes = 700 | .out_bytes = 10'
    cli_record 2 0 start "$boot"'.user = "bob" | .remote_addr = "fd00:77::2" | .auth_key = null |
        .auth_method = "password" | .in_bytes = null | .out_bytes = null'
    cli_record 1 1 interim "$boot"'.time = "2026-11-22T17:00:00.000000Z" | .duration = 3600'
    cli_record 3 0 start "$boot"'.user = "carol"'
    cli_record 3 1 stop "$boot"'.user = "carol"'
    cli_record 4 0 start '.user = "dave" | .boot_id = "another"' # of another boot: its stop record was lost
    cli_port 9 0 "$boot"'.'
} >"$CLI/log"
cli_is 'a log' 0 list --config "$CLI/conf"
tap_is 'where it is from' "$(cat "$CLI/err")" \
    'pam_traffic: these are the last records of the log, counted to 2026-11-22 17:00:00; run it as root for the present counters'
tap_is 'those without a stop record, of this boot, the oldest first' "$(cat "$CLI/out")" \
    "USER  KEY          FROM       KIND SINCE              IN OUT RATE SESSION
alice 3cHy3vKqWx8t 10.77.0.2       2026-11-22 16:00 4.7K 10M      $(cli_short 1)
bob   password     fd00:77::2      2026-11-22 17:00               $(cli_short 2)"
cli_is 'a user who is not of this host' 1 list --config "$CLI/conf" --user nixda
tap_ok '... said' grep -qx 'pam_traffic: no session of user nixda is open, and this host has no such user' "$CLI/err"
cli_is 'a user of this host who has none open' 0 list --config "$CLI/conf" --user root
cli_is '--json' 0 list --config "$CLI/conf" --json
tap_is '--json: unknown is null' "$(jq -r '"\(.in_bytes) \(.in_rate) \(.event)"' "$CLI/out")" $'4829 null interim\nnull null start'
for order in 'user bob' 'in bob' 'since bob' 'from bob' 'key bob' 'session bob' 'total bob' 'rate bob' 'out bob'; do
    cli list --config "$CLI/conf" --sort "${order% *}" --noheadings --bytes
    tap_is "--sort ${order% *}" "$(tail -n 1 "$CLI/out" | cut -d ' ' -f 1)" "${order#* }"
done
tap_is '--bytes' "$(grep alice "$CLI/out" | tr -s ' ' | cut -d ' ' -f 6,7)" '4829 10485760'
cli_is '--user' 0 list --config "$CLI/conf" --user bob --noheadings
tap_is '--user' "$(cut -d ' ' -f 1 "$CLI/out")" bob
cli_is '--user: nobody' 0 list --config "$CLI/conf" --user nobody --json
tap_is '--user: nobody is said' "$(wc -c <"$CLI/out") $(tail -n 1 "$CLI/err")" \
    '0 pam_traffic: this user has no session open'
cli_is 'an order that is none' 2 list --sort nonsense
cli_is 'an operand' 2 list nonsense

cli_record 5 0 start "$boot"'.user = "\u001b[2J\u202e" | .auth_key = "\u0007" | .remote_addr = "\n\n"' >>"$CLI/log"
cli_is 'hostile text' 0 list --config "$CLI/conf"
cli_raw "$CLI/out"
tap_is 'hostile text: a row each' "$(wc -l <"$CLI/out")" 4

: >"$CLI/log"
cli_is 'nobody is here' 0 list --config "$CLI/conf"
tap_is 'nobody is here: said' "$(tail -n 1 "$CLI/err")" 'pam_traffic: no session is open'
chmod 0 "$CLI/log"
cli_is 'no log that may be read' 1 list --config "$CLI/conf"
tap_is 'no log that may be read: what to do' "$(cat "$CLI/err")" \
    "pam_traffic: cannot read $CLI/log: Permission denied; run it as root or as a member of group adm"
rmdir "$CLI/state"
cli_is 'nobody was ever here' 0 list --config "$CLI/conf"
tap_is 'nobody was ever here: said' "$(cat "$CLI/err")" 'pam_traffic: no session is open'
cli_over
