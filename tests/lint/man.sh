#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The man pages: they are built, mandoc has nothing against them, and the page of a command has the
# options and columns of its --help, no more and no less.
#
# Argument: the built pam_traffic. Pages are man/NAME.SECTION.scd; that of a command is
# pam_traffic-COMMAND.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
cli=$1

pages() {
    find man -name '*.scd' | sort
}

not_built() {
    local page
    for page in $(pages); do
        grep -qF "'$(basename "$page" .scd)'" man/meson.build || echo "$page: not in man/meson.build"
    done
}

no_page() {
    local page
    sed -n "s/^    '\(.*\)',\$/\1/p" man/meson.build | while IFS= read -r page; do
        [ -e "man/$page.scd" ] || echo "man/meson.build: $page: no such page"
    done
}

no_licence() {
    pages | xargs -r grep -L '^; SPDX-License-Identifier: GPL-2.0-or-later$'
}

# scdoc itself writes empty paragraphs, and paragraphs right behind headings
complaints() {
    local page
    for page in $(pages); do
        scdoc <"$page" | mandoc -T lint -W warning 2>&1 | sed "s|.*<stdin>|$page, as roff|" |
            grep -v 'WARNING: skipping paragraph macro: PP \(empty\|after SH\)'
    done
}

# "--name" or "--name=" if it takes a value, of a page
options_of_page() {
    sed -n '/^# OPTIONS/,/^# [^O]/s/^\*--\([a-z-]*\)\*\(.*\)$/--\1 \2/p' "$1" | sed 's/ $//; s/ .*/=/' | sort
}

# the words behind an option in --help look like those of its sentence; so the program is asked
options_of_command() {
    local name
    "$cli" "$1" --help | sed -n '/^Options:/,/^$/s/^  --\([a-z-]*\).*/\1/p' | while IFS= read -r name; do
        if "$cli" "$1" "--$name=x" --help 2>&1 | grep -q "option not known: --$name=x"; then
            echo "--$name"
        else
            echo "--$name="
        fi
    done | sort
}

# both directions: diff prints either
options_differ() {
    local page command
    for page in $(pages); do
        command=${page#man/pam_traffic-}
        [ "$command" != "$page" ] || continue
        command=${command%.*.scd}
        "$cli" "$command" --help >/dev/null || { echo "$page: pam_traffic has no command $command"; continue; }
        [ -n "$(options_of_command "$command")" ] || echo "$command: --help has no options"
        diff --label "$page" --label "pam_traffic $command --help" -U0 <(options_of_page "$page") \
            <(options_of_command "$command") | grep '^[-+]'
    done
}

# the columns, where --help has any: "Columns: a, b, c." over some lines
columns_differ() {
    local page command
    for page in $(pages); do
        command=${page#man/pam_traffic-}
        command=${command%.*.scd}
        "$cli" "$command" --help 2>/dev/null | grep -q '^Columns: ' || continue
        diff --label "$page" --label "pam_traffic $command --help" -U0 \
            <(sed -n '/^# COLUMNS/,/^# [^C]/{/^\*/p}' "$page" | grep -o '[a-z_]*' | sed '/^$/d' | sort) \
            <("$cli" "$command" --help | sed -n '/^Columns: /,/\./p' | sed 's/^Columns: //; s/\..*//' | grep -o '[a-z_]*' | sort) |
            grep '^[-+]'
    done
}

check 'every page is built' not_built
check 'every page that is built is there' no_page
check 'every page names its licence' no_licence
if command -v scdoc mandoc >/dev/null; then
    check 'mandoc has nothing against a page' complaints
else
    skip 'mandoc has nothing against a page' 'scdoc or mandoc is not here'
fi
check 'the options of a page are those of --help' options_differ
check 'the columns of a page are those of --help' columns_differ
lint_done
