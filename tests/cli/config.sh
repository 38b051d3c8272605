#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic config: what is in force, and which file has it.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

mkdir "$CLI/conf.d"

# of KEY: its value and where it is from
of() {
    cli config --config "$CLI/conf" --noheadings
    tr -s ' ' <"$CLI/out" | sed -n "s|$CLI/||; s/^$1 //p"
}

cli_is 'no file that was named' 1 config --config "$CLI/conf"
: >"$CLI/conf"
cli_is 'an empty file' 0 config --config "$CLI/conf"
tap_is 'an empty file: all defaults' "$(awk 'NR > 1 { print $NF }' "$CLI/out" | sort | uniq -c | tr -s ' ')" ' 11 default'

printf '%s\n' '# mine' 'linger = 5s' 'syslog = no' 'exclude = 10.0.0.0/8' >"$CLI/conf"
printf '%s\n' 'exclude = 192.0.2.0/24, 2001:db8::/32' 'backend = ufw' >"$CLI/conf.d/a.conf"
printf '%s\n' '' 'linger = 1s' >"$CLI/conf.d/b.conf"
tap_is 'the last file counts' "$(of linger)" '1s conf.d/b.conf:2'
tap_is 'the main file' "$(of syslog)" 'no conf:3'
tap_is 'a list' "$(of exclude)" '192.0.2.0/24, 2001:db8::/32 conf.d/a.conf:1'
tap_is 'a wrong value: the default' "$(of backend)" 'auto default'
tap_is '... and a line that says so' "$(sed "s|$CLI/||" "$CLI/err")" \
    "pam_traffic: conf.d/a.conf:2: backend = 'ufw' is not auto, iptables or nftables; 'auto' is used instead"
cli_is '--json' 0 config --config "$CLI/conf" --json
tap_is '--json: all keys' "$(jq -s -c 'length, (map(.key) | unique | length)' "$CLI/out" | xargs)" '11 11'
tap_is '--json: a value of a file' "$(jq -c --arg cli "$CLI/" 'select(.key == "linger") | .file |= ltrimstr($cli)' "$CLI/out")" \
    '{"key":"linger","value":"1s","file":"conf.d/b.conf","line":2}'
tap_is '--json: a default' "$(jq -c 'select(.key == "backend")' "$CLI/out")" \
    '{"key":"backend","value":"auto","file":null,"line":null}'
printf 'exclude = \033[31m\n' >"$CLI/conf.d/c.conf"
of exclude >/dev/null
cli_raw "$CLI/out"
cli_raw "$CLI/err"
cli_over
