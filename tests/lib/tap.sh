# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Test results, in the TAP of meson (protocol: 'tap'): one line a case, the plan last.
#
#   tap_ok NAME COMMAND...         passes if COMMAND succeeds
#   tap_not NAME COMMAND...        passes if COMMAND fails
#   tap_is NAME GOT WANTED         passes if both are the same text; shows them, or their difference, if not
#   tap_pass NAME, tap_fail NAME [TEXT...]
#   tap_skip NAME REASON
#   tap_diag TEXT...               a comment in the output; many lines are fine
#   tap_done                       prints the plan and ends the test
#   tap_skip_all REASON            the whole script is skipped
#   tap_bail REASON                the world could not be made: ends everything
#
# TAP_FAILED is the number of failed cases so far.

TAP_COUNT=0
TAP_FAILED=0

tap_diag() {
    printf '%s\n' "$@" | sed 's/^/# /'
}

tap_pass() {
    TAP_COUNT=$((TAP_COUNT + 1))
    printf 'ok %d - %s\n' "$TAP_COUNT" "$1"
}

tap_fail() {
    TAP_COUNT=$((TAP_COUNT + 1))
    TAP_FAILED=$((TAP_FAILED + 1))
    printf 'not ok %d - %s\n' "$TAP_COUNT" "$1"
    shift
    [ $# -eq 0 ] || tap_diag "$@"
}

tap_ok() {
    local name=$1

    shift
    if "$@"; then
        tap_pass "$name"
    else
        tap_fail "$name" "failed: $*"
    fi
}

tap_not() {
    local name=$1

    shift
    if "$@"; then
        tap_fail "$name" "succeeded: $*"
    else
        tap_pass "$name"
    fi
}

tap_is() {
    if [ "$2" = "$3" ]; then
        tap_pass "$1"
    elif [[ $2$3 = *$'\n'* ]]; then
        tap_fail "$1" "$(diff --label wanted --label got -u <(printf '%s\n' "$3") <(printf '%s\n' "$2"))"
    else
        tap_fail "$1" "got:    $2" "wanted: $3"
    fi
}

tap_skip() {
    TAP_COUNT=$((TAP_COUNT + 1))
    printf 'ok %d - %s # SKIP %s\n' "$TAP_COUNT" "$1" "$2"
}

tap_done() {
    printf '1..%d\n' "$TAP_COUNT"
    [ "$TAP_FAILED" -eq 0 ]
    exit
}

tap_skip_all() {
    printf '1..0 # SKIP %s\n' "$1"
    exit 0
}

tap_bail() {
    printf 'Bail out! %s\n' "$1"
    TAP_FAILED=$((TAP_FAILED + 1))
    exit 1
}
