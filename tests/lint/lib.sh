# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# TAP for lint scripts: check NAME COMMAND... runs a command that prints what is wrong, or nothing.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
LINT_COUNT=0
LINT_FAILED=0

check() {
    local name=$1 out
    shift
    LINT_COUNT=$((LINT_COUNT + 1))
    out=$("$@" 2>&1)
    if [ -z "$out" ]; then
        echo "ok $LINT_COUNT - $name"
    else
        LINT_FAILED=1
        echo "not ok $LINT_COUNT - $name"
        printf '%s\n' "$out" | sed 's/^/# /'
    fi
}

skip() {
    LINT_COUNT=$((LINT_COUNT + 1))
    echo "ok $LINT_COUNT - $1 # SKIP $2"
}

lint_done() {
    echo "1..$LINT_COUNT"
    exit "$LINT_FAILED"
}

# All files of the project with the given endings; also in a copy without git.
lint_files() {
    local ending patterns=()
    for ending; do
        patterns+=(-o -name "*$ending")
    done
    find . -path ./build -prune -o -path ./.git -prune -o -type f \( "${patterns[@]:1}" \) -print | sort
}
