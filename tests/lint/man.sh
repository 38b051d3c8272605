#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The man pages: they are built, mandoc has nothing against them, what they refer to is there, and
# what they list is what the programs and the tables in the source have, no more and no less.
#
# Arguments: the built pam_traffic, the built pam_traffic_helper. Pages are man/NAME.SECTION.scd; that
# of a command of pam_traffic is pam_traffic-COMMAND.1.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
cli=$1
helper=$2

pages() {
    find man -name '*.scd' | sort
}

commands() {
    "$cli" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

# the commands that have a page
documented() {
    local command
    for command in $(commands); do
        [ ! -e "man/pam_traffic-$command.1.scd" ] || echo "$command"
    done
}

# differ LABEL LABEL FILE FILE: what only one of them has
differ() {
    local page
    page=$(cat "$3")
    [ -n "$page" ] || echo "$1: nothing found"
    diff --label "$1" --label "$2" -U0 - "$4" <<<"$page" | grep '^[-+]'
}

# the lines of a page's section: section PAGE HEADING
section() {
    awk -v heading="# $2" '/^# / { on = $0 == heading; next } on' "$1"
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

# NAME(SECTION) in the first line, and NAME first below its heading
wrong_title() {
    local page name
    for page in $(pages); do
        name=$(basename "$page" .scd)
        [ "$(head -n 1 "$page")" = "${name%.*}(${name##*.})" ] || echo "$page: its first line has another name"
        section "$page" NAME | grep -q "^${name%.*} - " || echo "$page: NAME is not '${name%.*} - ...'"
    done
}

# scdoc itself writes empty paragraphs, and paragraphs right behind headings
complaints() {
    local page
    for page in $(pages); do
        scdoc <"$page" | mandoc -T lint -W warning 2>&1 | sed "s|.*<stdin>|$page, as roff|" |
            grep -v 'WARNING: skipping paragraph macro: PP \(empty\|after SH\)'
    done
}

# *NAME*(SECTION): a page of ours, or one that is installed
dead_references() {
    local page name number found
    for page in $(pages); do
        grep -oE '\*[A-Za-z0-9._-]+\*\([1-9]\)' "$page" | sort -u | tr -d '*)' | tr '(' ' ' |
            while read -r name number; do
                [ ! -e "man/$name.$number.scd" ] || continue
                found=("/usr/share/man/man$number/$name.$number"*)
                [ -e "${found[0]}" ] || echo "$page: there is no $name($number)"
            done
    done
}

# a page of ours that its text names, but not its SEE ALSO
not_seen() {
    local page reference
    for page in $(pages); do
        grep -oE '\*pam_traffic[a-z._-]*\*\([1-9]\)' "$page" | sort -u | while IFS= read -r reference; do
            section "$page" 'SEE ALSO' | grep -qF "$reference" || echo "$page: SEE ALSO lacks $reference"
        done
    done
}

# "--name" or "--name=" if it takes a value, of a page
options_of_page() {
    section "$1" OPTIONS | sed -n 's/, \*-[a-zA-Z]\*.*//; s/^\*--\([a-z-]*\)\*\(.*\)$/--\1 \2/p' | sed 's/ $//; s/ .*/=/' | sort
}

# the words behind an option in --help look like those of its sentence; so the program is asked
options_of_command() {
    local name
    "$cli" "$1" --help | sed -n '/^Options:/,/^$/s/^  --\([a-z-]*\).*/\1/p' | while IFS= read -r name; do
        if "$cli" "$1" "--$name=x" --help 2>&1 | grep -q "option --$name takes no value"; then
            echo "--$name"
        else
            echo "--$name="
        fi
    done | sort
}

# both directions: diff prints either
options_differ() {
    local command
    for command in $(documented); do
        differ "man/pam_traffic-$command.1.scd" "pam_traffic $command --help" \
            <(options_of_page "man/pam_traffic-$command.1.scd") <(options_of_command "$command")
    done
}

# the columns, where --help has any: "Columns: a, b, c." over some lines
columns_differ() {
    local command
    for command in $(documented); do
        "$cli" "$command" --help | grep -q '^Columns: ' || continue
        differ "man/pam_traffic-$command.1.scd" "pam_traffic $command --help" \
            <(section "man/pam_traffic-$command.1.scd" COLUMNS | grep '^\*' | grep -o '[a-z_]*' | sed '/^$/d' | sort) \
            <("$cli" "$command" --help | sed -n '/^Columns: /,/\./p' | sed 's/^Columns: //; s/\..*//' | grep -o '[a-z_]*' | sort)
    done
}

# command lines of examples, in pages and README: their commands and options are there
wrong_examples() {
    local command
    grep -oE 'pam_traffic [a-z]+( [^`|]*)?' README.md man/*.scd |
        grep -E ':pam_traffic [a-z]+ (.* )?--' | while IFS=: read -r file line; do
            command=${line#pam_traffic }
            command=${command%% *}
            commands | grep -qx "$command" || { echo "$file: $line: there is no such command"; continue; }
            grep -oE -- ' --[a-z-]+' <<<"$line" | tr -d ' ' | grep -vxFe "$("$cli" "$command" --help | grep -oE -- '^  --[a-z-]+' | tr -d ' ')" |
                sed "s|^|$file: $line: there is no |"
        done
}

# each command has a page, and pam_traffic(1) names it; a page has a command
commands_differ() {
    local command page
    for page in man/pam_traffic-*.1.scd; do
        command=${page#man/pam_traffic-}
        commands | grep -qx "${command%.1.scd}" || echo "$page: pam_traffic has no such command"
    done
    for command in $(commands); do
        [ -e "man/pam_traffic-$command.1.scd" ] || echo "pam_traffic $command: no man/pam_traffic-$command.1.scd"
    done
    differ man/pam_traffic.1.scd 'the pages of commands' \
        <(section man/pam_traffic.1.scd COMMANDS | sed -n 's/^\*\(.*\)\*$/\1/p' | sort) <(documented | sort)
    differ man/pam_traffic.1.scd 'pam_traffic --help' <(options_of_page man/pam_traffic.1.scd) \
        <("$cli" --help | grep '^Usage\|^  *pam_traffic -' | grep -o -- ' --[a-z]*' | tr -d ' ' | sort -u)
}

helper_differs() {
    differ man/pam_traffic_helper.8.scd 'pam_traffic_helper --help, verbs' \
        <(section man/pam_traffic_helper.8.scd VERBS | sed -n 's/^\*\(.*\)\*$/\1/p') \
        <("$helper" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p')
    differ man/pam_traffic_helper.8.scd 'pam_traffic_helper --help, options' \
        <(options_of_page man/pam_traffic_helper.8.scd) \
        <("$helper" --help | sed -n '/^Options:/,/^$/s/^  \(--[a-z]*\)\( [A-Z].*\)\{0,1\} .*/\1\2/p' | sed 's/ .*/=/' | sort)
}

# the capabilities that it keeps
capabilities_differ() {
    differ man/pam_traffic_helper.8.scd helper/privilege.c \
        <(section man/pam_traffic_helper.8.scd CAPABILITIES | sed -n 's/^\*\(CAP_[A-Z_]*\)\*$/\1/p') \
        <(sed -n 's/^ *{ \(CAP_[A-Z_]*\), ".*/\1/p' helper/privilege.c)
}

# "name" or "name=", as the module compares them
arguments_differ() {
    differ man/pam_traffic.8.scd pam_module/arguments.c \
        <(section man/pam_traffic.8.scd OPTIONS | sed -n 's/^\*\([a-z_]*=\{0,1\}\)\*.*/\1/p' | sort) \
        <(sed -n 's/.*strcmp(argv\[i\], "\([a-z_]*\)").*/\1/p; s/.*arguments_value(argv\[i\], "\([a-z_]*\)").*/\1=/p' \
            pam_module/arguments.c | sort)
    differ man/pam_traffic.8.scd "its own SYNOPSIS" \
        <(section man/pam_traffic.8.scd OPTIONS | sed -n 's/^\*\([a-z_]*=\{0,1\}\)\*.*/\1/p' | sort) \
        <(section man/pam_traffic.8.scd SYNOPSIS | grep -o '\[\*[a-z_]*=\{0,1\}' | tr -d '[*' | sort)
}

# key and default, in the table's order; a path is one of meson_options.txt
keys_differ() {
    local path option
    differ man/pam_traffic.conf.5.scd lib/store/settingskey.c \
        <(section man/pam_traffic.conf.5.scd KEYS | sed -n 's/^\*\([a-z_]*\)\* = \{0,1\}\(.*\)$/\1 = \2/p') \
        <(sed -n 's/^        { "\([a-z_]*\)", \(PATH_[A-Z]*\|"[^"]*"\), .*/\1 = \2/p' lib/store/settingskey.c | tr -d '"' |
            while IFS= read -r path; do
                for option in log_file:PATH_LOG state_dir:PATH_STATE usage_dir:PATH_USAGE; do
                    path=${path/%"${option#*:}"/$(sed -n "s/^option('${option%:*}'.*value: '\(.*\)',\$/\1/p" meson_options.txt)}
                done
                echo "$path"
            done)
}

# key and type, in the order of the log
records_differ() {
    differ man/pam_traffic-records.5.scd include/pam_traffic/recordkeys.h \
        <(section man/pam_traffic-records.5.scd KEYS | grep '^\*' | grep -oE '\*[a-z_]+\* \([a-z ]+\)' | tr -d '*') \
        <(sed -n "s/^ *key(\([A-Z]*\), \([a-z_]*\)).*/\2 (\1)/p" include/pam_traffic/recordkeys.h |
            sed 's/(NUMBER)/(number)/; s/(TEXT)/(text)/; s/(FLAG)/(true or false)/; s/(SECONDS)/(seconds)/')
}

# name and type of each family
metrics_differ() {
    differ man/pam_traffic-metrics.1.scd cli/metrics/command_metrics.c \
        <(section man/pam_traffic-metrics.1.scd METRICS | sed -n 's/^\*\(pam_traffic_[a-z_]*\)\*.*/\1/p') \
        <(tr -d '\n' <cli/metrics/command_metrics.c | grep -oE 'openmetrics_family\(text, +"[a-z_]+", +OPENMETRICS_[A-Z]+' |
            sed 's/.*"\(.*\)", *OPENMETRICS_COUNTER/\1_total/; s/.*"\(.*\)".*/\1/')
}

# the doctor's checks, in the order of the sources that list them
checks_differ() {
    differ man/pam_traffic-doctor.1.scd 'cli/doctor/check*.c' \
        <(section man/pam_traffic-doctor.1.scd CHECKS | grep '^\*' | grep -o '[a-z-]*' | sed '/^$/d' | sort) \
        <(cat cli/doctor/check*.c | grep -oE '\{ "[a-z-]+", check[a-z]+_[a-z]+ \}' | cut -d '"' -f 2 | sort)
}

check 'every page is built' not_built
check 'every page that is built is there' no_page
check 'every page names its licence' no_licence
check 'every page has its own name' wrong_title
if command -v scdoc >/dev/null && command -v mandoc >/dev/null; then
    check 'mandoc has nothing against a page' complaints
else
    tap_skip 'mandoc has nothing against a page' 'scdoc or mandoc is not here'
fi
if [ -e /usr/share/man/man5/proc.5.gz ]; then
    check 'the pages that a page refers to are there' dead_references
else
    tap_skip 'the pages that a page refers to are there' 'this machine has no man pages (packages.txt, lint)'
fi
check 'the pages of ours that a page names are in its SEE ALSO' not_seen
check 'every command has a page, which pam_traffic(1) names' commands_differ
check 'examples have commands and options that are there' wrong_examples
check 'the options of a page are those of --help' options_differ
check 'the columns of a page are those of --help' columns_differ
check 'the verbs and options of pam_traffic_helper(8) are those of --help' helper_differs
check 'the capabilities of pam_traffic_helper(8) are those that it keeps' capabilities_differ
check 'the arguments of pam_traffic(8) are those that the module reads' arguments_differ
check 'the checks of pam_traffic-doctor(1) are those that it makes' checks_differ
check 'the metrics of pam_traffic-metrics(1) are those that it writes' metrics_differ
check 'the keys and defaults of pam_traffic.conf(5) are those of settings.c' keys_differ
check 'the keys of pam_traffic-records(5) are those of recordkeys.h' records_differ
tap_done
