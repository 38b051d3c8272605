#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The commands that pam_traffic doctor names, where the admin has more than the usual: another configuration, another
# log, a PAM file or a rotation of his own. Each is run once, acts on the configuration in force, and mends.
# shellcheck disable=SC2119  # doctor is asked without options here
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/doctor.sh
. "$HARNESS_LIB/doctor.sh"

CRON=/etc/cron.d/pam_traffic
ROTATION=/etc/logrotate.d/pam_traffic
OTHER=/etc/other.conf
PAM=/etc/pam.d/sshd

# elsewhere LOG    another name of the log
elsewhere() {
    printf 'log_file = %s\nstate_dir = %s\n' "$WORLD/elsewhere/$1" "$WORLD/elsewhere/state" >"$OTHER"
}

world_enter "$@"
[ -e "$PAM" ] || tap_skip_all 'this system has no file of sshd'
traffic_place
traffic_place_module
mkdir "$WORLD/bin" "$WORLD/elsewhere"
ln -s "$PAM_TRAFFIC_CLI" "$WORLD/bin/pam_traffic"
rm -f "$CRON" "$ROTATION"
cp "$PAM" "$WORLD/pam"
elsewhere log
DOCTOR_OPTIONS=(--config "$OTHER")

# another configuration
tap_is 'how to begin names the configuration' \
    "$(world_in server env -i "$PAM_TRAFFIC_CLI" doctor --config "$OTHER" | tail -n 1)" \
    "pam_traffic enable --config $OTHER && pam_traffic doctor --config $OTHER"
sick pam-line fail
mend pam-line
tap_is 'the line of PAM, too' "$(grep -c "pam_traffic.so conf=$OTHER$" "$PAM")" 1
printf '%s\n' "@reboot root $PAM_TRAFFIC_HELPER_PATH setup" "* * * * * root $PAM_TRAFFIC_HELPER_PATH reap" >"$CRON"
sick setup-unit warn "cron does not run pam_traffic_helper setup --config $OTHER" 1
rm "$CRON"
mend setup-unit
sick reap-timer fail "cron does not run pam_traffic_helper reap --config $OTHER"
mend reap-timer
tap_is 'the lines of cron, too' "$(cat "$CRON")" "@reboot root $PAM_TRAFFIC_HELPER_PATH setup --config $OTHER
* * * * * root $PAM_TRAFFIC_HELPER_PATH reap --config $OTHER"
cd /etc || tap_bail 'no /etc'
world_in server env -i "$PAM_TRAFFIC_CLI" doctor --json --config other.conf >"$WORLD/out"
answers
tap_is 'a relative path' "$(get reap-timer status)" pass
world_in server env -i "$PAM_TRAFFIC_CLI" doctor --json --config ../etc/./other.conf >"$WORLD/out"
answers
tap_is '... however it is spelt' "$(get reap-timer status) $(get pam-line status)" 'pass pass'
cd / || tap_bail 'no /'

# the log is another one than when it was enabled
rm "$ROTATION"
sick rotation warn 'grows without limit' 0
mend rotation
elsewhere second
sick rotation warn "no file of logrotate names $WORLD/elsewhere/second"
mend rotation
sed -i 's/rotate 24/rotate 3/' "$ROTATION"
elsewhere third
sick rotation warn "$ROTATION was edited"
mend rotation
tap_is '... and what was edited stays' "$(grep -c 'rotate 3' "$ROTATION") $(grep -c "^$WORLD/elsewhere/log $WORLD/elsewhere/second $WORLD/elsewhere/third {" "$ROTATION")" \
    '1 1'
mv /etc/logrotate.d "$WORLD/logrotate.d"
sick rotation warn 'logrotate is not installed'
tap_is '... what installs it' "$(get rotation mend | sed 's/^\(apt-get\|dnf\) //')" "install logrotate && pam_traffic enable --config $OTHER"
mv "$WORLD/logrotate.d" /etc/logrotate.d

mv "$WORLD/elsewhere/state" "$WORLD/elsewhere/aside"
: >"$WORLD/elsewhere/state"
sick state-folder fail 'is not a folder'
mend state-folder
rm -r "$WORLD/elsewhere/state"
mv "$WORLD/elsewhere/aside" "$WORLD/elsewhere/state"

# a line of PAM that stands in the wrong place, with the admin's own words
{
    grep -v pam_env.so "$WORLD/pam"
    printf '%s\n' 'session optional pam_env.so user_readenv=1' "session required pam_traffic.so strict conf=$OTHER"
} >"$PAM"
sick pam-line warn 'SSH_CONNECTION is then believed only'
tap_is 'what is printed for people is what is run' \
    "$(world_in server env -i PATH="$DOCTOR_PATH" "$PAM_TRAFFIC_CLI" doctor "${DOCTOR_OPTIONS[@]}" | sed '1,/^To fix it:$/d')" \
    "$(jq -r 'select(.mend) | "\(.check): \(.mend)"' "$WORLD/out")"
mend pam-line
tap_is '... his words stay' "$(grep -c "^session required pam_traffic.so strict conf=$OTHER$" "$PAM")" 1
# lines that are comments
for line in "session optional pam_traffic.so debug conf=$OTHER" 'session optional pam_traffic.so colour=green' 'was: pam_traffic.so'; do
    cp "$WORLD/pam" "$PAM"
    echo "# $line" >>"$PAM"
    sick pam-line fail 'no line with pam_traffic.so'
    mend pam-line
done
# a file that enable does not change
{
    cat "$WORLD/pam"
    printf 'session required \\\n pam_unix.so\n'
} >"$PAM"
sick pam-line fail 'line [0-9]*: pam_traffic does not understand this line; put the line of pam_traffic in by hand'
tap_is '... no command puts it in' "$(get pam-line mend)" "editor $PAM"
cp "$WORLD/pam" "$PAM"

# the room for another log
mkdir "$WORLD/small"
mount -t tmpfs -o size=4M tmpfs "$WORLD/small"
mkdir "$WORLD/small/logs"
printf 'log_file = %s\n' "$WORLD/small/logs/log" >"$OTHER"
head -c 3500000 /dev/zero >"$WORLD/small/others"
sick disk-space fail "the file system of $WORLD/small/logs is full"
tap_is 'disk-space: what is large where the log is' \
    "$(world_in server env -i PATH="$DOCTOR_PATH" bash -c "$(get disk-space mend)" 2>&1 | awk '{ print $2 }' | sort | xargs)" \
    "$WORLD/small $WORLD/small/logs $WORLD/small/others"
umount "$WORLD/small"
mount -t tmpfs -o size=400M,nr_inodes=20 tmpfs "$WORLD/small"
mkdir "$WORLD/small/logs" "$WORLD/small/many"
for ((i = 0; i < 30; i++)); do
    : >"$WORLD/small/many/$i"
done 2>/dev/null
sick disk-space fail 'no free inodes'
tap_is 'disk-space: where the inodes are' \
    "$(world_in server env -i PATH="$DOCTOR_PATH" bash -c "$(get disk-space mend)" 2>&1 | grep -c "^1[0-9].*$WORLD/small/many$")" 1
umount "$WORLD/small"

# the units, which are made for the usual configuration and the usual places: systemctl tells of the drop-ins
elsewhere log
mkdir -p /run/systemd/system
cat >"$WORLD/fake" <<END
#!/bin/sh
value() {
    cat /etc/systemd/system/pam_traffic-reap.service.d/*.conf 2>/dev/null | sed -n "s/^\$1=//p"
}
case \$* in
*ReadWritePaths*) value ReadWritePaths ;;
*ExecStart*) echo "{ path=$PAM_TRAFFIC_HELPER_PATH ; argv[]=\$(value ExecStart) ; ignore_errors=no }" ;;
*NTPSynchronized*) echo no ;;
*NTP*) printf 'CanNTP=yes\nNTP=%s\n' "\$(cat $WORLD/ntp)" ;;
*'show --no-pager'*) printf 'LoadState=loaded\nUnitFileState=enabled\nActiveState=active\nResult=success\n' ;;
esac
END
chmod 755 "$WORLD/fake"
mount --bind "$WORLD/fake" "$(readlink -f "$(type -P systemctl)")"
mount --bind "$WORLD/fake" "$(readlink -f "$(type -P timedatectl)")"
echo no >"$WORLD/ntp"
sick unit-paths fail "the systemd units do not use $OTHER"
mend unit-paths
tap_is 'unit-paths: log, state and configuration in one go' "$(cat /etc/systemd/system/pam_traffic-*.service.d/paths.conf)" "$(for unit in reap setup; do
    printf '%s\n' '[Service]' "ReadWritePaths=-$WORLD/elsewhere -$WORLD/elsewhere/state" ExecStart= \
        "ExecStart=$PAM_TRAFFIC_HELPER_PATH $unit --config $OTHER"
done)"
printf 'log_file = %s\nstate_dir = /srv/state\n' "$WORLD/elsewhere/log" >"$OTHER"
sick unit-paths fail 'may not write to /srv/state'
mend unit-paths
tap_is 'clock: nothing sets it yet' "$(get clock mend)" 'timedatectl set-ntp true'
echo yes >"$WORLD/ntp"
sick clock warn 'has not reached a server yet' 1
tap_is 'clock: no command mends that' "$(get clock mend)" null
tap_done
