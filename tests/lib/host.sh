# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What of the host would be seen in a world, and is taken away: a pam_traffic that is installed there, what its admin
# has set for sshd, logins and names, and the environment of whoever runs the test. The world's /etc is an overlay, its
# /var/lib and the helper's folder are full of links (world.sh): nothing here reaches the host.
#
#   host_forget_environment    (world_enter calls it, before the namespaces are made)
#   host_forget                (world_make calls it)

HOST_HERE='/etc/pam_traffic.conf /etc/pam_traffic.conf.d /etc/cron.d/pam_traffic /etc/logrotate.d/pam_traffic
    /var/lib/pam_traffic /var/lib/prometheus'
HOST_SETTINGS='/etc/nologin /etc/hosts.allow /etc/hosts.deny /etc/ssh/sshd_config.d /etc/ssh/ssh_config.d /etc/profile.d
    /etc/sudoers.d /etc/security/limits.d /etc/resolv.conf'

host_forget_environment() {
    local name

    for name in BASH_ENV ENV DISPLAY HOSTNAME POSIXLY_CORRECT LANG LANGUAGE TZ ${!LC_*} ${!SSH_*} ${!XDG_*} ${!TMUX*} \
        ${!PYTHON*} ${!DBUS_*}; do
        unset "$name"
    done
}

host_forget() {
    # shellcheck disable=SC2086  # lists
    rm -rf $HOST_HERE $HOST_SETTINGS "$PAM_TRAFFIC_HELPER_PATH" "$PAM_TRAFFIC_WORKER_PATH" \
        "${PAM_TRAFFIC_WORKER_PATH%/*}/pam_traffic_ledger" &&
        find /etc/systemd/system -name '*pam_traffic*' -exec rm -rf {} + 2>/dev/null
    sed -i '/pam_traffic/d' /etc/pam.d/* &&
        mkdir -p /etc/sudoers.d /etc/profile.d /etc/security/limits.d &&
        : >/etc/bash.bashrc &&
        : >/etc/environment &&
        printf '%s: files\n' passwd group shadow hosts networks protocols services >/etc/nsswitch.conf || return
    [ ! -e /usr/share/openssh/sshd_config ] || cp /usr/share/openssh/sshd_config /etc/ssh/
}
