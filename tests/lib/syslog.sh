# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The system log of the world: a private /dev/log, each message a line in WORLD/syslog.
# sshd logs there too, so its lines carry the pid: the witness for port and pid of a session.
#
#   syslog_start               (world_enter calls it)
#   syslog_mark                from here on ...
#   syslog_since               ... the messages since the mark
#   syslog_count ERE           number of messages since the mark that match
#   syslog_wait ERE            waits until one is there
#   syslog_accepted FIELD      of sshd's "Accepted" line since the mark: pid, method, user, addr, port

SYSLOG_FROM=1

syslog_start() {
    : >"$WORLD/syslog"
    world_spawn perl "$HARNESS_LIB/syslog.pl" /dev/log "$WORLD/syslog"
    await test -S /dev/log
}

syslog_mark() {
    SYSLOG_FROM=$(($(wc -l <"$WORLD/syslog") + 1))
}

syslog_since() {
    tail -n "+$SYSLOG_FROM" "$WORLD/syslog"
}

syslog_count() {
    syslog_since | grep -c -E -e "$1"
}

syslog_has() {
    syslog_since | grep -q -E -e "$1"
}

syslog_wait() {
    await syslog_has "$1"
}

syslog_accepted() {
    syslog_since | perl -ne '
        BEGIN { $field = shift @ARGV }
        next unless /sshd[^\[]*\[(?<pid>\d+)\]: Accepted (?<method>\S+) for (?<user>\S+) from (?<addr>\S+) port (?<port>\d+)/;
        print "$+{$field}\n";' "$1"
}
