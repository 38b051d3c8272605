#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package in a Debian as debootstrap makes it:  install.sh RELEASE
#
# Installed by apt with what it depends on; enabled; a real login through Debian's sshd, exact to the byte;
# removed: nothing stays but the log, and logrotate's file for it; removed while it is enabled and somebody is logged in:
# his session ends in the log, and the next installation is enabled; autopkgtest runs the package's own test; purged while
# logins come: nothing stays.
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
tap_is 'no library is missing' "$(root_in ldd /usr/bin/pam_traffic /usr/libexec/pam_traffic_{helper,worker} | grep 'not found')" ''
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
tap_is 'pam_traffic log shows it' "$(root_in pam_traffic log --csv | awk -F , 'NR == 2 { print $6, $10 }')" "alice $WORLD_CLIENT4"
does 'pam_traffic doctor has no fail' root_in pam_traffic doctor

does 'pam_traffic disable' root_in pam_traffic disable
rm "$ROOT/etc/cron.d/pam_traffic"
apt remove libpam-traffic
tap_is 'removal leaves nothing but the log, and the file that rotates it' "$(removed)" '/etc/logrotate.d/pam_traffic /var/log/pam_traffic'
tap_is 'nothing is left in the kernel' "$(kernel)" 0
tap_is 'the accounting of conntrack is off, as it was' "$(world_in server cat /proc/sys/net/netfilter/nf_conntrack_acct)" 0
tap_ok 'the log still has the login' grep -q '"event":"stop".*"user":"alice"' "$RECORDS_LOG"

# removed while somebody is logged in, and before it was disabled
apt install "$ROOT_DEB"
tap_is 'installed after disable: it is not enabled' "$(grep -l pam_traffic "$ROOT"/etc/pam.d/*)" ''
does 'pam_traffic enable, again' root_in pam_traffic enable
pam=$(cat "$ROOT/etc/pam.d/sshd")
: >"$RECORDS_LOG"
records_mark
# what client_hold waits for is not in this root
world_spawn client_ssh "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero; sleep 1000'
records_wait start 1
apt remove libpam-traffic
tap_is 'removed: the line is gone' "$(grep -l pam_traffic "$ROOT"/etc/pam.d/*)" ''
tap_is 'removed: who is logged in has ended in the log' \
    "$(records_jq 'map(select(.event == "stop"))[-1] | "\(.event) \(.user) \(.complete) \(.incomplete_cause) \(.terminate_cause) \(.duration) \(.in_bytes > 0)"')" \
    'stop alice false lost null null true'
tap_is 'removed: nothing is left in the kernel' "$(kernel)" 0
client_kill
tap_ok '... and logins go on' login
tap_is '... and leave nothing' "$(removed)" \
    '/etc/logrotate.d/pam_traffic /var/lib/pam_traffic.was-enabled /var/log/pam_traffic'
apt install "$ROOT_DEB"
tap_is 'installed again: it is enabled as it was' "$(cat "$ROOT/etc/pam.d/sshd")" "$pam"
: >"$RECORDS_LOG"
records_mark
tap_ok 'a login' login
tap_ok '... has its records' records_wait stop 1

# a line that enable did not write is the admin's own: it does not come back as another one
sed -i 's/^session.*pam_traffic.so.*/session required pam_traffic.so strict/' "$ROOT/etc/pam.d/sshd"
apt remove libpam-traffic
apt install "$ROOT_DEB"
tap_is 'strict: not put back without it' "$(grep -c pam_traffic "$ROOT/etc/pam.d/sshd")" 0

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

# a login may begin at any moment of it
does 'pam_traffic enable, once more' root_in pam_traffic enable
: >"$WORLD/logins"
world_spawn eval 'while [ -e "$WORLD/logins" ]; do login; done'
apt purge libpam-traffic
rm "$WORLD/logins"
wait "$WORLD_PID"
tap_is 'purged: the line is gone' "$(grep -l pam_traffic "$ROOT"/etc/pam.d/*)" ''
tap_is 'purged: nothing is left in the kernel' "$(kernel)" 0
tap_is 'nothing is left' "$(removed)" ''
tap_done
