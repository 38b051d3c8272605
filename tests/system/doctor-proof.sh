#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic doctor proves that logins are recorded. What sshd itself has told, here to the real journald, of each
# login since the PAM file is as it is must be in the log: one that went by is named. What somebody else wrote counts
# only where it cannot be told, in a file of syslogd, and there it is no failure. What was too much to be looked at is
# said. And a helper, started as for a login
# of the sshd that listens, with its limits, mounts and capabilities, says what it cannot do.
# shellcheck disable=SC2119  # doctor is asked without options here
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/doctor.sh
. "$HARNESS_LIB/doctor.sh"

AUTH_LOG=/var/log/auth.log
JOURNALD=/lib/systemd/systemd-journald
HELPER_FOLDER=${PAM_TRAFFIC_HELPER_PATH%/*}

# says CHECK STATUS FINDING    true if doctor does
says() {
    doctor
    [ "$(get "$1" status)" = "$2" ] && grep -q -E -e "$3" <<<"$(get "$1" finding)"
}

found() {
    tap_diag "$1: $(get "$1" status): $(get "$1" finding)"
}

# proves NAME STATUS FINDING    logins of the last seconds do not count yet
proves() {
    tap_ok "logins: $1: $2" await says logins "$2" "$3"
    found logins
}

# works NAME STATUS FINDING
works() {
    tap_ok "login-helper: $1: $2" says login-helper "$2" "$3" || found login-helper
}

# login USER [OPTION...]    SAID_PORT is the client's port, as sshd says
login() {
    syslog_mark
    client_ssh "${@:2}" "$1@$WORLD_SERVER4" true
    SAID_PORT=$(syslog_accepted port)
}

# missed USER [OPTION...]    a login of which nothing is known: no helper, and nothing is left for a reap
missed() {
    traffic_place_script 'exit 1'
    login "$@"
    await sshd_is_alone
    await traffic_idle # what sshd started when it closed has ended, too
    rm -f /var/lib/pam_traffic/spool/*
    traffic_place
}

# said PROGRAM TEXT    somebody sends a line
said() {
    world_in server "${@:3}" logger -p auth.info -t "$1" --id=4242 -- "$2"
}

# restart [COMMAND...]    sshd, below a command that becomes it
restart() {
    sshd_stop
    printf '%s\n' '#!/bin/sh' "exec ${*@Q} /usr/sbin/sshd \"\$@\"" >"$WORLD/sshd"
    chmod 755 "$WORLD/sshd"
    SSHD_BINARY=$WORLD/sshd
    sshd_start
}

world_enter "$@"
[ -x "$JOURNALD" ] || tap_skip_all 'no journald here'
traffic_place
traffic_place_module
{
    printf 'exclude = 10.77.1.0/24\n'
    [ -z "$PAM_TRAFFIC_BACKEND" ] || printf 'backend = %s\n' "$PAM_TRAFFIC_BACKEND"
} >"$TRAFFIC_CONFIG"
mkdir -p /run/systemd/journal
tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
doctor
tap_is 'logins: before enable' "$(get logins status) $(get logins finding)" \
    'skip logins are not recorded yet: see the row pam-line'
works 'before enable' fail \
    "cannot open the state folder $RECORDS_STATE: No such file or directory; no sshd listens here, so it had"
world_in server env -i "$PAM_TRAFFIC_CLI" enable >"$WORLD/enabled" 2>&1 || tap_diag "$(cat "$WORLD/enabled")"

# journald is who syslog(3) talks to; it hands on to the harness
rm /dev/log
ln -s /run/systemd/journal/dev-log /dev/log
world_spawn perl "$HARNESS_LIB/syslog.pl" /run/systemd/journal/syslog "$WORLD/syslog"
await test -S /run/systemd/journal/syslog
world_spawn "$JOURNALD"
await test -S /run/systemd/journal/dev-log
sshd_start

works 'all is well' pass "a helper that was started as for a login did its work in [0-9]+ ms$"
proves 'nobody has logged in' skip 'cannot tell: the journal has no login'
login alice
proves 'a login' pass 'logins of the journal since .*: 1, all have a record'

missed alice -b "$(client_address 7)"
said sshd "Accepted publickey for bob from $WORLD_CLIENT4 port 999 ssh2" \
    setpriv --reuid 20001 --regid 20001 --clear-groups
said sshd "pam_unix(sshd:session): session opened for user bob(uid=20002) by (uid=0)" \
    setpriv --reuid 20001 --regid 20001 --clear-groups
records_mark
client_hold "alice@$WORLD_SERVER4" ''
records_wait start 1
# what is older was rotated; the start record of what is open may have to wait for the log
grep -v -F "$(records_get start session)" "$RECORDS_LOG" | gzip >"$RECORDS_LOG.1.gz"
rm "$RECORDS_LOG"
proves 'an open session; an excluded network and what others wrote do not count' pass ': 2, all have a record'
client_release
await traffic_idle

missed bob
proves 'no helper' fail \
    "^1 of 3 logins of the journal since .* have no record: bob from $WORLD_CLIENT4 port $SAID_PORT at "
world_in server bash -c "$(get logins mend)" >"$WORLD/mend"
tap_ok 'logins: no helper: what it names shows why' \
    grep -q "pam_traffic(sshd:session): .*$PAM_TRAFFIC_HELPER_PATH" "$WORLD/mend"
proves 'no helper, and its command was run: the check begins anew' skip 'has no login'

cp /etc/pam.d/sshd "$WORLD/pam"
sed -i 's/.*pam_traffic/#&/' /etc/pam.d/sshd
login alice
proves 'the line is commented out' fail "^1 of 1 logins .*: alice from $WORLD_CLIENT4 port $SAID_PORT at "
cp "$WORLD/pam" /etc/pam.d/sshd
login bob
proves 'the line is back' pass ': 1, all have a record'

# a login that is refused is none
sed -i '/pam_traffic/{s/optional/required/; s/$/ strict/}' /etc/pam.d/sshd
traffic_place_script 'exit 1'
syslog_mark
tap_not 'strict refuses bob' eval "client_ssh bob@$WORLD_SERVER4 true >$WORLD/refused"
tap_is 'it is sshd who says so' "$(syslog_since | grep -c 'error: PAM: pam_open_session(): ')" 1
await sshd_is_alone
traffic_place
login alice
proves 'strict has refused a login' pass ': 1, all have a record'
cp "$WORLD/pam" /etc/pam.d/sshd
login bob
proves 'without strict' pass ': 1, all have a record'

# more than is looked at: the newest line, and as many as are kept
login=$(journalctl -q --no-pager -o short-unix -r -n 1 -g '^Accepted')
printf '%s\n' '#!/usr/bin/perl' "print '$login', \"\\n\";" "my \$line = '${login/ from * port/ from 10.77.1.8 port}' . \"\\n\";" \
    "print \$line for 1 .. 1 << 20;" >"$WORLD/many"
chmod 755 "$WORLD/many"
mount --bind "$WORLD/many" "$(readlink -f "$(type -P journalctl)")"
proves 'too many' warn ': 1, all have a record; older logins were not checked, because there are too many$'
umount "$(readlink -f "$(type -P journalctl)")"

# a file of syslogd in its place
journalctl -q --no-pager -o short-iso-precise | sed 's/ \(\S* sshd\)/\n\1/; s/\(..\)\n/:\1 /' >"$AUTH_LOG"
mount -t tmpfs tmpfs /run/log/journal
proves 'a file' pass "logins of $AUTH_LOG since .*: 1, all have a record"
now=$(date +%FT%T%:z)
printf "$now host %s\n" "mysshd[4242]: Accepted publickey for bob from $WORLD_CLIENT4 port 999 ssh2" \
    "sshd[4242]: Accepted publickey for bob from $WORLD_CLIENT4 port 998 ssh2" \
    'sshd[4242]: pam_unix(sshd:session): session opened for user bob(uid=20002) by (uid=0)' >>"$AUTH_LOG"
proves 'a file with forged lines' warn \
    '^1 of 2 .* have no record .a local user may have forged such lines.: bob from .* port 998 at '
# a thousand logins behind it do not hide it, nor is it gone with the file
records_all | jq -c 'select(.event == "start")' | tail -n 1 | jq -c '. as $record | range(1500) |
    $record + { pid: (5000 + .), remote_port: (2000 + .) }' >>"$RECORDS_LOG"
for ((i = 0; i < 1500; i++)); do
    printf "$now host sshd[$((5000 + i))]: %s\n" "Accepted publickey for bob from $WORLD_CLIENT4 port $((2000 + i)) ssh2" \
        'pam_unix(sshd:session): session opened for user bob(uid=20002) by (uid=0)'
done >>"$AUTH_LOG"
proves 'many behind it' warn '^1 of 1502 .* bob from .* port 998 at '
printf "$now host %s\n" 'sshd[4242]: error: PAM: pam_open_session(): Permission denied' >>"$AUTH_LOG"
proves 'a forged refusal' warn '^1 of 1502 .* bob from .* port 998 at '
mv "$AUTH_LOG" "$AUTH_LOG.1"
proves 'rotated' warn '^1 of 1502 .* bob from .* port 998 at '
gzip "$AUTH_LOG.1"
tail -n +5001 "$RECORDS_LOG" >"$AUTH_LOG"
proves 'rotated and compressed' warn '^1 of 1502 .* bob from .* port 998 at '
rm "$AUTH_LOG.1.gz"
truncate -s 260M "$AUTH_LOG"
printf "\n$now host %s\n" "sshd[5000]: Accepted publickey for bob from $WORLD_CLIENT4 port 2000 ssh2" >>"$AUTH_LOG"
proves 'a large file' warn ': 1, all have a record; older logins were not checked, because there are too many$'

await traffic_idle
recorded=$(records_all | wc -l)
mount --bind "$HELPER_FOLDER" "$HELPER_FOLDER"
mount -o remount,bind,noexec "$HELPER_FOLDER"
works 'noexec' fail "sshd cannot run $PAM_TRAFFIC_HELPER_PATH: Permission denied"
# in the namespace of the mounts
env -i PATH="$DOCTOR_PATH" bash -c "$(get login-helper mend)"
works 'noexec, mended' pass ' ms$'
umount "$HELPER_FOLDER"
mv "$PAM_TRAFFIC_WORKER_PATH" "$WORLD/worker"
works 'no worker' fail "check: cannot run $PAM_TRAFFIC_WORKER_PATH: No such file or directory.*install the package again"
mv "$WORLD/worker" "$PAM_TRAFFIC_WORKER_PATH"
traffic_place_script "kill -KILL \$\$"
works 'killed' fail 'it ended without a message.*install the package again'
traffic_place
mount --bind "$RECORDS_LOG" "$RECORDS_LOG"
mount -o remount,bind,ro "$RECORDS_LOG"
works 'the log is read-only' fail "cannot write to the log $RECORDS_LOG: Read-only file system"
umount "$RECORDS_LOG"

restart setpriv --bounding-set -net_admin
works 'sshd has a capability less' fail "Operation not permitted.*without sshd's .*capabilities it works: change the unit"
restart setpriv --bounding-set -sys_resource
prlimit --pid "$SSHD_LISTENER" --fsize=0
works "sshd's limit" fail "cannot write a session's state in $RECORDS_STATE: File too large"
# shellcheck disable=SC2016  # for the inner shell
restart unshare --mount --propagation private \
    sh -c 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"' "$RECORDS_STATE"
works "sshd's mounts" fail "$RECORDS_STATE: Read-only file system"
restart
# of an older sshd a session is left: of root, who has a port forwarded, so that its process listens, too (without the
# line, as with these limits it could not have its records)
sed -i '/pam_traffic/d' /etc/pam.d/sshd
syslog_mark
client_hold -R 127.0.0.1:2222:127.0.0.1:9 "root@$WORLD_SERVER4" true
cp "$WORLD/pam" /etc/pam.d/sshd
old=$(syslog_accepted pid)
kill "$SSHD_LISTENER"
wait "$SSHD_LISTENER" 2>/dev/null
sshd_start
prlimit --pid "$old" --fsize=0
tap_is 'the session of before is there' "$(ps -o ppid= -p "$old" | xargs) $(world_in server ss -Hltnp 'sport = :2222' |
    grep -c "pid=$old,")" '1 1'
works 'what an old session may not do' pass "in [0-9]+ ms$"
client_release
restart
works 'all is well again' pass "a helper that was started as for a login did its work in [0-9]+ ms$"
tap_is 'nothing is left of it' "$(find "$RECORDS_STATE/sessions" "$RECORDS_STATE/spool" -mindepth 1)" ''
tap_is 'no record comes of it' "$(records_all | wc -l)" "$recorded"
tap_done
