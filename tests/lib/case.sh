# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# An exact case: one SSH connection, from its first packet to its last, against the yardstick.
#
#   case_begin NAME [ADDR]      ADDR: the client's address (WORLD_CLIENT4); its yardstick must be watched
#   ... one connection ...
#   case_end [KEY=VALUE...]     waits until it is over, then reports as cases of the test:
#                               one start, one stop, and KEYs with VALUEs in both (stop.KEY=VALUE: in the
#                               stop alone); the counters equal the yardstick, difference 0; pid and
#                               remote port as sshd logged them; no rule, no state, no helper, no
#                               sanitizer report left
#   case_silent                 instead: the connection made no record at all
#   case_settle                 the waiting part alone
#
#   CASE_NAME, CASE_ADDR        of the current case

CASE_NAME=
CASE_ADDR=

case_begin() {
    CASE_NAME=$1
    CASE_ADDR=${2:-$WORLD_CLIENT4}
    # the last packets of an earlier connection are not this one's
    case_settle
    records_mark
    syslog_mark
    yardstick_zero
}

case_settle() {
    await client_over "$CASE_ADDR" || tap_diag "$CASE_NAME: the connection does not end"
}

case_end() {
    local wrong

    case_settle
    records_wait stop 1 || tap_diag "$CASE_NAME: no stop record"
    await traffic_idle

    wrong=$(records_complaints true "$@" "remote_addr=$CASE_ADDR" "remote_port=$(syslog_accepted port)" \
        "pid=$(syslog_accepted pid)")
    if [ -z "$wrong" ]; then
        tap_pass "$CASE_NAME: one start, one stop, as the contract says"
    else
        tap_fail "$CASE_NAME: one start, one stop, as the contract says" "$wrong" "$(records_since)"
    fi
    case_exact
    case_clean
}

case_exact() {
    local got wanted

    got=$(records_moved)
    wanted=$(yardstick_read "$CASE_ADDR")
    printf '%s | %s | %s\n' "$CASE_NAME" "$got" "$wanted" >>"$WORLD/yardstick"
    tap_is "$CASE_NAME: bytes and packets are the client's" "$got" "$wanted"
}

case_clean() {
    local left=''

    traffic_idle || left="helpers: $(traffic_helpers)
state: $(find "$RECORDS_STATE/sessions" -type f)"
    rules_same || left+="rules: $(rules_difference)"
    left+=$(traffic_faults)
    if [ -z "$left" ]; then
        tap_pass "$CASE_NAME: nothing is left behind"
    else
        tap_fail "$CASE_NAME: nothing is left behind" "$left"
    fi
}

# who would start the helper of close is a process of sshd
case_silent() {
    case_settle
    await sshd_is_alone
    await traffic_idle
    tap_is "$CASE_NAME: no record" "$(records_since)" ''
    case_clean
}
