# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Waiting: for an event, never for a time; a deadline only ends what would hang.
#
#   deadline_until SECONDS COMMAND...   asks COMMAND every 20 ms; fails when SECONDS are over
#   deadline_now                        milliseconds on a clock that only goes forward

deadline_now() {
    local up

    read -r up _ </proc/uptime
    printf '%s0\n' "${up/./}"
}

deadline_until() {
    local end=$((SECONDS + $1 + 1))

    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.02
    done
}
