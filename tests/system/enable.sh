#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic enable and disable, on the PAM file that this system's sshd came with: a login is recorded
# after the one, and not after the other; then all is as it was. What is not understood is left alone.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

FILE=/etc/pam.d/sshd
ROTATION=/etc/logrotate.d/pam_traffic

# cli ARG...    in the server's namespace; OUT, ERR, STATUS. That the users' ledger is not loaded (ledger-refused.sh) is
# said by each enable, and left out of ERR
cli() {
    world_in server env -i LC_ALL=C "$PAM_TRAFFIC_CLI" "$@" >"$WORLD/out" 2>"$WORLD/err" </dev/null
    STATUS=$?
    OUT=$(cat "$WORLD/out")
    ERR=$(grep -v "^pam_traffic: users' ledger: not loaded, everything else works: there is no " "$WORLD/err")
}

# everything that enable may touch
world_print() {
    find /etc "$RECORDS_STATE" -printf '%p %y %m %U %G %s %l\n' 2>/dev/null | sort
    find /etc -type f -exec sha256sum {} + | sort
    rules_print
}

# refused NAME PATTERN    enable does nothing at all, and says why
refused() {
    world_print >"$WORLD/before"
    cli enable
    tap_is "$1: refused" "$STATUS $(wc -l <"$WORLD/err")" '1 1'
    tap_ok "$1: says why, and what to do" grep -qE "$2" "$WORLD/err"
    tap_is "$1: nothing is changed" "$(world_print | diff "$WORLD/before" -)" ''
}

world_enter "$@"
# Debian's own rules, without what needs a system bus here
[ -e "$FILE" ] || tap_skip_all 'this system has no file of sshd'
traffic_place
traffic_place_module
rm -f "$ROTATION"
chmod 604 "$FILE"
cp -p "$FILE" "$WORLD/original"
rules_print >"$WORLD/rules"
sshd_start

cli enable --dry-run
tap_is 'a dry run: exit status' "$STATUS $ERR" '0 '
tap_ok 'a dry run: the diff' grep -qxF '+session    optional     pam_traffic.so' "$WORLD/out"
tap_ok 'a dry run: would' grep -q '^Would change ' "$WORLD/out"
tap_ok 'a dry run: the file is as it was' cmp "$FILE" "$WORLD/original"
tap_is 'a dry run: no state, no rotation' "$(ls -d "$RECORDS_STATE" "$ROTATION" 2>/dev/null)" ''
tap_ok 'a dry run: no rules' rules_same

cli enable
tap_is 'enable: exit status' "$STATUS $ERR" '0 '
tap_is 'enable: one line more' "$(diff "$WORLD/original" "$FILE" | grep '^[<>]')" '> session    optional     pam_traffic.so'
grep -q '^@include common-session' "$FILE" &&
    tap_is 'enable: where the systemd session is known' \
        "$(grep -A 1 '^@include common-session' "$FILE" | tail -n 1)" 'session    optional     pam_traffic.so'
tap_is 'enable: mode and owner stay' "$(stat -c '%a %U %G' "$FILE")" '604 root root'
tap_is 'enable: nothing else in pam.d' "$(find /etc/pam.d -name '*pam_traffic*')" ''
tap_ok 'enable: a copy of the old file' cmp "$RECORDS_STATE/backup/sshd" "$WORLD/original"
tap_ok 'enable: the log is rotated' grep -q '^/var/log/pam_traffic {' "$ROTATION"
tap_ok 'enable: the base is there' test "$(rules_count 'PAM_TRAFFIC_IN')" -gt 0
[ -z "$(type -P logrotate)" ] ||
    tap_ok 'enable: logrotate takes the file' logrotate --debug --state "$WORLD/rotate.state" "$ROTATION" 2>/dev/null

cp "$FILE" "$WORLD/enabled"
rules_snapshot
yardstick_watch "$WORLD_CLIENT4"
case_begin 'a login'
tap_ok "$CASE_NAME" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice

cli enable
tap_is 'once more: exit status' "$STATUS $ERR" '0 '
tap_ok 'once more: says that it is there' grep -q 'already has the line' "$WORLD/out"
tap_ok 'once more: the file is as it was' cmp "$FILE" "$WORLD/enabled"
tap_ok 'once more: the copy, too' cmp "$RECORDS_STATE/backup/sshd" "$WORLD/original"

# two at once: one line
cp "$WORLD/original" "$FILE"
pids=()
for _ in 1 2 3 4; do
    world_in server env -i "$PAM_TRAFFIC_CLI" enable >>"$WORLD/spawned" 2>&1 &
    pids+=($!)
done
wait "${pids[@]}"
tap_is 'four at once: one line' "$(grep -c pam_traffic.so "$FILE")" 1
chmod 604 "$FILE"

cli alert --any --over 100G --per month --nagios
tap_is 'enabled: alert says OK' "$STATUS $(cut -d ' ' -f 1-2 "$WORLD/out")" '0 PAM_TRAFFIC OK'

# what keeps logins from being recorded though the line is there
unknown() {
    cli alert --any --over 100G --per month --nagios
    tap_is "alert cannot tell: $1" "$STATUS $(grep -c "^PAM_TRAFFIC UNKNOWN - .*$1.*; run pam_traffic doctor$" "$WORLD/out")" '3 1'
}
mv "$PAM_TRAFFIC_WORKER_PATH" "$WORLD/worker"
unknown "$PAM_TRAFFIC_WORKER_PATH: No such file"
mv "$WORLD/worker" "$PAM_TRAFFIC_WORKER_PATH"
sed -i '1i UsePAM no' /etc/ssh/sshd_config
unknown 'sshd has UsePAM no'
sed -i 1d /etc/ssh/sshd_config
sed -i 's/pam_traffic.so$/& conf=\/etc\/elsewhere.conf/' "$FILE"
unknown 'logins are recorded as /etc/elsewhere.conf says'
sed -i 's/ conf=.*//' "$FILE"
cli alert --any --over 100G --per month --nagios
tap_is 'alert says OK again' "$STATUS" 0

cli disable --dry-run
tap_is 'a dry run of disable: exit status' "$STATUS $ERR" '0 '
tap_ok 'a dry run of disable: the diff' grep -qxF -e '-session    optional     pam_traffic.so' "$WORLD/out"
tap_ok 'a dry run of disable: the line is there' cmp "$FILE" "$WORLD/enabled"
tap_ok 'a dry run of disable: the rules, too' rules_same

# one that is open meanwhile
records_mark
client_hold "alice@$WORLD_SERVER4" ''
records_wait start 1
cli disable
tap_is 'disable: exit status' "$STATUS $ERR" '0 '
tap_ok 'disable: every byte is as before' cmp "$FILE" "$WORLD/original"
tap_is 'disable: mode and owner, too' "$(stat -c '%a %U %G' "$FILE")" '604 root root'
tap_is 'disable: no rules' "$(rules_count 'PAM_TRAFFIC[A-Z_]*')" 0
tap_is 'disable: no rotation, no copies' "$(ls -d "$ROTATION" "$RECORDS_STATE/backup" 2>/dev/null)" ''
tap_ok 'disable: the log stays' test -s "$RECORDS_LOG"
client_release
tap_ok 'disable: an open session has its stop record' records_wait stop 1
tap_is 'disable: and leaves no state' "$(await traffic_idle; find "$RECORDS_STATE/sessions" -type f)" ''

rules_snapshot
case_begin 'a login after disable'
tap_ok "$CASE_NAME" client_ssh "alice@$WORLD_SERVER4" true
case_silent
cli disable
tap_is 'disable once more: exit status' "$STATUS $ERR" '0 '
tap_ok 'disable once more: the file is as it was' cmp "$FILE" "$WORLD/original"
cli alert --any --over 100G --per month --nagios
tap_is 'disabled: alert cannot tell, and says why' "$STATUS $(grep -c '^PAM_TRAFFIC UNKNOWN - .*no service of PAM' "$WORLD/out")" '3 1'

# the log has another name than when it was enabled: what enable wrote is not the admin's; the old one may be another
# configuration's, and stays
cli enable
printf 'log_file = /var/log/other\n' >"$TRAFFIC_CONFIG"
cli enable
tap_is 'another log: its rotation, too' "$STATUS $ERR $(grep -c '^/var/log/pam_traffic /var/log/other {$' "$ROTATION")" '0  1'
cli enable
tap_is '... once' "$STATUS $ERR $(grep -c '^/var/log/pam_traffic /var/log/other {$' "$ROTATION")" '0  1'
cli disable
tap_is '... disable takes its own' "$STATUS $ERR $(grep -c '^/var/log/pam_traffic {$' "$ROTATION")" '0  1'
cli enable
printf 'log_file = /var/log/third\n' >"$TRAFFIC_CONFIG"
cli disable
tap_is '... disable removes it' "$STATUS $ERR $(ls -d "$ROTATION" "$RECORDS_STATE/backup" 2>/dev/null)" '0  '
cli enable
sed -i 's/rotate 24/rotate 3/' "$ROTATION"
cp "$ROTATION" "$WORLD/edited"
printf 'log_file = /var/log/fourth\n' >"$TRAFFIC_CONFIG"
cli enable
tap_is 'another log, an edited rotation: enable says what to do' \
    "$STATUS $(grep -c "cannot write $ROTATION: .* edited; add /var/log/fourth " "$WORLD/err")" '1 1'
tap_ok '... and leaves it' cmp "$ROTATION" "$WORLD/edited"
cli disable
tap_is '... disable leaves it, too' "$STATUS $(grep -c "^Left $ROTATION, .*; delete it if" "$WORLD/out")" '0 1'
tap_ok '... as it was' cmp "$ROTATION" "$WORLD/edited"
rm -r "$TRAFFIC_CONFIG" "$ROTATION" "$RECORDS_STATE/backup"
# one that came with a package, which keeps no copy
cli enable
cp "$ROTATION" "$WORLD/package"
rm "$RECORDS_STATE/backup/logrotate"
printf 'log_file = /var/log/other\n' >"$TRAFFIC_CONFIG"
cli enable
tap_is "another log, a package's rotation" "$STATUS $ERR $(grep -c '^/var/log/pam_traffic /var/log/other {$' "$ROTATION")" '0  1'
cli disable
tap_ok '... disable leaves it as it came' cmp "$ROTATION" "$WORLD/package"
rm "$TRAFFIC_CONFIG" "$ROTATION"

# what is left alone
printf '# session optional pam_traffic.so colour=green\n' >>"$FILE"
refused 'a comment with another line of our module' 'line [0-9]+: .*comment.*; delete'
cp "$WORLD/original" "$FILE"
for line in 'session optional pam_traffic.so debug' 'session required pam_traffic.so strict open_timeout=5s'; do
    {
        echo "#$line"
        cat "$WORLD/original"
    } >"$FILE"
    cli enable
    tap_is "$line as a comment: enable takes the comment away" "$STATUS $(diff "$WORLD/original" "$FILE" | grep '^[<>]')" "0 > $line"
    cli disable
    tap_ok '... and disable the line' cmp "$FILE" "$WORLD/original"
done
cli enable
cp "$FILE" "$WORLD/enabled"
sed -i "s/^session.*pam_traffic.so.*/# &/" "$FILE"
cli enable
tap_is 'our line as a comment: enable takes the comment away' "$STATUS $(grep -c '^-# session' "$WORLD/out")" '0 1'
tap_ok '... and the file is as it was' cmp "$FILE" "$WORLD/enabled"
cli disable
{
    cat "$WORLD/original"
    printf 'session required \\\n pam_unix.so\n'
} >"$FILE"
refused 'lines that go on' \
    'line [0-9]+: pam_traffic does not understand this line; put the line of pam_traffic in by hand'
echo 'session optional pam_traffic.so' >>"$FILE"
cli enable
tap_is '... it is there by hand: enable does the rest' "$STATUS $ERR $(grep -c 'already has the line' "$WORLD/out")" '0  1'
{
    cat "$WORLD/original"
    printf 'session optional pam_traffic.so\nsession optional pam_traffic.so debug\n'
} >"$FILE"
refused 'two lines' 'a second line'
cli disable
tap_is 'two lines: disable refuses, too' "$STATUS $(grep -c 'a second line' "$WORLD/err")" '1 1'
cp "$WORLD/original" "$FILE"
chmod 666 "$FILE"
refused 'a file that others may write' 'users other than root can write'
chmod 604 "$FILE"
mv "$FILE" /etc/sshd.pam
ln -s ../sshd.pam "$FILE"
refused 'a link' 'a link to another file'
rm "$FILE"
refused 'no file' 'sshd was not changed|there is no'
mv /etc/sshd.pam "$FILE"
chown alice "$FILE"
refused 'a file of alice' 'does not belong to root'
chown root "$FILE"
rm "$PAM_TRAFFIC_MODULE_PATH"
refused 'no module' "there is no $PAM_TRAFFIC_MODULE_PATH"
traffic_place_module

# where it is included from
cp "$WORLD/original" "$FILE"
printf 'session optional pam_traffic.so\n' >/etc/pam.d/included
printf 'session include included\n' >>"$FILE"
cp "$FILE" "$WORLD/including"
cli enable
tap_is 'the line is included: enable is content' \
    "$STATUS $(grep -c '/etc/pam.d/included already has the line of pam_traffic (line 1)' "$WORLD/out")" '0 1'
tap_ok 'the line is included: the file is as it was' cmp "$FILE" "$WORLD/including"
cli disable
tap_is 'the line is included: disable refuses' "$STATUS $(grep -c 'in /etc/pam.d/included, line 1' "$WORLD/err")" '1 1'

# cron
cp "$WORLD/original" "$FILE"
: >/etc/other.conf
METRICS=/var/lib/prometheus/node-exporter
cli enable --config /etc/other.conf --metrics --usage
tap_is 'cron: each line names the configuration' "$STATUS $(grep -c '^[@*].* --config /etc/other.conf$' "$WORLD/out")" '0 4'
tap_is 'cron: the folder that is missing comes first' "$(grep -nE '^(mkdir|@reboot)' "$WORLD/out" | cut -d: -f2 | head -n 1)" \
    "mkdir -p $METRICS"
mkdir -p $METRICS
cli enable --config /etc/other.conf --metrics
tap_is 'cron: the folder is there' "$STATUS $ERR $(grep -c mkdir "$WORLD/out")" '0  0'
: >$METRICS/pam_traffic.prom
cli disable --config /etc/other.conf --dry-run
tap_ok 'cron: a dry run of disable leaves the metrics' test -e $METRICS/pam_traffic.prom
cli disable --config /etc/other.conf
tap_is 'cron: disable takes the metrics away, and says what is left' \
    "$STATUS $(ls $METRICS) $(grep -c "rm -f /etc/cron.d/pam_traffic $METRICS/pam_traffic.prom" "$WORLD/out")" '0  1'
rmdir $METRICS
rm /etc/other.conf

# the line was put in by hand, and enable never ran: the log says all the same since when it is gone
cp "$WORLD/original" "$FILE"
rm -rf /var/lib/pam_traffic/{enabled,backup,alive,unhooked}
echo 'session optional pam_traffic.so' >>"$FILE"
: >/var/log/pam_traffic
cli disable
tap_is 'by hand, then disable: its mark' "$(jq -c '[.event, .incomplete_cause]' /var/log/pam_traffic)" '["off","off"]'
cli disable
tap_is '... once' "$(wc -l </var/log/pam_traffic)" 1
echo 'session optional pam_traffic.so' >>"$FILE"
traffic_reap
tap_is 'by hand once more: a reap says so' "$(jq -r .event /var/log/pam_traffic | xargs)" 'off on'
traffic_reap
tap_is '... once' "$(jq -r .event /var/log/pam_traffic | xargs)" 'off on'

# systemd, as far as what it is told
cp "$WORLD/original" "$FILE"
mkdir -p /run/systemd/system
printf '#!/bin/sh\necho "$*" >>%s/systemctl\n' "$WORLD" >"$WORLD/fake"
chmod 755 "$WORLD/fake"
mount --bind "$WORLD/fake" "$(readlink -f "$(type -P systemctl)")"
cli enable
cli disable
tap_is 'the units' "$(cat "$WORLD/systemctl")" 'daemon-reload
enable --now pam_traffic-setup.service pam_traffic-reap.timer
daemon-reload
disable --now pam_traffic-setup.service pam_traffic-reap.timer pam_traffic-metrics.timer pam_traffic-usage.timer
stop pam_traffic-reap.service'
: >"$WORLD/systemctl"
mkdir -p /var/lib/prometheus/node-exporter
cli enable --metrics --usage
tap_is '--metrics and --usage: their timers, too' "$STATUS $(tail -n 1 "$WORLD/systemctl")" \
    '0 enable --now pam_traffic-setup.service pam_traffic-reap.timer pam_traffic-metrics.timer pam_traffic-usage.timer'
cli disable
rmdir /var/lib/prometheus/node-exporter
cli enable --metrics
tap_is '--metrics without node_exporter: said' "$STATUS $(grep -c 'no /var/lib/prometheus/node-exporter' "$WORLD/err")" '0 1'
cli disable
printf '#!/bin/sh\necho "it went wrong" >&2\nexit 1\n' >"$WORLD/fake"
cli enable
tap_is 'units that fail: said, the line is there' "$STATUS $(grep -c 'it went wrong' "$WORLD/err") $(grep -c pam_traffic.so "$FILE")" '1 1 1'
cli disable
tap_ok 'and gone again' cmp "$FILE" "$WORLD/original"

cli enable --service sudo --config /etc/other.conf
tap_is 'a configuration that is not there' "$STATUS $(wc -l <"$WORLD/err")" '1 1'
cli enable --service ../x
tap_is 'no name of a service' "$STATUS" 2
cli enable --config 'relative'
tap_is 'a relative path' "$STATUS" 2
tap_is 'as another user' "$(world_in server setpriv --reuid 20001 --clear-groups "$PAM_TRAFFIC_CLI" enable 2>&1; echo $?)" \
    'pam_traffic: enable changes the system; run it as root, or with --dry-run
1'
tap_done
