#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A build with -Dusers=disabled, or without clang and libbpf, differs from one with the users' ledger in nothing but that
# the program that loads it is not there. So what all other tests show of the product holds for it, too, and what is said
# where that program is missing has its test (tests/system/ledger-refused.sh). Nothing is compiled here.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

FOLDER=$(mktemp -d) || tap_bail 'no temporary folder'
trap 'rm -rf "$FOLDER"' EXIT
LOADER='ledger/(count\.bpf|load|loader|object|place|ledger_small)|pam_traffic_ledger$'

# configure enabled|disabled
configure() {
    meson setup "$FOLDER/$1" "$PWD" "-Dusers=$1" -Dtests=enabled -Dwerror=true >"$FOLDER/said" 2>&1 || tail -n 20 "$FOLDER/said"
}

# what introspect says of a build, and each command of it, but for where it is
built() {
    (cd "$FOLDER/$1" && cat config.h && jq -r '.[] | "\(.output) \(.command)"' compile_commands.json &&
        meson introspect --installed --tests | jq -r '.installed[], (.tests[] | "\(.suite) \(.name) \(.cmd)")') |
        sed "s|$FOLDER/$1|BUILD|g" | sort
}

differ() {
    diff <(built disabled) <(built enabled) | grep '^[<>]' | grep -vE "^> .*$LOADER"
}

loads() {
    built enabled | grep -qE "$LOADER" || echo 'nothing loads the users'"'"' ledger'
    built disabled | grep -E "$LOADER"
}

check 'without the users'"'"' ledger it can be set up' configure disabled
if meson setup "$FOLDER/enabled" "$PWD" -Dusers=enabled -Dtests=enabled -Dwerror=true >"$FOLDER/said" 2>&1; then
    check 'and has nothing that loads it' loads
    check 'and is the same else' differ
else
    tap_skip 'it is the same else' 'there is no clang, or no libbpf'
fi
tap_done
