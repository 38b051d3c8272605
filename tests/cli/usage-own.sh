#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic usage: root writes a file for each user; a user sees his own figures, and by no way another's.
# Two real users, in a mount namespace with a passwd of its own.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/tap.sh
. "$here/../lib/tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all 'only root can be two users'
for program in setpriv unshare; do
    [ -n "$(type -P "$program")" ] || tap_skip_all "$program is missing (packaging/install-packages quickstart)"
done
if [ -z "${USAGE_OWN_WORLD:-}" ]; then
    USAGE_OWN_WORLD=yes exec unshare --mount --propagation private "$here/usage-own.sh"
fi
# shellcheck source=lib/cli.sh
. "$here/lib/cli.sh"
cli_in_one_day

WORLD=$CLI/world
mkdir -p "$WORLD/state" "$WORLD/bin"
chmod 755 "$CLI" "$WORLD" "$WORLD/bin"
chmod 700 "$WORLD/state"
cp "$PAM_TRAFFIC_CLI" "$WORLD/bin/pam_traffic"
{
    cat /etc/passwd
    printf 'own_alice:x:20101:20101::/nonexistent:/bin/sh\nown_bob:x:20102:20102::/nonexistent:/bin/sh\n'
    printf 'own_twin:x:20101:20101::/nonexistent:/bin/sh\n'
} >"$WORLD/passwd"
mount --bind "$WORLD/passwd" /etc/passwd || tap_bail 'no passwd of its own'
cli_leave() {
    umount /etc/passwd
    rm -rf "$CLI"
}
trap cli_leave EXIT

LOG=$WORLD/log
USAGE=$WORLD/usage
printf 'log_file = %s\nstate_dir = %s\nusage_dir = %s\n' "$LOG" "$WORLD/state" "$USAGE" >"$WORLD/conf"
now=$(date -u +%Y-%m-%dT%H:%M:%S.000000Z)
{
    cli_record 6 0 on ".time = \"$(date -u -d '4 months ago' +%Y-%m-%dT%H:%M:%S.000000Z)\""
    cli_record 1 0 stop ".user = \"own_alice\" | .time = \"$now\" | .in_bytes = 1111 | .out_bytes = 2222"
    cli_record 2 0 stop ".user = \"own_bob\" | .time = \"$now\" | .in_bytes = 3333 | .complete = false"
    cli_record 3 0 stop ".user = \"nobody_has_this_name\" | .time = \"$now\""
    cli_record 5 0 stop ".user = \"own_twin\" | .time = \"$now\" | .in_bytes = 10 | .out_bytes = 20"
    cli_record 4 0 stop ".user = \"../../../own_alice\" | .time = \"$now\""
} >"$LOG"
chmod 640 "$LOG"

# as UID ARG...: pam_traffic, run by a user
as() {
    env -i TZ=UTC LC_ALL=C.UTF-8 setpriv --reuid "$1" --regid "$1" --clear-groups "$WORLD/bin/pam_traffic" usage \
        --config "$WORLD/conf" "${@:2}" >"$CLI/out" 2>"$CLI/err" </dev/null
    CLI_STATUS=$?
}

as 20101
tap_is 'before the first export: a failure' "$CLI_STATUS" 1
tap_ok '... that says what to do' grep -q 'root has them written by pam_traffic enable --usage' "$CLI/err"
as 20101 --export
tap_is 'an ordinary user cannot export' "$CLI_STATUS" 1
# as in report and log, what is shown is of the zone whose days they are
tap_is '--utc: days, and the times that are shown' "$(env -i TZ=Asia/Tokyo "$PAM_TRAFFIC_CLI" usage --config "$WORLD/conf" \
    --user own_alice --utc --noheadings | grep -c ' 00:00:00 ')" 4
umask 077
cli_is 'root exports' 0 usage --config "$WORLD/conf" --export
tap_is 'the folder is of root, others may look into it' "$(stat -c '%u %a' "$USAGE")" '0 755'
tap_is 'a file each, his own, which only he may read' "$(stat -c '%n %u %a' "$USAGE"/* | sed 's|.*/||')" \
    $'20101 20101 400\n20102 20102 400'
tap_is 'nothing else is there' "$(find "$USAGE" -mindepth 1 | wc -l)" 2

as 20101 --json
tap_is 'a user sees his own, and of another name of his' "$(jq -r 'select(.period == "today") | [.user, .uid, .in_bytes, .out_bytes, .sessions, .complete] | join(" ")' "$CLI/out")" \
    'own_alice 20101 1121 2242 2 true'
tap_is 'four periods' "$(jq -r .period "$CLI/out")" $'today\nthis month\nlast month\nthe month before'
as 20102
tap_ok 'the other one his' grep -qE '^today .* 3\.3K +10M +10M +1 .* no$' "$CLI/out"
tap_ok '... with the time of the export' grep -q "^own_bob, as of ${now:0:10} " "$CLI/out"
as 20102 --user own_alice
tap_is 'by name he does not see the other' "$CLI_STATUS $(wc -c <"$CLI/out")" '1 0'
tap_is '... nor by the file' "$(setpriv --reuid 20102 --regid 20102 --clear-groups cat "$USAGE/20101" 2>/dev/null)" ''
tap_is '... nor by the log, the state or the index' "$(setpriv --reuid 20102 --regid 20102 --clear-groups cat "$LOG" "$WORLD/state/index.db" 2>/dev/null)" ''
printf 'usage_dir = %s\nlog_file = %s\n' "$CLI/own" "$LOG" >"$WORLD/conf2"
mkdir "$CLI/own"
cp "$USAGE/20101" "$CLI/own/20102"
chmod 755 "$CLI/own"
chmod 644 "$CLI/own/20102" "$WORLD/conf2"
as 20102 --config "$WORLD/conf2"
tap_is 'a file that is not his own is not believed' "$CLI_STATUS $(wc -c <"$CLI/out")" '1 0'

# he may write what he likes into what is his: it harms only what he sees
printf '{"v":1,"time":"%s","period":"\\u001b[31m","since":"%s","until":"%s","in_bytes":1,"out_bytes":9223372036854775807}\n' \
    "$now" "$now" "$now" >"$CLI/forged"
cat "$CLI/forged" "$CLI/forged" "$CLI/forged" "$CLI/forged" >"$USAGE/20102"
chown 20102 "$USAGE/20102"
as 20102
tap_is 'hostile text in it' "$CLI_STATUS" 0
cli_raw "$CLI/out"
head -n 3 "$CLI/forged" >"$USAGE/20102"
as 20102
tap_is 'a torn file is a failure' "$CLI_STATUS" 1
tap_ok '... with one line that says so' grep -q "^pam_traffic: $USAGE/20102:2 is not as usage --export writes it" "$CLI/err"

# root sees all, and by the log
cli_is 'root: another user' 0 usage --config "$WORLD/conf" --user own_alice
tap_ok 'root: his figures' grep -qE '^today .* 1\.1K +2\.2K +3\.3K +1 +0 yes$' "$CLI/out"
cli_is 'root: a user who is neither in the log nor of this host' 1 usage --config "$WORLD/conf" --user nixda
tap_is '... said' "$(cat "$CLI/err")" 'pam_traffic: user nixda is neither in the log nor a user of this host'

# periods COMPLETE...: of his four
periods() {
    cli usage --config "$WORLD/conf" --user own_alice --json
    jq -r '"\(.in_bytes) \(.complete)"' "$CLI/out" | paste -sd ' '
}
cp "$LOG" "$CLI/whole"
tap_is 'a log that was there before: complete' "$(periods)" '1111 true 1111 true 0 true 0 true'
at() {
    date -u -d "$1" +%Y-%m-%dT%H:%M:%S.000000Z
}
cli_record 7 0 off ".time = \"$(at 00:00:01)\" | .incomplete_cause = \"reboot\"" >>"$LOG"
cli_record 8 0 on ".time = \"$(at 00:00:02)\"" >>"$LOG"
tap_is 'the host was down: complete' "$(periods)" '1111 true 1111 true 0 true 0 true'
cli_record 9 0 off ".time = \"$(at 00:00:03)\" | .incomplete_cause = \"off\"" >>"$LOG"
tap_is 'logins are not recorded: not complete' "$(periods)" '1111 false 1111 false 0 true 0 true'
sed 1d "$CLI/whole" >"$LOG"
rm "$WORLD/state/index.db"* # it still knows what was in the log once
tap_is 'what was before the log is not known' "$(periods)" '1111 false 1111 false null false null false'
cp "$CLI/whole" "$LOG"

# the next export: mends, and takes away what is of nobody any more
echo '{}' >"$USAGE/4242"
sed -i '/^own_bob:/d' "$WORLD/passwd"
cat "$WORLD/passwd" >/etc/passwd
cli_is 'the next export' 0 usage --config "$WORLD/conf" --export
tap_is 'files of users who are gone are gone' "$(ls "$USAGE")" 20101
chmod 777 "$USAGE"
cli_is 'a folder to which others may write' 1 usage --config "$WORLD/conf" --export
tap_ok '... is refused, and what to do' grep -q 'run chown root and chmod 755 on it' "$CLI/err"
ln -s "$CLI/own" "$WORLD/link"
sed -i "s|^usage_dir.*|usage_dir = $WORLD/link|" "$WORLD/conf"
cli_is 'a link instead of the folder' 1 usage --config "$WORLD/conf" --export
umount /etc/passwd
trap 'rm -rf "$CLI"' EXIT
cli_over
