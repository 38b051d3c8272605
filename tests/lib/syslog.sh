# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The system log of the world: a private /dev/log, each message a line in WORLD/syslog.
# sshd logs there too, so its lines carry the pid: the witness for port and pid of a session.
#
#   syslog_start               (world_enter calls it)
#   syslog_settle              waits until everything that was sent before is in WORLD/syslog
#   syslog_mark                from here on ...
#   syslog_since               ... the messages since the mark
#   syslog_count ERE           number of messages since the mark that match
#   syslog_has ERE             true if one is there already, which it may not yet be
#   syslog_wait ERE            waits until one is there
#   syslog_accepted FIELD      of sshd's "Accepted" line since the mark: pid, method, user, addr, port

SYSLOG_FROM=1
SYSLOG_SETTLED=0

syslog_start() {
    : >"$WORLD/syslog"
    world_spawn perl "$HARNESS_LIB/syslog.pl" /dev/log "$WORLD/syslog"
    await test -S /dev/log
}

# a socket gives the messages of all senders in the order in which they came
syslog_settle() {
    SYSLOG_SETTLED=$((SYSLOG_SETTLED + 1))
    logger "settled $BASHPID $SYSLOG_SETTLED." && await grep -q -F "settled $BASHPID $SYSLOG_SETTLED." "$WORLD/syslog"
}

syslog_mark() {
    syslog_settle
    SYSLOG_FROM=$(($(wc -l <"$WORLD/syslog") + 1))
}

syslog_since() {
    syslog_settle
    tail -n "+$SYSLOG_FROM" "$WORLD/syslog"
}

syslog_count() {
    syslog_since | grep -c -E -e "$1"
}

syslog_has() {
    tail -n "+$SYSLOG_FROM" "$WORLD/syslog" | grep -q -E -e "$1"
}

syslog_wait() {
    await syslog_has "$1"
}

syslog_accepted() {
    local -A fields=([pid]=1 [method]=2 [user]=3 [addr]=4 [port]=5)

    syslog_settle
    sed -n -E "$SYSLOG_FROM,\$s/.*sshd[^[]*\[([0-9]+)\]: Accepted (\S+) for (\S+) from (\S+) port ([0-9]+).*/\\${fields[$1]}/p" \
        "$WORLD/syslog"
}
