# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Waiting: for an event, never for a time. The deadline only ends what would hang: it is the same for all, and so
# long that a slow machine, or one that does other things as well, does not reach it.
#
#   await COMMAND...    asks COMMAND again and again until it succeeds, at first every 20 ms, later every 200; fails,
#                       and says so on standard error, when AWAIT_SECONDS are over

AWAIT_SECONDS=150

await() {
    local end=$((SECONDS + AWAIT_SECONDS)) pause=20 text

    until "$@"; do
        if [ "$SECONDS" -ge "$end" ]; then
            printf 'waited in vain for: %s\n' "$*" >&2
            return 1
        fi
        printf -v text 0.%03d $pause
        sleep "$text"
        pause=$((pause < 200 ? pause * 5 / 4 : 200))
    done
}
