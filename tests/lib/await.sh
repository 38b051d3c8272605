# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Waiting: for an event, never for a time. The deadline only ends what would hang: it is the same for all, and so
# long that a slow machine, or one that does other things as well, does not reach it.
#
#   await COMMAND...    asks COMMAND every 20 ms until it succeeds; fails when AWAIT_SECONDS are over

AWAIT_SECONDS=150

await() {
    local end=$((SECONDS + AWAIT_SECONDS))

    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.02
    done
}
