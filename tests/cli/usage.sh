#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Help, version and wrong usage of pam_traffic and of every command.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

# wrong NAME PATTERN ARG...
wrong() {
    cli_is "$1" 2 "${@:3}"
    tap_is "$1: one line, nothing else" "$(wc -l <"$CLI/err") $(wc -c <"$CLI/out")" '1 0'
    tap_ok "$1: what, and where to look" grep -q "^pam_traffic: $2; try pam_traffic .*--help\$" "$CLI/err"
}

# help NAME ARG...
help() {
    cli_is "$1" 0 "${@:2}"
    tap_is "$1: nothing is wrong" "$(cat "$CLI/err")" ''
    tap_is "$1: at most 80 columns" "$(awk 'length > 80' "$CLI/out")" ''
    tap_ok "$1: usage first" grep -q '^Usage: pam_traffic ' <(head -n 1 "$CLI/out")
}

help '--help' --help
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$CLI/out")
tap_ok 'commands are listed' grep -qx log <<<"$commands"
for command in $commands; do
    help "$command --help" "$command" --help
    options=$(sed -n 's/^  --\([a-z-]*\).*/\1/p' "$CLI/out")
    tap_is "$command: options in alphabetical order, --help last" "$options" \
        "$(grep -vx help <<<"$options" | sort; echo help)"
    wrong "$command --nonsense" 'unknown option --nonsense' "$command" --nonsense
    wrong "$command -z" 'unknown option -z' "$command" -z
    wrong "$command --config" 'option --config needs a value' "$command" --config
    wrong "$command --help=yes" 'option --help takes no value' "$command" --help=yes
done
cli_is '--version' 0 --version
tap_ok '--version says so' grep -qE '^pam_traffic [0-9]+\.[0-9]+\.[0-9]+$' "$CLI/out"
wrong 'nothing' 'no command is given'
wrong 'a command that is none' 'unknown command nonsense' nonsense
wrong 'an option that is none' 'unknown option --nonsense' --nonsense
cli_over
