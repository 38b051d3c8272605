#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package in a Debian as debootstrap makes it:  install.sh RELEASE
#
# Installed by apt with what it depends on; enabled; a real login through Debian's sshd, exact to the byte;
# removed: nothing stays but the log, and logrotate's file for it; removed with the PAM line still there: logins go on;
# purged: nothing stays; autopkgtest runs the package's own test.
set -u
# shellcheck source=lib/harness.sh
. "$(dirname "$0")/lib/harness.sh"
root_enter "$1" "$@"

removed() {
    comm -13 "$WORLD/before" <(root_files) | paste -sd ' '
}

kernel() {
    {
        world_in server iptables-legacy-save
        world_in server ip6tables-legacy-save
        world_in server nft list ruleset
    } 2>/dev/null | grep -ci pam_traffic
}

# a case: COMMAND succeeds; if not, what it says is shown
does() {
    local name=$1 said

    shift
    if said=$("$@" 2>&1); then
        tap_pass "$name"
    else
        tap_fail "$name" "$(tail -n 60 <<<"$said")"
    fi
    printf '%s\n' "$said" >>"$ROOT_LOG"
}

apt() {
    does "apt $*" root_in apt-get -q -y "$@"
}

login() {
    client_ssh "alice@$WORLD_SERVER4" true
}

root_files >"$WORLD/before"
apt install "$ROOT_DEB"
tap_is 'it is installed' "$(root_in dpkg-query -W -f "\${db:Status-Abbrev}" libpam-traffic)" 'ii '
tap_is 'the PAM line is the admin'"'"'s: none yet' "$(grep -l pam_traffic "$ROOT"/etc/pam.d/*)" ''
tap_is 'the kernel has nothing of it yet' "$(kernel)" 0
tap_is 'no library is missing' "$(root_in ldd /usr/sbin/pam_traffic /usr/libexec/pam_traffic_{helper,worker} | grep 'not found')" ''
does 'pam_traffic enable' root_in pam_traffic enable
# there is no systemd: cron does it
tap_ok 'the lines for cron are among the examples' root_in install -D -m 644 \
    /usr/share/doc/libpam-traffic/examples/cron.d-pam_traffic /etc/cron.d/pam_traffic
tap_is 'the line is there, once' "$(grep -c '^session.*pam_traffic\.so' "$ROOT/etc/pam.d/sshd")" 1

rules_snapshot
yardstick_watch "$WORLD_CLIENT4"
root_sshd
case_begin 'first login'
tap_ok 'login' login
case_end user=alice service=sshd auth_method=publickey
tap_is 'pam_traffic log shows it' "$(root_in pam_traffic log --noheadings | awk '{ print $3, $5 }')" "alice $WORLD_CLIENT4"
does 'pam_traffic doctor has no fail' root_in pam_traffic doctor

does 'pam_traffic disable' root_in pam_traffic disable
rm "$ROOT/etc/cron.d/pam_traffic"
apt remove libpam-traffic
tap_is 'removal leaves nothing but the log, and the file that rotates it' "$(removed)" '/etc/logrotate.d/pam_traffic /var/log/pam_traffic'
tap_is 'nothing is left in the kernel' "$(kernel)" 0
tap_is 'the accounting of conntrack is off, as it was' "$(world_in server cat /proc/sys/net/netfilter/nf_conntrack_acct)" 0
tap_ok 'the log still has the login' grep -q '"event":"stop".*"user":"alice"' "$RECORDS_LOG"

apt install "$ROOT_DEB"
does 'pam_traffic enable, again' root_in pam_traffic enable
apt remove libpam-traffic
tap_ok 'removed with the line still there: it says so' grep -q 'pam_traffic.so is still named in /etc/pam.d/sshd' "$ROOT_LOG"
syslog_mark
tap_ok '... and logins go on' login
tap_ok '... and each logs an error' syslog_wait 'PAM.*pam_traffic.so'
tap_diag "$(syslog_since | grep PAM)"
sed -i '/pam_traffic/d' "$ROOT/etc/pam.d/sshd"

# as Debian runs it; this root is all the isolation that there is, and there is enough of it
autopkgtest_run() {
    local tree=$WORLD/tree

    mkdir "$tree" && "$SOURCE/packaging/export" tree/ | tar -C "$WORLD" -x && cp -r "$tree/packaging/debian" "$tree/debian" || return
    world_in server autopkgtest --no-built-binaries --ignore-restrictions=isolation-container \
        --summary-file="$WORLD/summary" "$tree" "$ROOT${ROOT_DEB}" -- chroot "$ROOT" \
        2>&1
}

does 'autopkgtest' autopkgtest_run
tap_is 'its test ran, and passed' "$(sed 's/  */ /' "$WORLD/summary")" 'login PASS'

apt purge libpam-traffic
tap_is 'nothing is left' "$(removed)" ''
tap_done
