#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package on a booted machine (tests/machine), as an admin has it: apt install, pam_traffic
# enable, a login, a reboot, a login, doctor has no complaint; then apt remove.
set -u
SOURCE=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
for noun in machine/lib/harness packaging/lib/package; do
    # shellcheck source=/dev/null
    . "$SOURCE/tests/$noun.sh"
done

# in place of README.md's way: the package, and what it depends on that this machine has not. Without apt's
# lists, reading which takes the emulated processor a minute.
disk_install() {
    local root=$1

    cp "$DEB" "$root/root/" && cp -L /etc/resolv.conf "$root/etc/" || return
    apt-config dump | sed -nE '/^Acquire::(http|https|Check-|Retries|ForceIPv)/p' >"$root/etc/apt/apt.conf.d/99host"
    chroot "$root" apt-get -q update &&
        chroot "$root" apt-get -q install -y --no-install-recommends --download-only "/root/${DEB##*/}" || return
    find "$root/var/cache/apt/archives" -name '*.deb' -exec mv -t "$root/root" {} +
    rm -rf "$root/etc/apt/apt.conf.d/99host" "$root"/var/lib/apt/lists/*
    chroot "$root" systemctl --quiet enable nftables.service
}

# a case: COMMAND succeeds in there; if not, what it says is shown
does() {
    local said

    if said=$(guest "{ $2; } 2>&1"); then
        tap_pass "$1"
    else
        tap_fail "$1" "$(tail -n 40 <<<"$said")"
    fi
}

apt() {
    does "apt $1" "DEBIAN_FRONTEND=noninteractive apt-get -q -y $1"
}

states() {
    guest 'systemctl is-enabled pam_traffic-setup.service pam_traffic-reap.timer; systemctl is-active pam_traffic-setup.service pam_traffic-reap.timer' | paste -sd ' '
}

# of iptables and nftables
rules() {
    guest '{ iptables-legacy-save; ip6tables-legacy-save; nft list ruleset; } | grep -c PAM_TRAFFIC'
}

one_login() {
    machine_address
    tap_ok "$1: login" guest_login true
    guest_exact "$1" "$MACHINE_CLIENT"
}

healthy() {
    tap_is "$1: units are enabled and active" "$(states)" 'enabled enabled active active'
    does "$1: pam_traffic doctor has no fail" 'pam_traffic doctor'
    tap_is "$1: no unit failed" "$(guest 'systemctl --failed --no-legend --plain; echo end')" end
}

machine_enter "$@"
package_deb || tap_bail 'the package could not be built'
base_make || tap_bail 'the base could not be made'
disk_make >"$WORK/disk.log" 2>&1 || tap_bail "the disk could not be made: $(tail -n 3 "$WORK/disk.log")"
machine_network || tap_bail 'the network could not be made'
machine_power_on
machine_up || tap_bail 'the machine does not boot'

apt 'install /root/*.deb'
tap_is 'nothing is started' "$(states)" 'disabled disabled inactive inactive'
tap_is 'nothing is in the kernel' "$(rules)" 0
does 'pam_traffic enable' 'pam_traffic enable'
one_login 'enabled'
healthy 'enabled'

tap_ok 'reboot' machine_reboot
machine_up || tap_bail 'the machine does not boot again'
tap_ok 'next boot: first login' guest_first_login
guest_exact 'next boot: first login' "$MACHINE_CLIENT"
healthy 'next boot'
tap_is 'the log has both boots' "$(guest_records 'map(select(.event == "stop" and .user == "alice") | .boot_id) | unique | length')" 2

apt 'install --reinstall /root/libpam-traffic*.deb'
healthy 'upgraded'

does 'pam_traffic disable' 'pam_traffic disable'
apt 'remove libpam-traffic'
tap_is 'no unit is left' "$(guest 'systemctl list-units --all --no-legend --plain "pam_traffic*"; find /etc/systemd -name "pam_traffic*"; echo end')" end
tap_is 'no rule is left' "$(rules)" 0
machine_address
tap_ok 'logins go on' guest_login true
tap_is 'the log stays' "$(guest_records 'map(select(.event == "stop" and .user == "alice")) | length')" 2
tap_is 'nothing else of it stays' "$(guest 'find / -xdev -name "pam_traffic*" ! -path "/proc/*" | sort | paste -sd " "')" \
    '/etc/logrotate.d/pam_traffic /var/log/pam_traffic'
tap_done
