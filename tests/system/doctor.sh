#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic doctor: all is well after `enable` and a login; then each check is made to fail, once at
# least, and the command that it names is run: then it passes again. Nothing is changed by looking.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/doctor.sh
. "$HARNESS_LIB/doctor.sh"

CRON=/etc/cron.d/pam_traffic

everything() {
    find /etc "$RECORDS_STATE" /var/log /run/xtables.lock -printf '%p %y %m %U %G %s %T@ %l\n' | sort
    rules_print
}

world_enter "$@"
[ -e /etc/pam.d/sshd ] || tap_skip_all 'this system has no file of sshd'
traffic_place
traffic_place_module
if [ -n "$PAM_TRAFFIC_BACKEND" ]; then
    printf 'backend = %s\n' "$PAM_TRAFFIC_BACKEND" >"$TRAFFIC_CONFIG"
fi
mkdir "$WORLD/bin"
ln -s "$PAM_TRAFFIC_CLI" "$WORLD/bin/pam_traffic"
rm -f /etc/ssh/ssh_host_*
cp "$WORLD"/keys/host /etc/ssh/ssh_host_ed25519_key
chmod 600 /etc/ssh/ssh_host_ed25519_key
sed -i '1i UsePAM yes' /etc/ssh/sshd_config
rm -f "$CRON" /etc/logrotate.d/pam_traffic

doctor
tap_is 'before enable: exit status' "$STATUS $(cat "$WORLD/err")" '1 '
tap_is 'before enable: no line' "$(get pam-line status) $(get pam-line mend)" 'fail pam_traffic enable'
tap_is 'before enable: the state folder is not made by looking' "$(ls -d "$RECORDS_STATE" 2>/dev/null)" ''
if [ -e /proc/net/ip_tables_names ]; then
    # shellcheck disable=SC2016  # for the inner shell
    tap_is 'a look does not make a legacy table' "$(unshare --net -- sh -c '"$0" doctor >/dev/null; cat /proc/self/net/ip*_tables_names' \
        "$PAM_TRAFFIC_CLI")" ''
fi

world_in server env -i "$PAM_TRAFFIC_CLI" enable >"$WORLD/enabled" 2>&1 || tap_diag "$(cat "$WORLD/enabled")"
sed -n 's/^This machine has no systemd: .*//; /_helper \(setup\|reap\)$/p' "$WORLD/enabled" >"$CRON"
tap_is 'enable has named the lines of cron' "$(wc -l <"$CRON")" 2
sshd_start
yardstick_watch "$WORLD_CLIENT4"
rules_snapshot
case_begin 'a login'
tap_ok "$CASE_NAME" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice

everything >"$WORLD/before"
doctor
tap_is 'all is well: exit status' "$STATUS $(cat "$WORLD/err")" '0 '
tap_is 'all is well: nothing but pass' "$(jq -r 'select(.status != "pass") | .check' "$WORLD/out" | grep -vxF "$(
    # doctor-proof.sh has a log of sshd's, ledger-doctor.sh the users' ledger
    printf '%s\n' logins users-ledger users-rows
    # elements of sets are counted each for itself
    [ "$PAM_TRAFFIC_BACKEND" != nftables ] || echo packets
)")" ''
tap_is 'all is well: nothing to mend' "$(jq -r 'select(.status == "pass").mend' "$WORLD/out" | sort -u)" null
tap_is 'nothing is changed by looking' "$(everything | diff "$WORLD/before" -)" ''
world_in server env -i "$PAM_TRAFFIC_CLI" doctor >"$WORLD/table"
tap_is 'the table: a row for each check' "$(tail -n +2 "$WORLD/table" | awk '$2 != "" && /^[a-z]/ { print $2 }' | sort)" \
    "$(jq -r .check "$WORLD/out" | sort)"
tap_is 'the table: at most 80 columns' "$(awk 'length > 80' "$WORLD/table")" ''
tap_is 'the table: no headings' "$(world_in server env -i "$PAM_TRAFFIC_CLI" doctor --noheadings | head -n 1)" \
    "$(sed -n 2p "$WORLD/table")"

printf 'backend = nonsense\n' >"$TRAFFIC_CONFIG.broken"
doctor --config "$TRAFFIC_CONFIG.broken"
tap_is 'configuration: warn' "$(get configuration status) $(get configuration finding | grep -c backend)" 'warn 1'
tap_is 'configuration: the file to edit' "$(get configuration mend)" "editor $TRAFFIC_CONFIG.broken"
mkdir "$TRAFFIC_CONFIG.broken.d"
printf 'linger = 3s\n' >"$TRAFFIC_CONFIG.broken"
printf 'exclude = 192.0.2.0/24\nlinger = soon\n' >"$TRAFFIC_CONFIG.broken.d/drop-in.conf"
doctor --config "$TRAFFIC_CONFIG.broken"
tap_is 'configuration: a drop-in is the file to edit' "$(get configuration mend)" "editor $TRAFFIC_CONFIG.broken.d/drop-in.conf"
printf 'exclude = 192.0.2.0/24\n' >"$TRAFFIC_CONFIG.broken.d/drop-in.conf"
rm "$TRAFFIC_CONFIG.broken"
doctor --config "$TRAFFIC_CONFIG.broken"
tap_is 'configuration: what a drop-in has is no default' "$(get configuration status) $(get configuration finding | cut -c 1-28)" \
    'pass 1 of 11 settings come from '"${TRAFFIC_CONFIG:0:1}"
rm -r "$TRAFFIC_CONFIG.broken.d"

chmod o+w "$PAM_TRAFFIC_MODULE_PATH"
sick module fail 'users other than root can change'
mend module
mv "$PAM_TRAFFIC_MODULE_PATH" "$WORLD/module"
sick module fail 'No such file'
mv "$WORLD/module" "$PAM_TRAFFIC_MODULE_PATH"
chmod a-x "$PAM_TRAFFIC_HELPER_PATH"
sick helper fail 'is not executable'
mend helper
chmod o+w "${PAM_TRAFFIC_HELPER_PATH%/*}"
sick helper fail 'users other than root can replace'
mend helper
chown alice "$PAM_TRAFFIC_WORKER_PATH"
sick worker fail 'users other than root can change'
mend worker

cp /etc/pam.d/sshd "$WORLD/pam"
sed -i '/pam_traffic/d' /etc/pam.d/sshd
sick pam-line fail 'no line with pam_traffic.so'
mend pam-line
tap_ok 'pam-line: mended where it was' cmp /etc/pam.d/sshd "$WORLD/pam"
echo 'session optional pam_traffic.so' >>/etc/pam.d/sshd
sick pam-line fail '2 lines'
mend=$(get pam-line mend)
mend pam-line
bash -c "$mend"
tap_ok 'pam-line: the second one is gone, and nothing else, also where that is done twice' cmp /etc/pam.d/sshd "$WORLD/pam"
printf 'session optional pam_traffic.so\n' >/etc/pam.d/more
printf '@include more\n' | tee /etc/pam.d/some >/etc/pam.d/other
{
    grep -v pam_traffic "$WORLD/pam"
    printf '@include %s\n' some other
} >/etc/pam.d/sshd
sick pam-line fail '2 lines'
tap_is 'pam-line: one line that is taken in twice is not deleted' "$(get pam-line mend)" null
rm /etc/pam.d/more /etc/pam.d/some /etc/pam.d/other
cp "$WORLD/pam" /etc/pam.d/sshd
sed -i '1i session sufficient pam_permit.so' /etc/pam.d/sshd
sick pam-line fail 'may end the list'
{
    echo 'session optional pam_traffic.so'
    sed 's/.*pam_traffic.so$/session optional pam_systemd.so/' "$WORLD/pam"
} >/etc/pam.d/sshd
sick pam-line warn 'login_session is not known'
mend pam-line
{
    grep -v pam_traffic "$WORLD/pam"
    printf '%s\n' 'session optional pam_env.so user_readenv=1' 'session optional pam_traffic.so'
} >/etc/pam.d/sshd
sick pam-line warn 'SSH_CONNECTION is then believed only'
cp "$WORLD/pam" /etc/pam.d/sshd
well pam-line
sed -i 's/^UsePAM yes/UsePAM no/' /etc/ssh/sshd_config
sick use-pam fail 'UsePAM no'
cp /etc/ssh/sshd_config "$WORLD/no-pam"
# one who lets nobody in by a password, and does not know of the other method that asks for one
sed -i -E '/^#?(KbdInteractive|ChallengeResponse|PasswordAuthentication)/d; 1i PasswordAuthentication no' /etc/ssh/sshd_config
mend use-pam
tap_is 'use-pam: no password lets in whom it did not before' \
    "$(world_in server "$SSHD_BINARY" -T 2>&1 | grep -E '^(kbdinteractive|password)authentication' | sort | xargs)" \
    'kbdinteractiveauthentication no passwordauthentication no'
cp "$WORLD/no-pam" /etc/ssh/sshd_config
mv /etc/ssh/ssh_host_ed25519_key "$WORLD/key"
sick use-pam fail 'according to its files'
mkdir -p /etc/ssh/more
printf 'Match User nobody\nUsePAM no\n' >/etc/ssh/more/1.conf
printf 'usepam = "yes"\n' >/etc/ssh/more/2.conf
sed -i '1i include more/*.conf' /etc/ssh/sshd_config
well use-pam
sed -i -e 1d -e 's/^UsePAM no/UsePAM yes/' /etc/ssh/sshd_config
mv "$WORLD/key" /etc/ssh/ssh_host_ed25519_key
well use-pam

if [ "$(world_in server sysctl -n net.mptcp.enabled 2>/dev/null)" = 1 ]; then
    world_spawn world_in server env "LD_PRELOAD=$PAM_TRAFFIC_MPTCP_LIBRARY" socat TCP4-LISTEN:2222,reuseaddr,fork PIPE
    await sshd_listens 2222
    well mptcp
    printf 'ports = 2222\n' >"$WORLD/ports.conf"
    doctor --config "$WORLD/ports.conf"
    tap_is 'mptcp: warn' "$(get mptcp status) $(get mptcp finding | grep -c '^port 2222 .* the first subflow')" 'warn 1'
    cp /etc/ssh/sshd_config "$WORLD/sshd_config.before"
    for address in "$WORLD_SERVER4:2222" '[::]:2222'; do
        sed "1i ListenAddress $address" "$WORLD/sshd_config.before" >/etc/ssh/sshd_config
        sick mptcp warn '^port 2222 '
    done
    mv /etc/ssh/ssh_host_ed25519_key "$WORLD/key"
    sick mptcp warn '^port 2222 '
    mv "$WORLD/key" /etc/ssh/ssh_host_ed25519_key
    sed '1i ListenAddress ::1' "$WORLD/sshd_config.before" >/etc/ssh/sshd_config
    well mptcp
    cp "$WORLD/sshd_config.before" /etc/ssh/sshd_config
    kill "$WORLD_PID"
fi

if [ "$PAM_TRAFFIC_BACKEND" = nftables ]; then
    world_in server nft flush chain inet pam_traffic input
else
    world_in server iptables-legacy -t mangle -D OUTPUT -j PAM_TRAFFIC_OUT
fi
sick base-chains fail damaged
mend base-chains
traffic_teardown
sick base-chains fail 'are missing'
mend base-chains
if [ "$PAM_TRAFFIC_BACKEND" != nftables ]; then
    # the base is new
    sick packets warn 'no packet has come'
    client_ssh "alice@$WORLD_SERVER4" true
    well packets
fi
await traffic_idle
traffic_teardown
world_in server conntrack -F 2>/dev/null
sick conntrack warn 'no connections' 1
mend conntrack
world_in server sysctl -qw net.netfilter.nf_conntrack_acct=0
sick accounting fail 'nf_conntrack_acct is 0'
mend accounting

cp "$CRON" "$WORLD/cron"
sed -i 's/^/# /' "$CRON"
doctor
tap_is 'cron: comments do not run' "$(get setup-unit status) $(get reap-timer status)" 'warn fail'
rm "$CRON"
sick setup-unit warn 'cron does not run pam_traffic_helper setup' 1
mend setup-unit
sick reap-timer fail 'cron does not run pam_traffic_helper reap'
mend reap-timer
tap_is 'cron: as enable has it, but for the blanks' "$(tr -s ' ' <"$CRON")" "$(tr -s ' ' <"$WORLD/cron")"

chmod 755 "$RECORDS_STATE"
sick state-folder fail 'users other than root can use'
mend state-folder
for kind in sessions ports; do
    mkdir -p "$RECORDS_STATE/$kind"
    : >"$RECORDS_STATE/$kind/x.json.damaged"
    sick state-folder warn "set aside in .*/$kind: 1"
    mend state-folder
done
mv "$RECORDS_STATE" "$WORLD/aside"
sick state-folder fail 'No such file'
mend state-folder
rm -r "$RECORDS_STATE"
mv "$WORLD/aside" "$RECORDS_STATE"

for spool in /var/lib/pam_traffic/spool /run/pam_traffic/spool; do
    well spool
    mkdir -p "$spool"
    ln -s nothing "$spool/01a20482-0001-7afe-a8dd-4132d9940ff2.open"
    well spool
    touch -h -d '10 minutes ago' "$spool/01a20482-0001-7afe-a8dd-4132d9940ff2.open"
    sick spool fail "wait in $spool to be recorded by pam_traffic_helper reap: 1, one of them for 10"
    # it is no request: the reap says so, and puts it out of the way
    world_in server env -i "$PAM_TRAFFIC_HELPER_PATH" reap 2>/dev/null
    well spool
done

# session KEY VALUE    the state of a session that is over, with another value
session() {
    jq -c --argjson value "$2" ".$1 = \$value" "$WORLD/session.json" >"$RECORDS_STATE/sessions/$ID.json"
}

records_mark
client_hold "alice@$WORLD_SERVER4" ''
records_wait start 1
ID=$(records_get start session)
cp "$RECORDS_STATE/sessions/$ID.json" "$WORLD/session.json"
well sessions
tap_is 'sessions: one is open' "$(get sessions finding)" '1 open'
client_release
records_wait stop 1
await traffic_idle
session boot_id '"00000000-f73e-4fb4-969f-1bee522f7d42"'
sick sessions fail 'before the last boot'
mend sessions
session gone_boottime "$(($(cut -d. -f1 /proc/uptime) * 1000000 - 600000000))"
sick sessions fail 'without a stop record'
mend sessions
echo damaged >"$RECORDS_STATE/sessions/$ID.json"
sick sessions fail 'damaged state files: 1'
world_in server env -i "$PAM_TRAFFIC_HELPER_PATH" reap 2>/dev/null
well sessions
rm -f "$RECORDS_STATE"/sessions/*.damaged

chmod 666 "$RECORDS_LOG"
sick log fail 'users other than root can write'
mend log
chmod 644 "$RECORDS_LOG"
sick log warn 'all users can read'
mend log
cp -p "$RECORDS_LOG" "$WORLD/log"
echo 'no record' >>"$RECORDS_LOG"
sick records warn 'lines that are not records: 1, the first is line '
cp "$WORLD/log" "$RECORDS_LOG"
well records
tail -n 1 "$WORLD/log" | jq -c '.time = "2099-01-01T00:00:00.000000Z"' >>"$RECORDS_LOG"
sick clock warn 'is in the future'
cp "$WORLD/log" "$RECORDS_LOG"
well clock
mv "$RECORDS_LOG" "$WORLD/log"
mkdir "$RECORDS_LOG"
sick log fail 'is not a regular file'
mend log
rmdir "$RECORDS_LOG.aside"
mv "$WORLD/log" "$RECORDS_LOG"
# a part of a large log
yes "$(head -n 1 "$RECORDS_LOG")" | head -c 9000000 >"$WORLD/large"
printf '\nnot one\n' >>"$WORLD/large"
printf 'log_file = %s\n' "$WORLD/large" >"$WORLD/large.conf"
doctor --config "$WORLD/large.conf"
# the line that was cut short, and the one behind it
tap_is 'records: the last part of a large log' "$(get records status) $(get records finding)" \
    'warn lines that are not records: 2, the first begins at byte 8999'"$(get records finding | sed 's/.* 8999//')"

rm /etc/logrotate.d/pam_traffic
sick rotation warn 'grows without limit'
mend rotation
mkdir "$WORLD/small"
mount -t tmpfs -o size=4M tmpfs "$WORLD/small"
printf 'log_file = %s\n' "$WORLD/small/log" >"$WORLD/small.conf"
doctor --config "$WORLD/small.conf"
tap_is 'disk-space: little' "$(get disk-space status) $(get disk-space finding | cut -d';' -f1)" 'warn 4.0M left for the log'
head -c 3500000 /dev/zero >"$WORLD/small/others"
doctor --config "$WORLD/small.conf"
tap_is 'disk-space: full' "$(get disk-space status) $STATUS $(get disk-space finding | cut -d';' -f1)" \
    "fail 1 the file system of $WORLD/small is full: records wait, and the next logins may have none"
tap_is '... and nothing of the attempt is left' "$(find "$WORLD/small" -type f | wc -l)" 1
umount "$WORLD/small"

# systemd, as far as what it says: SETUP, TIMER, SERVICE are their states
mkdir -p /run/systemd/system
cat >"$WORLD/fake" <<END
#!/bin/sh
. $WORLD/units
case \$* in
*ReadWritePaths*) echo "\$PATHS" ;;
*pam_traffic-setup.service) echo "\$SETUP" ;;
*pam_traffic-reap.timer) echo "\$TIMER" ;;
*pam_traffic-reap.service) echo "\$SERVICE" ;;
*NTPSynchronized*) echo "\$NTP" ;;
esac | tr ' ' '\n'
END
chmod 755 "$WORLD/fake"
mount --bind "$WORLD/fake" "$(readlink -f "$(type -P systemctl)")"
mount --bind "$WORLD/fake" "$(readlink -f "$(type -P timedatectl)")"
units() {
    printf '%s="%s"\n' SETUP "$1" TIMER "$2" SERVICE "$3" NTP "$4" PATHS '-/var/log /proc/sys/net' >"$WORLD/units"
}
good='LoadState=loaded UnitFileState=enabled ActiveState=active Result=success'
idle='LoadState=loaded UnitFileState=static ActiveState=inactive Result=success'
units "$good" "$good" "$idle" yes
doctor
tap_is 'units: all is well' "$(get setup-unit status) $(get reap-timer status) $(get clock status)" 'pass pass pass'
units "${good/=enabled/=disabled}" "${good/=active/=inactive}" "$idle" no
doctor
tap_is 'units: disabled, stopped, no NTP' "$(get setup-unit status) $(get reap-timer status) $(get clock status) $STATUS" \
    'fail fail warn 1'
tap_is 'units: what mends them' "$(get setup-unit mend), $(get reap-timer mend)" \
    'systemctl enable --now pam_traffic-setup.service, systemctl enable --now pam_traffic-reap.timer'
units "${good/=active/=failed}" "$good" "${idle/=inactive/=failed}" yes
doctor
tap_is 'units: failed' "$(get setup-unit status) $(get reap-timer status)" 'fail fail'
units 'LoadState=not-found' "$good" "$idle" yes
sick setup-unit fail 'not-found'
units "$good" "$good" "$idle" yes
well unit-paths
printf 'log_file = /var/logs/x\n' >"$TRAFFIC_CONFIG"
doctor
tap_is 'unit-paths: a log where no unit may write' "$(get unit-paths status) $(get unit-paths finding)" \
    'fail the systemd units may not write to /var/logs, which the configuration names'
mkdir -p /etc/systemd/system
world_in server env -i PATH="$WORLD/bin:$DOCTOR_PATH" bash -c "$(get unit-paths mend)"
tap_is 'unit-paths: the drop-ins that it names' "$(cat /etc/systemd/system/pam_traffic-{setup,reap}.service.d/paths.conf)" \
    '[Service]
ReadWritePaths=-/var/logs
[Service]
ReadWritePaths=-/var/logs'
printf 'state_dir = /srv/state\n' >"$TRAFFIC_CONFIG"
sick unit-paths fail
rm "$TRAFFIC_CONFIG"
rmdir /run/systemd/system

# who is not root sees what he may, and nothing of it is a failure of its own
world_in server setpriv --reuid 20001 --regid 20001 --clear-groups "$PAM_TRAFFIC_CLI" doctor --json >"$WORLD/out" 2>"$WORLD/err"
tap_is 'as alice: exit status' "$? $(cat "$WORLD/err")" '0 '
answers
tap_is 'as alice: no failure, some skipped' "$(jq -r .status "$WORLD/out" | sort -u | xargs)" 'pass skip'
tap_ok 'as alice: says what it needs' grep -q 'run pam_traffic doctor as root' <<<"$(get base-chains finding)"
tap_done
