# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Gates: a process, also a user's shell on the other end of a login, waits without asking again and again, until the
# test lets it go on.
#
#   gate_shut NAME      makes a gate, and it is shut; one of that name that nobody opened stays shut
#   gate_wait NAME      prints a command that ends when the gate is open
#   gate_open NAME      opens it, for all who wait and who come
#   gate_workers NAME   makes a gate: until it is open, nobody starts to count a login, or closes it
#   gate_workers_end    the workers are as before

declare -A GATES=()

gate_shut() {
    local fd

    rm -f "$WORLD/files/$1"
    : >"$WORLD/files/$1"
    exec {fd}<"$WORLD/files/$1"
    flock "$fd"
    GATES[$1]=$fd
}

gate_wait() {
    printf 'flock 3 3<%s' "$WORLD/files/$1"
}

# not only closed: processes in the background have the descriptor, too
gate_open() {
    local fd=${GATES[$1]}

    flock -u "$fd"
    exec {fd}<&-
}

gate_workers() {
    gate_shut "$1"
    mv "$PAM_TRAFFIC_WORKER_PATH" "$PAM_TRAFFIC_WORKER_PATH.real"
    # shellcheck disable=SC2016  # for the script
    printf '%s\n' '#!/bin/sh' 'case $1 in start | close)' "    $(gate_wait "$1")" '    ;;' 'esac' \
        "exec $PAM_TRAFFIC_WORKER_PATH.real \"\$@\"" >"$PAM_TRAFFIC_WORKER_PATH"
    chmod 755 "$PAM_TRAFFIC_WORKER_PATH"
}

gate_workers_end() {
    mv "$PAM_TRAFFIC_WORKER_PATH.real" "$PAM_TRAFFIC_WORKER_PATH"
}
