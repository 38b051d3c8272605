# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Waiting: for an event, never for a time. The deadline only ends what would hang: it is the same for all, and so
# long that a slow machine, or one that does other things as well, does not reach it.
#
#   await COMMAND...    asks COMMAND every 20 ms until it succeeds; fails, and says so on standard error, when
#                       AWAIT_SECONDS are over

AWAIT_SECONDS=150

await() {
    local end=$((SECONDS + AWAIT_SECONDS))

    until "$@"; do
        if [ "$SECONDS" -ge "$end" ]; then
            printf 'waited in vain for: %s\n' "$*" >&2
            return 1
        fi
        sleep 0.02
    done
}
