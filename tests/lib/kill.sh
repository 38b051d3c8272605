# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sessions whose helper is killed at a chosen step (kill_at.c); crash.sh, log.sh and others source this
# after the harness. Each session has its own address, and its own state folder, so that each kill meets
# the session it is meant for; they share the log and the tables.
#
#   kill_place load|ssh              the helper that the module starts is killed as planned; sessions are those of
#                                    a small PAM application (tests/lib/load/visit.c), or of the real sshd and ssh
#   kill_session ADDR [OWNER]        a new session will come from ADDR: yardstick, configuration, the state folder
#                                    of its own, or that of OWNER
#   kill_plan ADDR VERB N            its helper dies at step N of open or close (kill_at.c; 0: never)
#   kill_login ADDR                  logs in, moves data in both directions, ends; comes back when the connection
#                                    and its helpers are over; a login that does not work is in kill_failed
#   kill_hold ADDR                   the same, but the session stays; comes back when the helper of open is over
#   kill_release                     the held session ends, as in kill_login
#   kill_reap ADDR [N]               a reap of its state folder, killed at step N (then it has a report)
#   kill_age ADDR                    the ends of connections that a reap has noted there were long ago
#   kill_finish ADDR                 a reap; if it only notes that the connection has ended, another one, long after
#   kill_state ADDR...               the state files that are left
#   kill_report ADDR VERB            what kill_at said last: "killed at 3 write", "unharmed after 40 calls"
#   kill_unharmed ADDR VERB          true if nothing was left to kill
#   kill_calls VERB ADDR...          the calls at which it died, each with how often
#   kill_steps NETWORK FUNCTION      FUNCTION ADDR N, for N 1, 2, 3 ... until it fails; ADDR is 10.77.NETWORK.N;
#                                    they are in KILL_STEPS then
#   kill_each_reap COMMAND... COMMAND, then a reap of the world's own state folder that is killed at its first step; again,
#                                    at its second ..., until none is left; each time another reap follows. A case: every
#                                    step was reached. It needs no kill_place
#   kill_results ADDR...             a line each: address, numbers of starts and stops, complete, counters, and
#                                    how many state files are left
#   kill_wanted ADDR...              the same as it should be
#   kill_complaints                  what is wrong with any session's records (records.jq)
#   kill_failed                      the logins that did not work

KILL_FOLDER=$WORLD/kill
KILL_BYTES=30000
KILL_STEPS_MOST=200
KILL_KIND=
KILL_HELD=
KILL_CONFIG=
KILL_STEPS=()
: "${PAM_TRAFFIC_KILL_AT:=}" "${PAM_TRAFFIC_LOAD:=}"

kill_place() {
    if [ -z "$PAM_TRAFFIC_KILL_AT" ] || [ -z "$PAM_TRAFFIC_LOAD" ]; then
        tap_bail 'PAM_TRAFFIC_KILL_AT or PAM_TRAFFIC_LOAD is not set: run this by meson test --suite system'
    fi
    KILL_KIND=$1
    mkdir -p "$KILL_FOLDER/pam"
    { head -c 20000 /dev/zero && echo open && head -c $((KILL_BYTES - 20000)) /dev/zero; } >"$KILL_FOLDER/came"
    KILL_CONFIG=$(grep -v '^state_dir = ' "$TRAFFIC_CONFIG")
    # all addresses from 10.77.64.0 on are the client's
    world_in client ip route add local 10.77.64.0/18 dev lo || tap_bail 'no addresses for the sessions'
    # A commit of iptables that is killed leaves zero counters, and conntrack has the bytes until its entry goes.
    # A reap is there within a minute; here, on a machine that is slow, perhaps not within the usual two.
    world_in server sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_time_wait=1200
    printf '%s required pam_permit.so\n' auth account session >"$KILL_FOLDER/pam/sshd"
    pam_traffic_line >>"$KILL_FOLDER/pam/sshd"
    # LeakSanitizer does not work in a process that is traced
    traffic_place_script "export PATH=/usr/bin:/bin ASAN_OPTIONS=detect_leaks=0:log_path=$WORLD/sanitizer.helper" \
        "cd $KILL_FOLDER && exec $PAM_TRAFFIC_KILL_AT planned \$1 $PAM_TRAFFIC_HELPER \$1 --config"
    if [ "$KILL_KIND" != ssh ]; then
        sshd_configure # the environment of the sshd that is none
    elif [ -z "$SSHD_LISTENER" ]; then
        sshd_start
    fi
}

kill_session() {
    printf '%s\nstate_dir = %s\n' "$KILL_CONFIG" "$KILL_FOLDER/${2:-$1}.state" >"$KILL_FOLDER/$1.conf"
    kill_plan "$1" open 0
    kill_plan "$1" close 0
    yardstick_watch "$1"
}

kill_plan() {
    printf '%s\n' "$3" >"$KILL_FOLDER/$1.$2"
}

# kill_visit ADDR: a session that stays until standard input ends; prints what comes to the client: a part of
# KILL_BYTES zeros, a line "open", and the rest of them
kill_visit() {
    if [ "$KILL_KIND" = ssh ]; then
        client_pipe -b "$1" "alice@$WORLD_SERVER4" \
            "head -c 10000 /dev/zero; echo open; cat; head -c $((KILL_BYTES - 10000)) /dev/zero"
    else
        world_in server env -i "${SSHD_ENV[@]}" "$PAM_TRAFFIC_LOAD" visit "$WORLD_SERVER4" 22 \
            "/run/netns/client-$WORLD_ID" "$KILL_FOLDER/pam" "$1"
    fi >"$KILL_FOLDER/$1.came" 2>>"$WORLD/spawned"
}

kill_over() {
    [ -s "$KILL_FOLDER/$1.open.report" ] && [ -s "$KILL_FOLDER/$1.close.report" ] &&
        { [ "$KILL_KIND" != ssh ] || client_over "$1"; }
}

# kill_stay ADDR: a login whose session stays until standard input ends
kill_stay() {
    kill_visit "$1"
    if ! cmp -s "$KILL_FOLDER/$1.came" "$KILL_FOLDER/came" && ! kill_came "$1"; then
        printf '%s: the login does not work\n' "$1" >>"$KILL_FOLDER/failed"
    elif ! await kill_over "$1"; then
        printf '%s: it does not end\n' "$1" >>"$KILL_FOLDER/failed"
    fi
}

# the two that write it are not always in this order
kill_came() {
    [ "$(stat -c %s "$KILL_FOLDER/$1.came")" = $((KILL_BYTES + 5)) ] && kill_said_open "$1"
}

kill_login() {
    rm -f "$KILL_FOLDER/$1.open.report" "$KILL_FOLDER/$1.close.report"
    kill_stay "$1" </dev/null
}

kill_hold() {
    rm -f "$KILL_FOLDER/$1".{open.report,close.report,came} "$KILL_FOLDER/hold"
    mkfifo "$KILL_FOLDER/hold"
    kill_stay "$1" <"$KILL_FOLDER/hold" &
    KILL_HELD=$!
    exec 6>"$KILL_FOLDER/hold"
    await kill_held "$1"
}

kill_said_open() {
    grep -a -q 'open$' "$KILL_FOLDER/$1.came"
}

kill_held() {
    [ -s "$KILL_FOLDER/$1.open.report" ] && kill_said_open "$1"
}

kill_release() {
    exec 6>&-
    wait "$KILL_HELD"
}

kill_reap() {
    local report=/dev/null

    [ $# -eq 1 ] || report=$KILL_FOLDER/$1.reap.report
    world_in server env -i ASAN_OPTIONS=detect_leaks=0 "$PAM_TRAFFIC_KILL_AT" "${2:-0}" "$report" \
        "$PAM_TRAFFIC_HELPER" reap --config "$KILL_FOLDER/$1.conf" >>"$WORLD/spawned" 2>&1
}

kill_state() {
    local addr

    for addr; do
        compgen -G "$KILL_FOLDER/$addr.state/sessions/*"
    done
}

kill_age() {
    local files

    mapfile -t files < <(kill_state "$1")
    [ ${#files[@]} -eq 0 ] || sed -i 's/"gone_boottime": *[0-9][0-9]*/"gone_boottime": 1/' "${files[@]}"
}

kill_finish() {
    kill_reap "$1"
    if [ -n "$(kill_state "$1")" ]; then
        kill_age "$1"
        kill_reap "$1"
    fi
}

kill_report() {
    cat "$KILL_FOLDER/$1.$2.report"
}

kill_unharmed() {
    local word rest

    # shellcheck disable=SC2034  # the rest is not looked at
    read -r word rest <"$KILL_FOLDER/$1.$2.report" && [ "$word" = unharmed ]
}

kill_calls() {
    local addr

    for addr in "${@:2}"; do
        kill_report "$addr" "$1"
    done | awk '/^killed/ { print $4 }' | sort | uniq -c | tr -s '\n ' ' '
}

kill_steps() {
    local n addr

    KILL_STEPS=()
    for ((n = 1; n < 255; n++)); do
        addr=10.77.$1.$n
        kill_session "$addr" || return
        KILL_STEPS+=("$addr")
        "$2" "$addr" "$n" || return 0
    done
    return 1
}

kill_each_reap() {
    local n report=$WORLD/kill.reap.report

    [ -n "$PAM_TRAFFIC_KILL_AT" ] || tap_bail 'PAM_TRAFFIC_KILL_AT is not set: run this by meson test --suite system'
    for ((n = 1; n <= KILL_STEPS_MOST; n++)); do
        "$@"
        world_in server env -i ASAN_OPTIONS=detect_leaks=0 "$PAM_TRAFFIC_KILL_AT" "$n" "$report" \
            "$PAM_TRAFFIC_HELPER" reap --config "$TRAFFIC_CONFIG" >>"$WORLD/spawned" 2>&1
        if grep -q '^unharmed' "$report"; then
            tap_pass 'every step was reached'
            tap_diag "$((n - 1)) steps"
            return
        fi
        traffic_reap
    done
    tap_fail 'every step was reached' "$(cat "$report")"
}

kill_results() {
    records_jq 'group_by(.remote_addr)[]
        | (map(select(.event == "start")) | length) as $starts | map(select(.event == "stop")) as $stops
        | "\(.[0].remote_addr) \($starts) \($stops | length) \($stops[0].complete) " +
          "\($stops[0] | "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets)")"' |
        while read -r addr line; do
            [[ " $* " != *" $addr "* ]] || printf '%s %s %d\n' "$addr" "$line" "$(kill_state "$addr" | wc -l)"
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
