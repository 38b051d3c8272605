# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a test of the admin's program sources: a folder of its own, made-up records, the program run with
# a clean environment. No root needed; nothing outside of the folder is touched.
#
#   cli ARG...                 runs pam_traffic; what it says is in $CLI/out and $CLI/err, its exit status in
#                              CLI_STATUS; CLI_LOCALE is its locale, UTC its time zone
#   cli_is NAME STATUS ARG...  the same, and a case: the exit status
#   cli_began N TIME           session N began then; without it all began at one moment
#   cli_session N              the id of session N
#   cli_short N                its end, as tables have it
#   cli_terminal COLUMNS ARG...  runs pam_traffic on a terminal of that width; $CLI/out has the screen
#   cli_record N SEQ EVENT [JQ-FILTER]   prints a record of session N; the filter changes it
#   cli_port N SEQ [JQ-FILTER]           prints a record of what port 22 moved; account N
#   cli_raw FILE               a case: nothing in it that a terminal obeys or that hides or turns text around
#   cli_in_one_day             the first one of a test that speaks of today: if the day (of UTC) changes while it runs,
#                              what it said does not count, and it runs on the new day
#   cli_over                   the last command of a test
#
# Relies on PAM_TRAFFIC_CLI, the built pam_traffic (tests/cli/meson.build sets it). Loads the TAP of the
# system tests.

# shellcheck source=../../lib/tap.sh
. "${BASH_SOURCE[0]%/*}/../../lib/tap.sh"
# shellcheck source=../../lib/await.sh
. "${BASH_SOURCE[0]%/*}/../../lib/await.sh"
# shellcheck source=../../lib/hide.sh
. "${BASH_SOURCE[0]%/*}/../../lib/hide.sh"
hide_host "$@"

: "${PAM_TRAFFIC_CLI:=}"
CLI_LOCALE=C.UTF-8
CLI_STATUS=''

[ -n "$PAM_TRAFFIC_CLI" ] || tap_bail 'PAM_TRAFFIC_CLI is not set: run this by meson test --suite cli'
for CLI in jq perl; do
    [ -n "$(type -P "$CLI")" ] || tap_bail "$CLI is missing (packaging/install-packages quickstart)"
done
CLI=$(mktemp -d) || tap_bail 'no temporary folder'
trap 'rm -rf "$CLI"' EXIT

cli() {
    env -i TZ=UTC LC_ALL="$CLI_LOCALE" "$PAM_TRAFFIC_CLI" "$@" >"$CLI/out" 2>"$CLI/err" </dev/null
    CLI_STATUS=$?
}

cli_is() {
    cli "${@:3}"
    tap_is "$1: exit status" "$CLI_STATUS" "$2"
    [ "$CLI_STATUS" = "$2" ] || tap_diag "$(head -n 40 "$CLI/err")"
}

declare -A CLI_BEGAN=()

# cli_began N TIME
cli_began() {
    CLI_BEGAN[$1]=$(printf '%012x' "$(date -u -d "$2" +%s%3N)")
}

cli_session() {
    local began=${CLI_BEGAN[$1]:-01a20450bb0f}

    printf '%s-%s-79f8-b748-%012x' "${began:0:8}" "${began:8}" "$1"
}

cli_short() {
    cli_session "$1" | tail -c 8
}

cli_terminal() {
    local line

    printf -v line '%q ' "$PAM_TRAFFIC_CLI" "${@:2}"
    TZ=UTC LC_ALL=$CLI_LOCALE script -qec "stty cols $1; $line" /dev/null </dev/null 2>"$CLI/err" | tr -d '\r' >"$CLI/out"
}

cli_record() {
    jq -n -c --arg session "$(cli_session "$1")" --argjson seq "$2" --arg event "$3" '
        {v: 1, event: $event, time: "2026-11-22T17:00:00.000000Z", host: "vm",
         boot_id: "7c722406-f73e-4fb4-969f-1bee522f7d42", session: $session, seq: $seq, service: "sshd",
         user: "alice", uid: 1000, pid: 7, rhost: "10.77.0.2", family: "ipv4", local_addr: "10.77.0.1",
         local_port: 22, remote_addr: "10.77.0.2", remote_port: 5000, auth_method: "publickey",
         auth_key: "SHA256:3cHy3vKqWx8tabcdefghijklmnopqrstuvwxyz01234", audit_session: null,
         login_session: null, excluded: false, backend: "iptables", in_bytes: 4829, in_packets: 21,
         out_bytes: 10485760, out_packets: 17, preauth_in_bytes: null,
         duration: (if $event == "start" then null else 125.5 end),
         terminate_cause: (if $event == "stop" then "User-Request" else null end),
         complete: ($event != "start")} | '"${4:-.}"
}

cli_port() {
    cli_record "$1" "$2" port '
        with_entries(if .key | IN("service", "user", "uid", "pid", "rhost", "family", "local_addr",
            "remote_addr", "remote_port", "auth_method", "auth_key", "duration") then .value = null else . end) |
        .in_bytes = 1000 * (.seq + 1) | .out_bytes = 2000 * (.seq + 1) | .in_packets = 10 * (.seq + 1) |
        .out_packets = 20 * (.seq + 1) | .delta_in_bytes = 1000 | .delta_out_bytes = 2000 |
        '"${3:-.}"
}

cli_raw() {
    # shellcheck disable=SC2016  # it is Perl's
    tap_is "${1##*/}: nothing that a terminal obeys" "$(perl -CI -ne '
        print "line $.: ", join(" ", map { sprintf "U+%04X", ord } /[^\P{C}\n]|\p{Zl}|\p{Zp}/g), "\n"
            if /[^\P{C}\n]|\p{Zl}|\p{Zp}/' "$1")" ''
}

cli_in_one_day() {
    local day='' status

    [ -z "${CLI_DAY:-}" ] || return
    until [ "$day" = "$(date -u +%F)" ]; do
        day=$(date -u +%F)
        CLI_DAY=$day "$0" >"$CLI/said"
        status=$?
    done
    cat "$CLI/said"
    exit "$status"
}

cli_over() {
    rm -rf "$CLI"
    trap - EXIT
    tap_done
}
