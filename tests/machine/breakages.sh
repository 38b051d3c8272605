#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the machine: breaks what an admin, an upgrade or an attacker can break, one after the other, and does what `pam_traffic
# doctor` says. For each it prints NAME, what the check said when it was broken, what it says after the command, and the
# command, with tabs between.
set -u

AFTER=
LOG=/var/log/pam_traffic
STATE=/var/lib/pam_traffic
PAM=/etc/pam.d/sshd
MODULE=$(find /usr/lib/*/security /usr/lib64/security -name pam_traffic.so 2>/dev/null | head -n 1)
HELPER=/usr/libexec/pam_traffic_helper

# the admin who is told to edit a file corrects the line
printf '%s\n' '#!/bin/sh' "exec sed -i /nonsense/d \"\$1\"" >/usr/local/bin/editor
chmod 755 /usr/local/bin/editor

said() {
    pam_traffic doctor --json | jq -r --arg check "$1" --arg key "$2" 'select(.check == $check)[$key]'
}

# breakage NAME CHECK COMMAND...: COMMAND breaks it
breakage() {
    local name=$1 check=$2 before mend

    shift 2
    "$@" >/dev/null 2>&1
    # as the admin reads it
    pam_traffic doctor >/run/doctor
    before=$(awk -v check="$check" '$2 == check { print $1 }' /run/doctor)
    mend=$(sed -n "s/^$check: //p; 1,/^Logins are not recorded. To begin:/!p" /run/doctor | head -n 1)
    DEBIAN_FRONTEND=noninteractive bash -c "yes | { $mend
    }" >/run/mend 2>&1
    eval "$AFTER"
    printf '%s\t%s\t%s\t%s\n' "$name" "$before" "$(said "$check" status)" "$mend"
}

flush() {
    iptables-legacy -t mangle -F
    ip6tables-legacy -t mangle -F
}

fill() {
    fallocate -l "$(stat -f -c '%a %S' /var/log | awk '{ print $1 * $2 - 1000000 }')" /var/filler
    cat /dev/zero >/var/filler.2
}

breakage 'the line is gone' pam-line sed -i /pam_traffic/d $PAM
breakage 'the line is a comment' pam-line sed -i 's/^session.*pam_traffic/# &/' $PAM
breakage 'a second line' pam-line sed -i '$a session optional pam_traffic.so' $PAM
breakage 'UsePAM no' use-pam sed -i '1i UsePAM no' /etc/ssh/sshd_config
breakage 'the module is gone' module rm "$MODULE"
breakage 'users may change the module' module chmod o+w "$MODULE"
breakage 'the helper does not run' helper chmod a-x $HELPER
breakage 'the worker is another user'"'"'s' worker chown alice /usr/libexec/pam_traffic_worker
# a reap would put them back before the doctor looks
systemctl stop pam_traffic-reap.timer pam_traffic-reap.service
breakage 'rules are deleted' base-chains iptables-legacy -t mangle -D OUTPUT -j PAM_TRAFFIC_OUT
breakage 'all rules are flushed' base-chains flush
breakage 'accounting is off' accounting sysctl -qw net.netfilter.nf_conntrack_acct=0
systemctl start pam_traffic-reap.timer
breakage 'setup is disabled' setup-unit systemctl disable --now pam_traffic-setup.service
breakage 'setup is masked' setup-unit systemctl mask --now pam_traffic-setup.service
breakage 'the timer is stopped' reap-timer systemctl stop pam_traffic-reap.timer
breakage 'the timer is disabled' reap-timer systemctl disable pam_traffic-reap.timer
breakage 'the timer is masked' reap-timer systemctl mask --now pam_traffic-reap.timer
breakage 'a typo in the configuration' configuration bash -c 'echo "linger = nonsense" >>/etc/pam_traffic.conf'
mkdir -p /etc/pam_traffic.conf.d
rm /etc/pam_traffic.conf
breakage 'a typo in a drop-in' configuration bash -c 'echo "nonsense = 5" >/etc/pam_traffic.conf.d/site.conf'
rm -r /etc/pam_traffic.conf.d
breakage 'users see the state' state-folder chmod 755 $STATE
# the reap makes it anew, and what was in it is lost
mark=$(cat $STATE/enabled)
systemctl stop pam_traffic-reap.timer pam_traffic-reap.service
breakage 'the state is gone' state-folder rm -rf $STATE
pam_traffic enable >/dev/null
[ -e $STATE/enabled ] || echo "no mark since when logins are recorded (before: $mark)" >&2
systemctl start pam_traffic-reap.timer
breakage 'users may write the log' log chmod 666 $LOG
breakage 'the log cannot be changed' log chattr +i $LOG
breakage 'the log is a folder' log bash -c "mv $LOG $LOG.kept && mkdir $LOG"
rmdir $LOG.aside 2>/dev/null
cat $LOG >>$LOG.kept 2>/dev/null
mv $LOG.kept $LOG
breakage 'nobody rotates the log' rotation rm /etc/logrotate.d/pam_traffic
# what is large is shown; the admin removes it
AFTER='rm -f /var/filler /var/filler.2'
breakage 'the disk is full' disk-space fill
