#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --help of every program and script that somebody runs: 80 columns, the usage first, and sentences that
# are alike. (That it exits with 0, and wrong usage, is tests/cli/usage.sh.)
#
# Arguments: the built pam_traffic, the built pam_traffic_helper.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
cli=$1
helper=$2
HELP=$(mktemp -d) || exit 1
trap 'rm -rf "$HELP"' EXIT

# one file for each: its name is the program's, with blanks
for command in '' $("$cli" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    "$cli" ${command:+"$command"} --help >"$HELP/pam_traffic${command:+ $command}" 2>&1
done
"$helper" --help >"$HELP/pam_traffic_helper" 2>&1
for script in examples/quickstart packaging/build-deb packaging/build-rpm packaging/export \
    packaging/install-packages tests/bench/run tests/coverage tests/lib/debian-prepare tests/run; do
    mkdir -p "$HELP/${script%/*}"
    "$script" --help </dev/null >"$HELP/$script" 2>&1 || echo "$script --help: exit status $?" >>"$HELP/failed"
done

# each FUNCTION [PREFIX]: FUNCTION reads one help at a time
each() {
    (cd "$HELP" && find . -type f -path "./${2-}*" ! -name failed) | sort | while IFS= read -r name; do
        "$1" "${name#./}" <"$HELP/$name" | sed "s|^|${name#./} --help: |"
    done
}

failed() {
    [ ! -e "$HELP/failed" ] || cat "$HELP/failed"
}

too_wide() {
    LC_ALL=C.UTF-8 awk 'length > 80 { print "line " NR " has " length " columns" }
        / $/ { print "line " NR " ends in a blank" }
        /\t/ { print "line " NR " has a tab" }'
}

# the name of the program as one types it, perhaps behind sudo
no_usage() {
    head -n 1 | grep -qE "^Usage: (sudo )?$1( |\$)" || echo "its first line is not 'Usage: $1 ...'"
}

# options, commands and verbs: name, sentence
entries() {
    sed -nE '/^(Options|Commands|Verbs):/,/^$/{
        /^  [a-z-]/!d
        s/^  (--[a-z-]+)( [A-Z][^ ]*)? +/\1\t/
        s/^  ([a-z]+) +/\1\t/
        p
    }'
}

# an option's sentence is a phrase, a command's is one that begins with a capital; neither ends in a dot
wrong_sentence() {
    entries | awk -F '\t' '
        $2 == "" { print $1 ": no sentence"; next }
        $2 ~ /[.;:, ]$/ { print $1 ": ends in a dot or the like: " $2 }
        $1 ~ /^--/ && $2 !~ /^[a-z0-9]/ { print $1 ": begins with a capital: " $2 }
        $1 !~ /^--/ && $2 !~ /^[A-Z]/ { print $1 ": begins without a capital: " $2 }'
}

no_exit_status() {
    grep -q '^Exit status: 0 done, 1 failed, 2 wrong usage\.$\|^Exit status: 0 .*, 2 wrong usage, 3 ' || echo 'its last line is not that of the exit status'
}

# what every command that has it means by it
different() {
    local option
    for option in bytes config csv json noheadings help; do
        each entries 'pam_traffic ' | sed -n "s/^[^:]*: --$option\t//p" | sed 's/^\([^,:(]*\).*/\1/; s/ *$//' | sort | uniq -c |
            awk -v option="$option" '{ n++; line = line "\n    " $0 } END { if (n > 1) print "--" option " is explained in several ways:" line }'
    done
}

check '--help exits with 0' failed
check '--help fits 80 columns' each too_wide
check '--help begins with the usage' each no_usage
check 'options, commands and verbs have sentences that are alike' each wrong_sentence
check '--help of the programs ends with the exit status' each no_exit_status pam_traffic
check 'an option of several commands is explained in one way' different
tap_done
