# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the lint scripts share: check NAME COMMAND... is a case of TAP; COMMAND prints what is wrong, or nothing.

set -u
# shellcheck source=../lib/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

check() {
    local name=$1 out
    shift
    out=$("$@" 2>&1)
    if [ -z "$out" ]; then
        tap_pass "$name"
    else
        tap_fail "$name" "$out"
    fi
}

# All files of the project with the given endings; also in a copy without git.
lint_files() {
    local ending patterns=()
    for ending; do
        patterns+=(-o -name "*$ending")
    done
    find . -path ./build -prune -o -path ./.git -prune -o -type f \( "${patterns[@]:1}" \) -print | sort
}
