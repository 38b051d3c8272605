# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sessions whose helper is killed at a chosen step (kill_at.c); crash.sh and log.sh source this after
# the harness. Each session has its own address, and its own state folder, so that each kill meets
# the session it is meant for; they share the log and the tables.
#
#   kill_place                       the helper that the module starts is killed as planned
#   kill_session ADDR                a new session will come from ADDR: address, yardstick, configuration
#   kill_plan ADDR VERB N            its helper dies at step N of open or close (kill_at.c; 0: never)
#   kill_login ADDR                  logs in, moves some data; a login that does not work is in kill_failed
#   kill_hold ADDR                   the same, and stays until the file KILL_RELEASE is there
#   kill_reap ADDR [N]               a reap of its state folder, killed at step N
#   kill_report ADDR VERB            what kill_at said last: "killed at 3 write", "unharmed after 40 calls"
#   kill_each FUNCTION ARG...        FUNCTION with each ARG, some at a time
#   kill_over                        true once all sessions are over and no helper is alive
#   kill_results ADDR...             a line each: address, numbers of starts and stops, complete, counters, and
#                                    how many state files are left
#   kill_wanted ADDR...              the same as it should be
#   kill_complaints                  what is wrong with any session's records (records.jq)
#   kill_failed                      the logins that did not work

KILL_FOLDER=$WORLD/kill
KILL_BYTES=30000
KILL_JOBS=12
KILL_RELEASE=$WORLD/files/release
: "${PAM_TRAFFIC_KILL_AT:=}"

kill_place() {
    [ -n "$PAM_TRAFFIC_KILL_AT" ] || tap_bail 'PAM_TRAFFIC_KILL_AT is not set: run this by meson test --suite system'
    mkdir -p "$KILL_FOLDER"
    # LeakSanitizer does not work in a process that is traced
    traffic_place_script "export PATH=/usr/bin:/bin ASAN_OPTIONS=detect_leaks=0:log_path=$WORLD/sanitizer.helper" \
        "addr=\$(tr '\\0' '\\n' </proc/self/fd/0 | sed -n 's/^remote=\\([^ ]*\\) .*/\\1/p')" \
        "cd $KILL_FOLDER && set -- \"\$(cat \$addr.\$1)\" \$addr.\$1.report $PAM_TRAFFIC_HELPER \$1" \
        "exec $PAM_TRAFFIC_KILL_AT \"\$@\" --config $KILL_FOLDER/\$addr.conf"
}

kill_session() {
    sed "s|^state_dir = .*|state_dir = $KILL_FOLDER/$1.state|" "$TRAFFIC_CONFIG" >"$KILL_FOLDER/$1.conf"
    kill_plan "$1" open 0
    kill_plan "$1" close 0
    world_in client ip addr add "$1/16" dev "$WORLD_LINK" && yardstick_watch "$1"
}

kill_plan() {
    printf '%s\n' "$3" >"$KILL_FOLDER/$1.$2"
}

kill_login() {
    local got

    rm -f "$KILL_FOLDER/$1.open.report" "$KILL_FOLDER/$1.close.report"
    : >"$KILL_FOLDER/$1.login"
    got=$(client_ssh -b "$1" "alice@$WORLD_SERVER4" "head -c $KILL_BYTES /dev/zero; ${2:-}" | wc -c)
    [ "$got" = $KILL_BYTES ] || printf '%s: %d bytes came\n' "$1" "$got" >>"$KILL_FOLDER/failed"
}

kill_hold() {
    kill_login "$1" "until [ -e $KILL_RELEASE ]; do sleep 0.1; done"
}

kill_reap() {
    world_in server env -i ASAN_OPTIONS=detect_leaks=0 "$PAM_TRAFFIC_KILL_AT" "${2:-0}" "$KILL_FOLDER/$1.reap.report" \
        "$PAM_TRAFFIC_HELPER" reap --config "$KILL_FOLDER/$1.conf" >>"$WORLD/spawned" 2>&1
}

kill_report() {
    cat "$KILL_FOLDER/$1.$2.report"
}

kill_each() {
    local function=$1 argument pids=()

    shift
    for argument; do
        "$function" "$argument" &
        pids+=($!)
        [ ${#pids[@]} -lt $KILL_JOBS ] || { wait "${pids[@]}"; pids=(); }
    done
    [ ${#pids[@]} -eq 0 ] || wait "${pids[@]}"
}

kill_over() {
    local login

    # the last helper of a session may not have begun when its connection is over
    for login in "$KILL_FOLDER"/*.login; do
        [ -s "${login%.login}.close.report" ] || return
    done
    client_over 10.77. && ! traffic_helpers >/dev/null
}

kill_results() {
    records_jq 'group_by(.remote_addr)[]
        | (map(select(.event == "start")) | length) as $starts | map(select(.event == "stop")) as $stops
        | "\(.[0].remote_addr) \($starts) \($stops | length) \($stops[0].complete) " +
          "\($stops[0] | "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets)")"' |
        while read -r addr line; do
            [[ " $* " != *" $addr "* ]] ||
                printf '%s %s %d\n' "$addr" "$line" "$(find "$KILL_FOLDER/$addr.state/sessions" -type f | wc -l)"
        done | sort -V
}

kill_wanted() {
    world_in client iptables-legacy-save -c -t mangle | awk -v wanted=" $* " '
        function addr(option) { return substr($0, RSTART + length(option), RLENGTH - length(option)) }
        function count(    n) { split(substr($1, 2), n, /[:\]]/); return n[2] " " n[1] }
        match($0, /OUTPUT -s [^\/]*/) { in_[addr("OUTPUT -s ")] = count() }
        match($0, /INPUT -d [^\/]*/) { out[addr("INPUT -d ")] = count() }
        END { for (a in in_) if (index(wanted, " " a " ")) print a, 1, 1, "true", in_[a], out[a], 0 }' | sort -V
}

kill_complaints() {
    records_since | jq -s -c 'group_by(.session)[]' |
        jq -r --argjson counted true --arg host "$(uname -n)" --arg backend "$PAM_TRAFFIC_BACKEND" --arg boot_id "$(cat /proc/sys/kernel/random/boot_id)" \
            -f "$HARNESS_LIB/records.jq" 2>&1 | sort | uniq -c
}

kill_failed() {
    cat "$KILL_FOLDER/failed" 2>/dev/null
}
